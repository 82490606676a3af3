begin;
select plan(2);

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
delete from public.chat_sessions;
select is(
  pg_temp.settle(
    turn, '{"state": "succeeded", "content": "late", "usage": {"input_tokens": 100, "output_tokens": 10}}'
  ),
  '{"settled": true, "total_cost": "0.0003500000"}'::jsonb, 'the turn is settled and paid'
)
from answers;
select is_empty('select id from public.chat_messages', 'and what was said is not brought back');

select * from finish();
rollback;
