begin;
select plan(2);

update public.agent_health set status = 'unhealthy', is_alerted = true;
select public.settle_chat_turn(
  (public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id('eve')),
    jsonb_build_object('request_id', gen_random_uuid(), 'model', 'droid', 'messages', '[{"role": "user", "content": "hi"}]'::jsonb)
  ) ->> 'turn_id')::uuid,
  '{"state": "succeeded", "content": "a", "attempts": [
    {"attempt": 1, "status": "succeeded", "latency_ms": 5, "started_at": "2026-01-01T00:00:00Z"}
  ]}'
);
create view pg_temp.health as
select agents.name, health.status, health.is_alerted
from public.agent_health health join public.agents on agents.id = health.agent_id
where agents.is_platform and agents.name in ('droid', 'ccrouter');
select results_eq(
  $$ select status, is_alerted from pg_temp.health where name = 'droid' $$, $$ values ('healthy', false) $$,
  'an agent that answers someone is healthy at once, whatever probes found'
);
select results_eq(
  $$ select status, is_alerted from pg_temp.health where name = 'ccrouter' $$, $$ values ('unhealthy', true) $$,
  'of another that says nothing'
);

select * from finish();
rollback;
