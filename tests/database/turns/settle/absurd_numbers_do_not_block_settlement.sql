begin;
select plan(32);

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
create function pg_temp.settled(outcome jsonb)
returns public.ai_interactions
language plpgsql
as $$
declare
  turn jsonb := pg_temp.begin('eve', '{"model": "gpt-4o"}');
begin
  perform pg_temp.settle(turn, '{"state": "succeeded", "content": "a"}'::jsonb || outcome);
  return (select i from public.ai_interactions i where i.id = (turn ->> 'turn_id')::uuid);
end
$$;

select results_eq(
  format(
    'select (s).turn_state, (s).provider_cost from (select pg_temp.settled(%L) as s) x',
    jsonb_build_object('usage', '{"input_tokens": 1, "output_tokens": 1}'::jsonb, 'provider_cost', cost)
  ),
  format('values (''succeeded'', %L::numeric(20, 10))', kept),
  coalesce(cost, 'null') || ' is settled'
)
from (values
  ('0', 0::numeric), ('0.5', 0.5), ('1e-7', 0.0000001), ('1E3', 1000), ('1000000000', 1000000000),
  ('1e10', null), ('1e21', null), ('1e999', null), ('NaN', null), ('Infinity', null), ('-1', null), ('a', null), ('', null),
  ('1e99999999999', null), (repeat('9', 1000), null)
) as costs (cost, kept);

select results_eq(
  format(
    'select (s).turn_state, (s).%I from (select pg_temp.settled(%L) as s) x', field,
    jsonb_build_object('usage', '{"input_tokens": 1, "output_tokens": 1}'::jsonb || jsonb_build_object(field, value::jsonb))
  ),
  format('values (''succeeded'', %s::bigint)', kept), field || ' of ' || value || ' is settled'
)
from (values
  ('input_tokens', '1e30', 1000000000), ('output_tokens', '2147483648', 1000000000), ('input_tokens', '-1', 0),
  ('cached_input_tokens', '1e21', 1000000000), ('cache_write_tokens', '-5', 0), ('reasoning_tokens', '99999999999', 1000000000),
  ('output_tokens', '"1e5"', 0), ('output_tokens', '1.5', 1), ('input_tokens', 'null', 0), ('input_tokens', '[]', 0),
  ('output_tokens', '{}', 0), ('reasoning_tokens', 'true', 0)
) as counts (field, value, kept);

select is((pg_temp.settled(jsonb_build_object('model_used', said))).model_name, 'openai/gpt-4o', 'nor is a name that is none')
from unnest(array[E'a\nb', repeat('a', 256)]) as said;
select is((pg_temp.settled('{"model_used": "gpt-4o-2024"}')).model_name, 'gpt-4o-2024', 'one that is one is kept');

create temporary table answers as select pg_temp.begin('eve', '{"model": "gpt-4o"}') as turn;
select public.sweep_chat_turns('infinity');
select is(
  public.correct_chat_turn(
    (turn ->> 'turn_id')::uuid, '{"usage": {"input_tokens": 1e30, "output_tokens": -1}, "provider_cost": "1e30"}'
  ) ->> 'total_cost',
  '2500.0000000000', 'a correction, too'
)
from answers;
select results_eq(
  $$ select input_tokens, output_tokens, provider_cost from public.ai_interactions where error_code = 'abandoned' $$,
  'values (1000000000::bigint, 0::bigint, null::numeric(20, 10))', 'keeps what can be kept'
);

select * from finish();
rollback;
