-- Rights on whole relations, as two lists that are short enough to be read. The matrix says which rows
-- these reach; insert and update are granted column by column and recorded with the columns.
begin;
select plan(4);

create temporary view granted as
select relations.relname::text collate "default" as relation, rights.command, roles.role
from pg_class relations
cross join unnest(array['select', 'delete']) as rights (command)
cross join unnest(array['anon', 'authenticated']) as roles (role)
where relations.relnamespace = 'public'::regnamespace
  and relations.relkind in ('r', 'p', 'v', 'm', 'f')
  and (
    has_table_privilege(roles.role, relations.oid, rights.command)
    or rights.command = 'select' and has_any_column_privilege(roles.role, relations.oid, 'select')
  );

select set_eq(
  $$ select relation from granted where role = 'anon' and command = 'select' $$,
  array[
    'agent_features', 'interaction_types', 'plans', 'public_agents', 'public_models',
    'service_aliases', 'service_prices', 'vendor_services', 'vendors'
  ],
  'a visitor reads the catalogue, the plans and published agents'
);
select is_empty(
  $$ select relation from granted where role = 'anon' and command = 'delete' $$,
  'a visitor deletes nothing'
);
select set_eq(
  $$ select relation from granted where role = 'authenticated' and command = 'delete' $$,
  array[
    'agent_feature_mappings', 'agent_sessions', 'agent_templates', 'agent_thoughts', 'agents', 'ai_agent_configs',
    'ai_agents', 'bots', 'budgets', 'chat_sessions', 'deployments', 'mcp_sessions', 'models', 'notifications',
    'notification_preferences', 'notification_settings',
    'organization_invitations', 'organization_members', 'user_api_keys', 'user_roles',
    'webhook_endpoints', 'widget_secrets', 'widgets', 'workflow_executions', 'workflows'
  ],
  'people delete what they made; ledger, figures and messages stay'
);

-- The catalogue is asked above; this proves that it answers what a statement meets.
select tests.act_as_anon();
select tests.denied($$ select from agents $$, 'a visitor''s look at agents is denied');

select * from finish();
rollback;
