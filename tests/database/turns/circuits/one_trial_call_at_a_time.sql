begin;
select plan(3);

create function pg_temp.begin(person text, request jsonb)
returns jsonb
language sql
as $$
  select public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id(person)),
    jsonb_build_object('request_id', gen_random_uuid(), 'messages', '[{"role": "user", "content": "hi"}]'::jsonb)
      || request
  )
$$;
update public.agent_health
set circuit_state = 'open', circuit_opened_at = now() - interval '1 minute', circuit_retry_at = clock_timestamp()
from public.agents where agents.id = agent_id and agents.name = 'droid';

create temporary table answers as select pg_temp.begin('eve', '{"model": "gpt-4o"}') as turn;
select results_eq(
  $$
    select circuit_state, extract(epoch from circuit_retry_at - clock_timestamp()) between 55 and 60
    from public.agent_health join public.agents on agents.id = agent_id where agents.name = 'droid'
  $$,
  $$ values ('half_open', true) $$, 'the first call after the wait is let through'
);
select tests.refused(
  $$ select pg_temp.begin('bob', '{"model": "gpt-4o"}') $$, 503, 'circuit_open', 'and no second one beside it'
);
update public.agent_health set circuit_retry_at = clock_timestamp() - interval '1 second' where circuit_state = 'half_open';
select isnt(
  pg_temp.begin('bob', '{"model": "gpt-4o"}') ->> 'turn_id', null, 'until a minute has gone without word from the first'
);

select * from finish();
rollback;
