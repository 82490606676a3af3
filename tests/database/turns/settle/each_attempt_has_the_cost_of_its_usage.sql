begin;
select plan(6);

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
insert into public.budgets (organization_id, period, limit_usd)
select current_organization_id, 'day', 100 from public.profiles where id = tests.id('eve');
create temporary table answers as select pg_temp.begin('eve', '{"model": "gpt-4o", "max_output_tokens": 1000}') as turn;
select pg_temp.settle(turn, '{
  "state": "succeeded", "content": "a", "vendor_id": "openrouter", "service_id": "openrouter_gpt4o",
  "usage": {"input_tokens": 100, "output_tokens": 10},
  "attempts": [
    {"attempt": 1, "vendor_id": "openrouter", "service_id": "openrouter_gpt4o", "status": "failed", "usage": null,
      "started_at": "2026-01-01T00:00:00Z"},
    {"attempt": 2, "vendor_id": "openrouter", "service_id": "openrouter_gpt4o", "status": "failed", "usage": null,
      "usage_is_unknown": true, "started_at": "2026-01-01T00:00:00Z"},
    {"attempt": 3, "vendor_id": "openrouter", "service_id": "openrouter_gpt4_turbo", "status": "failed",
      "usage": {"input_tokens": 5, "output_tokens": 1}, "started_at": "2026-01-01T00:00:00Z"},
    {"attempt": 4, "vendor_id": "openrouter", "service_id": "openrouter_gpt4o", "status": "succeeded",
      "usage": {"input_tokens": 100, "output_tokens": 10}, "started_at": "2026-01-01T00:00:00Z"}
  ]
}') from answers;

select results_eq(
  $$
    select attempt, input_tokens, output_tokens, usage_is_estimated, total_cost from public.agent_executions order by attempt
  $$,
  $$
    values
      (1, 0::bigint, 0::bigint, false, 0::numeric(20, 10)), (2, 9, 1000, true, 0.0100225),
      (3, 5, 1, false, 0.00008), (4, 100, 10, false, 0.00035)
  $$,
  'nothing, what it may have sold, or what it says'
);
select results_eq(
  $$
    select input_tokens, output_tokens, usage_is_estimated, total_cost, (select spent_usd from public.budgets)
    from public.ai_interactions
  $$,
  $$ values (114::bigint, 1011::bigint, true, 0.0104525::numeric(20, 10), 0.0104525::numeric(20, 10)) $$,
  'the turn costs their sum'
);
select results_eq(
  $$ select role, tokens_in, tokens_out from public.chat_messages where role = 'assistant' $$,
  $$ values ('assistant', 100, 10) $$, 'the answer has its own tokens'
);
select is_empty('select id from private.running_turns', 'and nothing of its beginning is kept');

select public.correct_chat_turn((turn ->> 'turn_id')::uuid, '{"usage": {"input_tokens": 8, "output_tokens": 0}}') from answers;
select results_eq(
  'select total_cost, usage_is_estimated, (select spent_usd from public.budgets) from public.ai_interactions',
  $$ values (0.00045::numeric(20, 10), false, 0.00045::numeric(20, 10)) $$, 'an estimate is put right by itself'
);
update public.service_prices set input_rate = 5 where service_id = 'openrouter_gpt4o';
select results_eq(
  $$ select old_cost, new_cost from public.reprice_interactions(tstzrange(now() - interval '1 hour', null)) $$,
  $$ values (0.00045::numeric, 0.00072::numeric) $$, 'and each is priced again at its own price'
);

select * from finish();
rollback;
