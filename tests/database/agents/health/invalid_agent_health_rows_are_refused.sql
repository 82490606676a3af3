begin;
select plan(28);

insert into public.agents (id, name, created_by) values
  ('20000000-0000-4000-8000-000000000001', 'One', tests.id('eve')),
  ('20000000-0000-4000-8000-000000000002', 'Two', tests.id('eve'));
update public.agent_health set id = '25000000-0000-4000-8000-000000000002'
where agent_id = '20000000-0000-4000-8000-000000000002';
insert into public.agent_health_checks (id, agent_id, status) values
  ('26000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'healthy'),
  ('26000000-0000-4000-8000-000000000002', '20000000-0000-4000-8000-000000000001', 'healthy');

select tests.breaks(
  format('update public.agent_health set %s where agent_id = ''20000000-0000-4000-8000-000000000001''', change), rule,
  change || ' is refused'
)
from (values
  ('id = ''25000000-0000-4000-8000-000000000002''', 'agent_health_pkey'),
  ('agent_id = ''20000000-0000-4000-8000-000000000002''', 'agent_health_agent_id_key'),
  ('agent_id = gen_random_uuid()', 'agent_health_agent_id_fkey'),
  ('status = ''fine''', 'health_status_is_known'),
  ('latency_ms = -1', 'health_latency_is_not_negative'),
  ('consecutive_failures = -1', 'consecutive_failures_is_not_negative'),
  ('circuit_state = ''ajar''', 'circuit_state_is_known'),
  ('circuit_opens = -1', 'circuit_opens_is_not_negative'),
  ('circuit_state = ''open'', circuit_opened_at = now()', 'open_circuit_says_since_when_and_until'),
  ('circuit_state = ''open'', circuit_retry_at = now()', 'open_circuit_says_since_when_and_until'),
  ('circuit_state = ''half_open'', circuit_opened_at = now()', 'open_circuit_says_since_when_and_until')
) as broken (change, rule);

select tests.breaks(
  format('update public.agent_health_checks set %s where id = ''26000000-0000-4000-8000-000000000001''', change), rule,
  change || ' is refused'
)
from (values
  ('id = ''26000000-0000-4000-8000-000000000002''', to_char(now() at time zone 'UTC', '"agent_health_checks_"YYYY_MM"_pkey"')),
  ('agent_id = gen_random_uuid()', 'agent_health_checks_agent_id_fkey'),
  ('status = ''fine''', 'health_check_status_is_known'),
  ('latency_ms = -1', 'health_check_latency_is_not_negative'),
  ('total_cost = -0.01', 'health_check_cost_is_not_negative')
) as broken (change, rule);

select tests.changes(
  format('update public.agent_health set %s where agent_id = ''20000000-0000-4000-8000-000000000001''', change), 1,
  change
)
from unnest(array[
  'status = ''degraded''', 'status = ''unhealthy''', 'status = ''healthy''', 'latency_ms = 0',
  'circuit_state = ''open'', circuit_opened_at = now(), circuit_retry_at = now()', 'circuit_state = ''half_open''',
  'circuit_state = ''closed''', 'circuit_opened_at = null, circuit_retry_at = null'
]) as change;
select tests.changes(
  format('update public.agent_health_checks set %s where id = ''26000000-0000-4000-8000-000000000001''', change), 1,
  change
)
from unnest(array['status = ''degraded''', 'status = ''unhealthy''', 'latency_ms = 0', 'total_cost = 0']) as change;

select * from finish();
rollback;
