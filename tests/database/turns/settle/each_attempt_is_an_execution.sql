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
select pg_temp.settle(turn, jsonb_build_object(
  'state', 'succeeded', 'content', 'a', 'attempts', jsonb_build_array(
    jsonb_build_object(
      'attempt', 1, 'vendor_id', 'openrouter', 'service_id', 'openrouter_gpt4o', 'status', 'failed',
      'upstream_status', 503, 'error_code', 'upstream_error', 'error_message', repeat('x', 3000), 'first_byte_ms', null,
      'latency_ms', 1500, 'started_at', '2026-01-01T00:00:00Z', 'counts_against_agent', true
    ),
    jsonb_build_object(
      'attempt', 2, 'agent_id', null, 'vendor_id', 'openai', 'service_id', null, 'status', 'succeeded',
      'upstream_status', 200, 'first_byte_ms', 80, 'latency_ms', 250, 'started_at', '2026-01-01T00:00:02Z'
    ),
    jsonb_build_object('attempt', 3, 'status', 'failed', 'started_at', '2026-01-01T00:00:03Z')
  )
))
from answers;

select results_eq(
  $$
    select attempt, executions.agent_id = (turn #>> '{agent,id}')::uuid, vendor_id, service_id, status, upstream_status,
      counts_against_agent, error_code, char_length(error_message), first_byte_ms, latency_ms, started_at,
      completed_at - started_at
    from public.agent_executions executions, answers order by attempt
  $$,
  $$
    values
      (1, true, 'openrouter', 'openrouter_gpt4o', 'failed', 503, true, 'upstream_error', 2000, null::integer, 1500,
        timestamptz '2026-01-01 00:00:00+00', interval '1.5 seconds'),
      (2, null, 'openai', null, 'succeeded', 200, false, null, null, 80, 250, '2026-01-01 00:00:02+00', '0.25 seconds'),
      (3, true, null, null, 'failed', null, false, null, null, null, null, '2026-01-01 00:00:03+00', '0 seconds')
  $$,
  'in order, each with what came of it; the agent is the turn''s, unless the attempt says that it had none'
);

select * from finish();
rollback;
