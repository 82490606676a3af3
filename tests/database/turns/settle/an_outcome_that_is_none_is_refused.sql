begin;
select plan(4);

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
create temporary table answers as select pg_temp.begin('eve', '{"model": "gpt-4o"}') as turn;
grant select on answers to public;
select tests.breaks(
  format('select public.settle_chat_turn(%L, %L)', turn ->> 'turn_id', outcome), rule, outcome || ' is refused'
)
from answers, (values
  ('{"state": "done"}', 'turn_state_is_known'),
  ('{"state": "running"}', 'turn_state_is_known'),
  ('{}', 'only_a_turn_has_a_state')
) as outcomes (outcome, rule);
select is((select turn_state from tests.turns), 'running', 'and the turn is still open');

select * from finish();
rollback;
