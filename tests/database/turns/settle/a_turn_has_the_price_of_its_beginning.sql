begin;
select plan(1);

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
create function pg_temp.settle(turn jsonb, outcome jsonb)
returns jsonb
language sql
as $$ select public.settle_chat_turn((turn ->> 'turn_id')::uuid, outcome) $$;
create temporary table answers as select pg_temp.begin('eve', '{"model": "gpt-4o"}') as turn;
update public.ai_interactions set started_at = now() - interval '1 hour';
update public.service_prices set valid_during = tstzrange(lower(valid_during), now() - interval '30 minutes')
where service_id = 'openrouter_gpt4o';
insert into public.service_prices (service_id, valid_during, input_rate)
values ('openrouter_gpt4o', tstzrange(now() - interval '30 minutes', null), 1000);

select is(
  pg_temp.settle(
    turn, '{"state": "succeeded", "content": "a", "usage": {"input_tokens": 1000000, "output_tokens": 0}}'
  ) ->> 'total_cost',
  '2.5000000000', 'a price that changes while the answer is made changes nothing'
)
from answers;

select * from finish();
rollback;
