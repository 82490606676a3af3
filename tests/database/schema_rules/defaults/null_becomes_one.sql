-- Every table that a seed describes takes null for a column that must have a value and has a default.
begin;
select plan(5);

create temporary view wanted as
select tables.oid as relation, columns.attname::text collate "default" as name
from pg_class tables
join pg_attribute columns on columns.attrelid = tables.oid and columns.attnum > 0 and not columns.attisdropped
where tables.relnamespace = 'public'::regnamespace
  and columns.attnotnull and columns.atthasdef and columns.attgenerated = ''
  and tables.relname in (
    'profiles', 'organizations', 'organization_members', 'vendors', 'vendor_services', 'agent_features',
    'interaction_types', 'agents', 'models', 'agent_feature_mappings', 'ai_agent_configs', 'agent_templates',
    'user_api_keys', 'mcp_sessions', 'chat_sessions', 'chat_messages', 'ai_interactions', 'deployments', 'workflows',
    'workflow_executions', 'notifications', 'agent_thoughts', 'agent_metrics', 'api_usage'
  );
select cmp_ok((select count(distinct relation) from wanted), '=', 24::bigint, 'there are tables to look at');
select is_empty(
  $$
    select relation::regclass, name from wanted
    where not exists (
      select from pg_trigger
      where tgrelid = relation and tgname = 'apply_defaults'
        and split_part(pg_get_triggerdef(oid), 'EXECUTE', 1) ~ format('\mnew\.%s\M', name)
    )
  $$,
  'a column added later must be added to its trigger'
);

select tests.act_as_service();
select results_eq(
  $$
    insert into public.vendors (id, name, auth_type, is_active, created_at, updated_at)
    values ('nulls', 'Nulls', null, null, null, null)
    returning is_active, created_at
  $$,
  $$ values (true, now()) $$, 'a vendor of nulls has defaults'
);
select results_eq(
  $$
    insert into public.users (id, email, full_name, subscription_tier, created_at, updated_at)
    values (tests.id('eve'), 'eve@example.com', 'Eva', null, null, null)
    on conflict (id) do update set full_name = excluded.full_name, subscription_tier = excluded.subscription_tier
    returning full_name, subscription_tier
  $$,
  $$ values ('Eva', 'free') $$, 'a backend upserts a user of seed 003'
);
select results_eq(
  $$
    insert into public.user_roles (id, user_id, role, team_id, granted_by, granted_at)
    values (gen_random_uuid(), tests.id('eve'), 'viewer', tests.id('acme'), null, null)
    returning id, role, granted_at
  $$,
  $$ values (md5(tests.id('eve')::text || tests.id('acme')::text)::uuid, 'viewer', now()) $$,
  'and adds a role with an id of its own, which is told the one that it has'
);

select * from finish();
rollback;
