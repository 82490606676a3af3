-- Seed 003: every column of its twelve drafts; users, teams and user_roles through their views.
begin;
select plan(3);

create temporary table drafted (relation text, name text, type text);
insert into drafted values
  ('users', 'id', 'uuid'),
  ('users', 'email', 'varchar'),
  ('users', 'full_name', 'varchar'),
  ('users', 'avatar_url', 'text'),
  ('users', 'subscription_tier', 'varchar'),
  ('users', 'created_at', 'timestamptz'),
  ('users', 'updated_at', 'timestamptz'),
  ('user_roles', 'id', 'uuid'),
  ('user_roles', 'user_id', 'uuid'),
  ('user_roles', 'role', 'varchar'),
  ('user_roles', 'team_id', 'uuid'),
  ('user_roles', 'granted_by', 'uuid'),
  ('user_roles', 'granted_at', 'timestamptz'),
  ('teams', 'id', 'uuid'),
  ('teams', 'name', 'varchar'),
  ('teams', 'slug', 'varchar'),
  ('teams', 'plan', 'varchar'),
  ('teams', 'created_by', 'uuid'),
  ('teams', 'created_at', 'timestamptz'),
  ('teams', 'updated_at', 'timestamptz'),
  -- Its team_id and last_activity are functions of the row: agents_have_a_team_and_a_last_activity.
  ('agents', 'id', 'uuid'),
  ('agents', 'name', 'varchar'),
  ('agents', 'description', 'text'),
  ('agents', 'type', 'varchar'),
  ('agents', 'status', 'varchar'),
  ('agents', 'config', 'jsonb'),
  ('agents', 'deployment_config', 'jsonb'),
  ('agents', 'created_by', 'uuid'),
  ('agents', 'created_at', 'timestamptz'),
  ('agents', 'updated_at', 'timestamptz'),
  ('agent_templates', 'id', 'uuid'),
  ('agent_templates', 'name', 'varchar'),
  ('agent_templates', 'description', 'text'),
  ('agent_templates', 'type', 'varchar'),
  ('agent_templates', 'default_config', 'jsonb'),
  ('agent_templates', 'is_public', 'boolean'),
  ('agent_templates', 'created_by', 'uuid'),
  ('agent_templates', 'created_at', 'timestamptz'),
  ('deployments', 'id', 'uuid'),
  ('deployments', 'agent_id', 'uuid'),
  ('deployments', 'version', 'integer'),
  ('deployments', 'status', 'varchar'),
  ('deployments', 'trigger_type', 'varchar'),
  ('deployments', 'trigger_config', 'jsonb'),
  ('deployments', 'deployment_url', 'text'),
  ('deployments', 'error_message', 'text'),
  ('deployments', 'deployed_at', 'timestamptz'),
  ('deployments', 'stopped_at', 'timestamptz'),
  ('deployments', 'created_at', 'timestamptz'),
  ('workflows', 'id', 'uuid'),
  ('workflows', 'agent_id', 'uuid'),
  ('workflows', 'name', 'varchar'),
  ('workflows', 'description', 'text'),
  ('workflows', 'n8n_workflow_id', 'varchar'),
  ('workflows', 'trigger_config', 'jsonb'),
  ('workflows', 'status', 'varchar'),
  ('workflows', 'last_execution', 'timestamptz'),
  ('workflows', 'next_execution', 'timestamptz'),
  ('workflows', 'execution_count', 'integer'),
  ('workflows', 'success_count', 'integer'),
  ('workflows', 'error_count', 'integer'),
  ('workflows', 'created_at', 'timestamptz'),
  ('workflows', 'updated_at', 'timestamptz'),
  ('workflow_executions', 'id', 'uuid'),
  ('workflow_executions', 'workflow_id', 'uuid'),
  ('workflow_executions', 'execution_id', 'varchar'),
  ('workflow_executions', 'status', 'varchar'),
  ('workflow_executions', 'input_data', 'jsonb'),
  ('workflow_executions', 'output_data', 'jsonb'),
  ('workflow_executions', 'error_data', 'jsonb'),
  ('workflow_executions', 'execution_time_ms', 'integer'),
  ('workflow_executions', 'started_at', 'timestamptz'),
  ('workflow_executions', 'completed_at', 'timestamptz'),
  ('notifications', 'id', 'uuid'),
  ('notifications', 'user_id', 'uuid'),
  ('notifications', 'type', 'varchar'),
  ('notifications', 'title', 'varchar'),
  ('notifications', 'message', 'text'),
  ('notifications', 'data', 'jsonb'),
  ('notifications', 'priority', 'varchar'),
  ('notifications', 'read_at', 'timestamptz'),
  ('notifications', 'expires_at', 'timestamptz'),
  ('notifications', 'created_at', 'timestamptz'),
  ('agent_thoughts', 'id', 'uuid'),
  ('agent_thoughts', 'agent_id', 'uuid'),
  ('agent_thoughts', 'execution_id', 'uuid'),
  ('agent_thoughts', 'node_id', 'varchar'),
  ('agent_thoughts', 'node_type', 'varchar'),
  ('agent_thoughts', 'content', 'text'),
  ('agent_thoughts', 'metadata', 'jsonb'),
  ('agent_thoughts', 'parent_node_id', 'varchar'),
  ('agent_thoughts', 'confidence_score', 'decimal'),
  ('agent_thoughts', 'processing_time_ms', 'integer'),
  ('agent_thoughts', 'created_at', 'timestamptz'),
  ('agent_metrics', 'id', 'uuid'),
  ('agent_metrics', 'agent_id', 'uuid'),
  ('agent_metrics', 'metric_type', 'varchar'),
  ('agent_metrics', 'value', 'decimal'),
  ('agent_metrics', 'unit', 'varchar'),
  ('agent_metrics', 'metadata', 'jsonb'),
  ('agent_metrics', 'recorded_at', 'timestamptz'),
  ('api_usage', 'id', 'uuid'),
  ('api_usage', 'user_id', 'uuid'),
  ('api_usage', 'agent_id', 'uuid'),
  ('api_usage', 'endpoint', 'varchar'),
  ('api_usage', 'method', 'varchar'),
  ('api_usage', 'status_code', 'integer'),
  ('api_usage', 'response_time_ms', 'integer'),
  ('api_usage', 'cost_usd', 'decimal'),
  ('api_usage', 'created_at', 'timestamptz');

-- A type that takes at least what was drafted: text without a limit for varchar, numeric for float and
-- for every decimal, bigint for integer, and times always with their zone.
create temporary view missing as
select format('%s.%s %s', drafted.relation, drafted.name, drafted.type) as what
from drafted
where not exists (
  select from pg_attribute columns
  where columns.attrelid = to_regclass('public.' || drafted.relation)
    and columns.attname = drafted.name
    and not columns.attisdropped
    and columns.atttypid::regtype::text = any (case
      when drafted.type in ('text', 'varchar') then array['text']
      when drafted.type = 'integer' then array['integer', 'bigint']
      when drafted.type in ('decimal', 'float') then array['numeric']
      when drafted.type in ('timestamp', 'timestamptz') then array['timestamp with time zone']
      else array[drafted.type]
    end)
);

select isnt_empty('select from drafted', 'columns were drafted');
select is_empty('select what from missing', 'each of them is there, with a type that takes its values');

insert into drafted values ('agents', 'name', 'uuid'), ('agents', 'colour', 'text'), ('agentz', 'name', 'text');
select set_eq(
  'select what from missing', $$ values ('agents.name uuid'), ('agents.colour text'), ('agentz.name text') $$,
  'a column that is missing or of another type is reported'
);

select * from finish();
rollback;
