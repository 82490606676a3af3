-- Seed 003: for each index that it names, one that leads with the same columns. Where one index serves
-- two names it bears one of them; docs/seeds.md says which.
begin;
select plan(3);

create temporary table asked (name text, relation text, columns text[]);
insert into asked values
  ('idx_agents_created_by', 'agents', '{created_by}'),
  ('idx_agents_team_id', 'agents', '{organization_id}'),
  ('idx_agents_type', 'agents', '{type}'),
  ('idx_agents_status', 'agents', '{status}'),
  ('idx_agents_user_status', 'agents', '{created_by,status}'),
  ('idx_deployments_agent_id', 'deployments', '{agent_id}'),
  ('idx_deployments_status', 'deployments', '{status}'),
  ('idx_deployments_agent_status', 'deployments', '{agent_id,status}'),
  ('idx_workflow_executions_workflow_id', 'workflow_executions', '{workflow_id}'),
  ('idx_workflow_executions_status', 'workflow_executions', '{status}'),
  ('idx_workflow_executions_started_at', 'workflow_executions', '{started_at}'),
  ('idx_workflow_executions_workflow_status', 'workflow_executions', '{workflow_id,status}'),
  ('idx_notifications_user_id', 'notifications', '{user_id}'),
  ('idx_notifications_created_at', 'notifications', '{created_at}'),
  ('idx_notifications_priority', 'notifications', '{priority}'),
  ('idx_agent_thoughts_agent_id', 'agent_thoughts', '{agent_id}'),
  ('idx_agent_thoughts_execution_id', 'agent_thoughts', '{execution_id}'),
  ('idx_agent_thoughts_created_at', 'agent_thoughts', '{created_at}'),
  ('idx_agent_metrics_agent_id', 'agent_metrics', '{agent_id}'),
  ('idx_agent_metrics_type', 'agent_metrics', '{metric_type}'),
  ('idx_agent_metrics_recorded_at', 'agent_metrics', '{recorded_at}'),
  ('idx_api_usage_user_id', 'api_usage', '{user_id}'),
  ('idx_api_usage_agent_id', 'api_usage', '{agent_id}'),
  ('idx_api_usage_created_at', 'api_usage', '{created_at}');

create temporary view unserved as
select asked.name
from asked
where not exists (
  select from pg_index
  where pg_index.indrelid = to_regclass('public.' || asked.relation)
    and pg_index.indpred is null
    and pg_index.indisvalid
    and asked.columns = (
      select array_agg(columns.attname::text order by keys.position)
      from unnest(pg_index.indkey::smallint[]) with ordinality as keys (number, position)
      join pg_attribute columns on columns.attrelid = pg_index.indrelid and columns.attnum = keys.number
      where keys.position <= cardinality(asked.columns)
    )
);

select is_empty('select name from unserved', 'there is an index for each');
insert into asked values ('reversed', 'agents', '{status,created_by}');
select set_eq('select name from unserved', array['reversed'], 'columns in another order are no such index');

select set_eq(
  $$
    select indexes.relname::text, pg_get_expr(pg_index.indpred, pg_index.indrelid)
    from pg_index join pg_class indexes on indexes.oid = pg_index.indexrelid
    where indexes.relname in ('idx_active_agents', 'idx_unread_notifications')
  $$,
  $$ values ('idx_active_agents', '(status = ''active''::text)'), ('idx_unread_notifications', '(read_at IS NULL)') $$,
  'its two partial indexes cover active agents and unread notifications'
);

select * from finish();
rollback;
