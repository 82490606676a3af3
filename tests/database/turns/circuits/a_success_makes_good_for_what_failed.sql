begin;
select plan(3);

create function pg_temp.turn(attempts jsonb) returns void language sql as $$
  select public.settle_chat_turn(
    (public.begin_chat_turn(
      jsonb_build_object('user_id', tests.id('eve')),
      jsonb_build_object('request_id', gen_random_uuid(), 'model', 'gpt-4o', 'messages', '[{"role": "user", "content": "hi"}]'::jsonb)
    ) ->> 'turn_id')::uuid,
    jsonb_build_object('state', 'succeeded', 'content', 'a', 'attempts', attempts)
  )
$$;
create view pg_temp.health as
select health.status, health.consecutive_failures, health.circuit_state
from public.agent_health health join public.agents on agents.id = health.agent_id
where agents.name = 'droid' and agents.created_by is null;

select pg_temp.turn('[
  {"attempt": 1, "status": "failed", "counts_against_agent": true, "started_at": "2026-01-01T00:00:00Z"},
  {"attempt": 2, "status": "succeeded", "latency_ms": 5, "started_at": "2026-01-01T00:00:01Z"}
]');
select results_eq(
  'select * from pg_temp.health', $$ values ('healthy', 0, 'closed') $$, 'for the attempt before it, in the same turn'
);

update public.agent_health set status = 'degraded', consecutive_failures = 3;
select pg_temp.turn('[{"attempt": 1, "status": "succeeded", "latency_ms": 5, "started_at": "2026-01-01T00:00:00Z"}]');
select results_eq(
  'select * from pg_temp.health', $$ values ('healthy', 0, 'closed') $$, 'for turns before it'
);

update public.agent_health set status = 'unhealthy', is_alerted = true;
select pg_temp.turn('[{"attempt": 1, "status": "succeeded", "latency_ms": 5, "started_at": "2026-01-01T00:00:00Z"}]');
select results_eq(
  'select * from pg_temp.health', $$ values ('healthy', 0, 'closed') $$, 'and for what probes found'
);

select * from finish();
rollback;
