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
insert into public.budgets (organization_id, period, limit_usd)
select current_organization_id, 'day', 100 from public.profiles where id = tests.id('eve');
create temporary table answers as select pg_temp.begin('eve', '{"model": "gpt-4o"}') as turn;
select public.sweep_chat_turns('infinity');

select results_eq(
  'select total_cost, usage_is_estimated, input_tokens, output_tokens from public.ai_interactions',
  'values (0.1638625::numeric(20, 10), true, 9::bigint, 16384::bigint)', 'the prompt, and the longest answer that was reserved'
);
select results_eq(
  'select spent_usd, reserved_usd from public.budgets', 'values (0.1638625::numeric(20, 10), 0::numeric(20, 10))',
  'it is charged, and nothing stays reserved'
);
select is_empty(
  $$ select * from public.reprice_interactions(tstzrange(now() - interval '1 hour', null)) $$, 'prices say nothing about it'
);
select is(
  (
    select public.correct_chat_turn(
      (turn ->> 'turn_id')::uuid, '{"usage": {"input_tokens": 1000, "output_tokens": 100}}'
    ) from answers
  ),
  '{"corrected": true, "total_cost": "0.0035000000"}', 'an operator with the vendor''s bill corrects it'
);
select results_eq(
  $$
    select turn_state, total_cost, usage_is_estimated, (select spent_usd from public.budgets) from public.ai_interactions
  $$,
  $$ values ('failed', 0.0035::numeric(20, 10), false, 0.0035::numeric(20, 10)) $$, 'then the budget follows'
);

select * from finish();
rollback;
