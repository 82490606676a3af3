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
create function pg_temp.settle(turn jsonb, outcome jsonb)
returns jsonb
language sql
as $$ select public.settle_chat_turn((turn ->> 'turn_id')::uuid, outcome) $$;
create temporary table answers as select pg_temp.begin('eve', '{"model": "gpt-4o"}') as turn;
select is(
  pg_temp.settle(turn, '{
    "state": "failed", "content": "half an ans", "latency_ms": 50,
    "error": {"code": "upstream_error", "message": "It broke."}
  }'),
  '{"settled": true, "total_cost": "0.0000000000"}'::jsonb, 'a failure without a report of tokens costs nothing'
)
from answers;
select results_eq(
  $$
    select turn_state, status, error_code, error_message, total_cost, cost_breakdown, price_id, input_tokens
    from public.ai_interactions
  $$,
  $$
    values (
      'failed', 'completed', 'upstream_error', 'It broke.', 0::numeric(20, 10), '{}'::jsonb, null::uuid, 0::bigint
    )
  $$,
  'the ledger says why'
);
select results_eq(
  'select role, content, status from public.chat_messages order by seq',
  $$ values ('user', 'hi', 'error'), ('assistant', 'half an ans', 'error') $$,
  'what was said is kept, and marked'
);
select is(
  (select public.conversation_history(sessions) from public.chat_sessions sessions), '[]'::jsonb,
  'so that the next turn does not see it'
);
select is(
  (
    select pg_temp.begin('eve', jsonb_build_object('model', 'gpt-4o', 'session_id', turn ->> 'session_id')) -> 'messages'
    from answers
  ),
  '[{"role": "user", "content": "hi"}]'::jsonb, 'and may ask the same again'
);

select * from finish();
rollback;
