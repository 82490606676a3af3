begin;
select plan(21);

insert into public.ai_interactions (id, organization_id, title) values
  ('30000000-0000-4000-8000-000000000001', tests.id('acme'), 'One');
insert into public.agent_executions (id, interaction_id, attempt, status, started_at) values
  ('31000000-0000-4000-8000-000000000001', '30000000-0000-4000-8000-000000000001', 1, 'failed', now()),
  ('31000000-0000-4000-8000-000000000002', '30000000-0000-4000-8000-000000000001', 2, 'succeeded', now());

select tests.breaks(
  format('update public.agent_executions set %s where id = ''31000000-0000-4000-8000-000000000002''', change), rule,
  change || ' is refused'
)
from (values
  ('id = ''31000000-0000-4000-8000-000000000001''', 'agent_executions_pkey'),
  ('interaction_id = gen_random_uuid()', 'agent_executions_interaction_id_fkey'),
  ('agent_id = gen_random_uuid()', 'agent_executions_agent_id_fkey'),
  ('vendor_id = ''nobody''', 'agent_executions_vendor_id_fkey'),
  ('service_id = ''nothing''', 'agent_executions_service_id_fkey'),
  ('attempt = 0', 'attempt_counts_from_1'),
  ('attempt = 1', 'agent_executions_interaction_id_attempt_key'),
  ('status = ''running''', 'execution_status_is_known'),
  ('counts_against_agent = true', 'only_a_failure_counts_against_the_agent'),
  ('upstream_status = 99', 'upstream_status_is_an_http_status'),
  ('upstream_status = 600', 'upstream_status_is_an_http_status'),
  ('latency_ms = -1', 'execution_latency_is_not_negative'),
  ('first_byte_ms = -1', 'execution_latency_is_not_negative'),
  ('completed_at = started_at - interval ''1 microsecond''', 'execution_completes_after_it_starts')
) as broken (change, rule);

select tests.changes(
  format('update public.agent_executions set %s where id = ''31000000-0000-4000-8000-000000000001''', change), 1, change
)
from unnest(array[
  'upstream_status = 100', 'upstream_status = 599', 'counts_against_agent = true', 'completed_at = started_at',
  'latency_ms = 0, first_byte_ms = 0', 'attempt = 3'
]) as change;

delete from public.ai_interactions;
select is_empty('select id from public.agent_executions', 'an interaction takes its attempts along');

select * from finish();
rollback;
