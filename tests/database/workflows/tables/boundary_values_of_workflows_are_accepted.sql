begin;
select plan(22);

insert into public.agents (id, name, created_by) values
  ('20000000-0000-4000-8000-000000000001', 'One', tests.id('eve'));
insert into public.deployments (agent_id, deployed_at) values ('20000000-0000-4000-8000-000000000001', now());
insert into public.workflows (id, agent_id, name) values
  ('c0000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'w'),
  ('c0000000-0000-4000-8000-000000000002', '20000000-0000-4000-8000-000000000001', 'w');
insert into public.workflow_executions (workflow_id, execution_id) values
  ('c0000000-0000-4000-8000-000000000001', 'e1');
insert into public.agent_thoughts (agent_id, node_id, node_type, content) values
  ('20000000-0000-4000-8000-000000000001', 'n1', 'input', 'c');

select tests.changes(format('update public.%I set %s', relation, change), rows, format('%s: %s', relation, change))
from (values
  ('deployments', 1, 'version = 1, trigger_type = repeat(''a'', 100), deployment_url = ''http://example.com'''),
  ('deployments', 1, 'deployment_url = ''https://example.com'', stopped_at = deployed_at'),
  ('deployments', 1, 'status = ''deploying'''), ('deployments', 1, 'status = ''deployed'''),
  ('deployments', 1, 'status = ''stopped'''),
  ('workflows', 2, 'name = repeat(''a'', 255), n8n_workflow_id = repeat(''a'', 255)'),
  ('workflows', 2, 'status = ''active'''), ('workflows', 2, 'status = ''paused'''), ('workflows', 2, 'status = ''error'''),
  ('workflows', 2, 'status = ''inactive'''),
  ('workflow_executions', 1, 'execution_id = repeat(''a'', 255), execution_time_ms = 0, completed_at = started_at'),
  ('workflow_executions', 1, 'status = ''waiting'''), ('workflow_executions', 1, 'status = ''running'''),
  ('workflow_executions', 1, 'status = ''success'''), ('workflow_executions', 1, 'execution_id = null'),
  ('agent_thoughts', 1, 'confidence_score = 0, processing_time_ms = 0, node_id = repeat(''a'', 100)'),
  ('agent_thoughts', 1, 'confidence_score = 1, parent_node_id = repeat(''b'', 100)'),
  ('agent_thoughts', 1, 'node_type = ''processing'''), ('agent_thoughts', 1, 'node_type = ''action'''),
  ('agent_thoughts', 1, 'node_type = ''output'''),
  ('workflows', 2, 'execution_count = 2, success_count = 1, error_count = 1')
) as taken (relation, rows, change);

select lives_ok(
  $$
    insert into public.workflow_executions (workflow_id, execution_id) values
      ('c0000000-0000-4000-8000-000000000001', 'x'), ('c0000000-0000-4000-8000-000000000002', 'x'),
      ('c0000000-0000-4000-8000-000000000001', null), ('c0000000-0000-4000-8000-000000000001', null)
  $$,
  'an execution''s name is unique within its workflow, and not needed'
);

select * from finish();
rollback;
