begin;
select plan(5);

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
set circuit_state = 'open', circuit_opened_at = now(), circuit_retry_at = clock_timestamp() + interval '20 seconds'
from public.agents where agents.id = agent_id and agents.name = 'droid';

select tests.refused(
  $$ select pg_temp.begin('eve', '{"model": "gpt-4o"}') $$, 503, 'circuit_open', 'a call to the agent is refused'
);
create function pg_temp.data()
returns jsonb
language plpgsql
as $$
declare
  hint text;
begin
  perform pg_temp.begin('eve', '{"model": "gpt-4o"}');
  return null;
exception when sqlstate 'PT503' then
  get stacked diagnostics hint = pg_exception_hint;
  return tests.error_data(hint);
end
$$;
select is(
  (select (data ->> 'retry_after_ms')::integer between 19000 and 20000 from pg_temp.data() as data), true,
  'and told when to come back'
);
update public.agent_health
set circuit_state = 'half_open', circuit_retry_at = clock_timestamp() + interval '900 milliseconds'
where circuit_state = 'open';
select is((select data ->> 'retry_after_ms' from pg_temp.data() as data), '1000', 'in a second at the soonest');
select is_empty('select id from public.ai_interactions', 'nothing was begun');
select isnt(pg_temp.begin('eve', '{"model": "gemini-1.5-pro"}') ->> 'turn_id', null, 'other agents go on');

select * from finish();
rollback;
