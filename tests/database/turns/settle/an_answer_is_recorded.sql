begin;
select plan(7);

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
select is(
  pg_temp.settle(turn, '{
    "state": "succeeded", "content": "Hello.", "finish_reason": "stop", "model_used": "openai/gpt-4o-2024-08-06",
    "usage": {
      "input_tokens": 1000, "output_tokens": 200, "cached_input_tokens": 400, "cache_write_tokens": 0,
      "reasoning_tokens": 50, "estimated": false
    },
    "provider_cost": "0.0041", "latency_ms": 900, "first_token_ms": 120
  }'),
  '{"settled": true, "total_cost": "0.0040000000"}'::jsonb, 'the answer is what it cost'
)
from answers;

select results_eq(
  $$
    select turn_state, status, ended_at >= started_at, model_name, finish_reason, input_tokens,
      output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens, usage_is_estimated, latency_ms,
      first_token_ms, error_code, duration_minutes
    from public.ai_interactions
  $$,
  $$
    values (
      'succeeded', 'completed', true, 'openai/gpt-4o-2024-08-06', 'stop', 1000::bigint, 200::bigint,
      400::bigint, 0::bigint, 50::bigint, false, 900, 120, null::text, 0
    )
  $$,
  'the ledger has what the upstream said'
);
-- 600 at 2.50, 400 at 1.25, 150 and 50 at 10 dollars per million.
select results_eq(
  'select total_cost, cost_breakdown, provider_cost from public.ai_interactions',
  $$
    values (
      0.0040000000::numeric(20, 10),
      '{"input": 0.0015, "cached_input": 0.0005, "output": 0.0015, "reasoning": 0.0005}'::jsonb, 0.0041::numeric(20, 10)
    )
  $$,
  'its cost is ours, per class of tokens, and the vendor''s own figure stands beside it'
);
select is(
  (select price_id from public.ai_interactions), (select (private.price_at('openrouter_gpt4o', now(), 1000)).id),
  'with the price that made it'
);
select results_eq(
  $$
    select role, content, finish_reason, status, tokens_in, tokens_out, tokens_used, latency_ms, model_used,
      interaction_id = (select id from public.ai_interactions)
    from public.chat_messages order by seq desc limit 1
  $$,
  $$ values ('assistant', 'Hello.', 'stop', 'complete', 1000, 200, 1200, 900, 'openai/gpt-4o-2024-08-06', true) $$,
  'the conversation has the answer'
);
select results_eq(
  'select message_count from public.chat_sessions', 'values (2)', 'and counts it'
);
select is_empty('select id from private.running_turns', 'the turn runs no longer');

select * from finish();
rollback;
