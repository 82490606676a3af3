begin;
select plan(4);

insert into public.user_api_keys (id, user_id, vendor_id, encrypted_key, key_preview) values
  ('40000000-0000-4000-8000-000000000001', tests.id('alice'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'aaaa'),
  ('40000000-0000-4000-8000-000000000002', tests.id('alice'), 'openai', 'v1:k1:BBBBBBBBBBBBBBBB:BBBBBBBBBBBBBBBBBBBBBBBB', 'bbbb');
create temporary table begun as
select public.begin_chat_turn(
  jsonb_build_object('user_id', tests.id('alice')),
  '{"model": "openai/gpt-4o", "messages": [{"role": "user", "content": "hello"}]}'
) as turn;
select is(jsonb_array_length(turn -> 'routes' -> 0 -> 'keys'), 2, 'both keys come with the route') from begun;

select public.settle_chat_turn((turn ->> 'turn_id')::uuid, '{
  "state": "succeeded", "content": "hi", "vendor_id": "openai", "service_id": "openai_gpt4o", "latency_ms": 5,
  "usage": {"input_tokens": 1, "output_tokens": 1},
  "attempts": [
    {"attempt": 1, "vendor_id": "openai", "api_key_id": "40000000-0000-4000-8000-000000000002", "status": "failed", "started_at": "2026-01-01T00:00:00Z"},
    {"attempt": 2, "vendor_id": "openai", "api_key_id": "40000000-0000-4000-8000-000000000001", "status": "succeeded", "started_at": "2026-01-01T00:00:01Z"}
  ],
  "keys": [
    {"id": "40000000-0000-4000-8000-000000000002", "encrypted_key": "v1:k1:BBBBBBBBBBBBBBBB:BBBBBBBBBBBBBBBBBBBBBBBB", "event": "rejected", "problem": "The vendor rejects it."},
    {"id": "40000000-0000-4000-8000-000000000001", "encrypted_key": "v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA", "event": "worked"}
  ]
}')
from begun;
select results_eq(
  'select key_preview, is_active, last_error, last_used_at is not null from public.user_api_keys order by key_preview',
  $$ values ('aaaa', true, null, true), ('bbbb', false, 'The vendor rejects it.', false) $$,
  'the key that worked was used, the one that was refused is out of use'
);
select results_eq(
  'select attempt, right(api_key_id::text, 1) from public.agent_executions order by attempt',
  $$ values (1, '2'), (2, '1') $$,
  'the ledger says which key each call was made with'
);
select is_empty(
  $$ select from public.agent_health where circuit_state <> 'closed' or consecutive_failures > 0 $$,
  'a refused key is no failure of an agent'
);

select * from finish();
rollback;
