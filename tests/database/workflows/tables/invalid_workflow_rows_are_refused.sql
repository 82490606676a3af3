begin;
select plan(37);

insert into public.agents (id, name, created_by) values
  ('20000000-0000-4000-8000-000000000001', 'One', tests.id('eve'));
insert into public.deployments (id, agent_id, deployed_at) values
  ('c1000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', now()),
  ('c1000000-0000-4000-8000-000000000002', '20000000-0000-4000-8000-000000000001', now());
insert into public.workflows (id, agent_id, name) values
  ('c0000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'w'),
  ('c0000000-0000-4000-8000-000000000002', '20000000-0000-4000-8000-000000000001', 'w');
insert into public.workflow_executions (id, workflow_id, execution_id) values
  ('c2000000-0000-4000-8000-000000000001', 'c0000000-0000-4000-8000-000000000001', 'e1'),
  ('c2000000-0000-4000-8000-000000000002', 'c0000000-0000-4000-8000-000000000001', 'e2');
insert into public.agent_thoughts (id, agent_id, node_id, node_type, content) values
  ('c3000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'n1', 'input', 'c'),
  ('c3000000-0000-4000-8000-000000000002', '20000000-0000-4000-8000-000000000001', 'n2', 'input', 'c');

select tests.breaks(
  format('update public.%I set %s where id::text like ''%%1''', relation, change), rule,
  format('%s: %s is refused', relation, change)
)
from (values
  ('deployments', 'id = ''c1000000-0000-4000-8000-000000000002''', 'deployments_pkey'),
  ('deployments', 'agent_id = gen_random_uuid()', 'deployments_agent_id_fkey'),
  ('deployments', 'version = 0', 'version_counts_from_1'),
  ('deployments', 'version = 2', 'deployment_version_is_used_once_per_agent'),
  ('deployments', 'status = ''running''', 'deployment_status_is_known'),
  ('deployments', 'trigger_type = repeat(''a'', 101)', 'trigger_type_is_at_most_100_characters'),
  ('deployments', 'deployment_url = ''ftp://example.com''', 'deployment_url_is_http'),
  ('deployments', 'deployment_url = ''javascript:alert(1)''', 'deployment_url_is_http'),
  ('deployments', 'stopped_at = deployed_at - interval ''1 microsecond''', 'deployment_stops_after_it_starts'),
  ('workflows', 'id = ''c0000000-0000-4000-8000-000000000002''', 'workflows_pkey'),
  ('workflows', 'agent_id = gen_random_uuid()', 'workflows_agent_id_fkey'),
  ('workflows', 'name = ''''', 'workflow_name_is_1_to_255_characters'),
  ('workflows', 'name = repeat(''a'', 256)', 'workflow_name_is_1_to_255_characters'),
  ('workflows', 'n8n_workflow_id = repeat(''a'', 256)', 'n8n_workflow_id_is_at_most_255_characters'),
  ('workflows', 'status = ''running''', 'workflow_status_is_known'),
  ('workflows', 'success_count = -1', 'workflow_counts_add_up'),
  ('workflows', 'error_count = -1', 'workflow_counts_add_up'),
  ('workflows', 'execution_count = 1, success_count = 1, error_count = 1', 'workflow_counts_add_up'),
  ('workflow_executions', 'id = ''c2000000-0000-4000-8000-000000000002''', 'workflow_executions_pkey'),
  ('workflow_executions', 'workflow_id = gen_random_uuid()', 'workflow_executions_workflow_id_fkey'),
  ('workflow_executions', 'execution_id = ''''', 'execution_id_is_1_to_255_characters'),
  ('workflow_executions', 'execution_id = repeat(''a'', 256)', 'execution_id_is_1_to_255_characters'),
  ('workflow_executions', 'execution_id = ''e2''', 'workflow_executions_workflow_id_execution_id_key'),
  ('workflow_executions', 'status = ''lost''', 'workflow_execution_status_is_known'),
  ('workflow_executions', 'execution_time_ms = -1', 'execution_time_is_not_negative'),
  ('workflow_executions', 'completed_at = started_at - interval ''1 microsecond''',
    'workflow_execution_completes_after_it_starts'),
  ('agent_thoughts', 'id = ''c3000000-0000-4000-8000-000000000002''', 'agent_thoughts_pkey'),
  ('agent_thoughts', 'agent_id = gen_random_uuid()', 'agent_thoughts_agent_id_fkey'),
  ('agent_thoughts', 'execution_id = gen_random_uuid()', 'agent_thoughts_execution_id_fkey'),
  ('agent_thoughts', 'node_id = ''''', 'node_id_is_1_to_100_characters'),
  ('agent_thoughts', 'node_id = repeat(''a'', 101)', 'node_id_is_1_to_100_characters'),
  ('agent_thoughts', 'node_type = ''dream''', 'node_type_is_known'),
  ('agent_thoughts', 'parent_node_id = ''''', 'parent_node_id_is_1_to_100_characters'),
  ('agent_thoughts', 'parent_node_id = repeat(''a'', 101)', 'parent_node_id_is_1_to_100_characters'),
  ('agent_thoughts', 'confidence_score = -0.01', 'confidence_is_between_0_and_1'),
  ('agent_thoughts', 'confidence_score = 1.01', 'confidence_is_between_0_and_1'),
  ('agent_thoughts', 'processing_time_ms = -1', 'processing_time_is_not_negative')
) as broken (relation, change, rule);

select * from finish();
rollback;
