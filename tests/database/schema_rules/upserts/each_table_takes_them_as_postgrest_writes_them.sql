-- supabase-js's upsert() is an insert … on conflict (key) do update set of every column of the payload,
-- the key as well. Each relation that a signed-in person may insert into and update takes one of the
-- person's own row, by its primary key and by every other key.
begin;

insert into public.agents (id, name, created_by) values
  ('20000000-0000-4000-8000-000000000001', 'One', tests.id('alice'));

select tests.act_as('alice');
insert into public.notifications (type, title, message) values ('note', 'x', 'x');
insert into public.models (agent_id, name) values ('20000000-0000-4000-8000-000000000001', 'm');
insert into public.agent_feature_mappings (agent_id, feature_id)
values ('20000000-0000-4000-8000-000000000001', 'coding');
insert into public.ai_agent_configs (agent_id, config_key, config_value)
values ('20000000-0000-4000-8000-000000000001', 'k', '{"a": 1}');
insert into public.agent_templates (name, type) values ('t', 'assistant');
insert into public.chat_sessions (title) values ('x');
insert into public.ai_interactions (agent_id, title, total_cost, ended_at)
values ('20000000-0000-4000-8000-000000000001', 'x', 0.5, now());
insert into public.budgets (organization_id, period, limit_usd) values (tests.id('acme'), 'day', 5);
insert into public.deployments (agent_id) values ('20000000-0000-4000-8000-000000000001');
insert into public.workflows (agent_id, name) values ('20000000-0000-4000-8000-000000000001', 'w');
insert into public.workflow_executions (workflow_id, execution_id) select id, 'e' from public.workflows;
insert into public.widgets (agent_id, name) values ('20000000-0000-4000-8000-000000000001', 'w');
insert into public.mcp_sessions (mcp_state) values ('{}');
insert into public.notification_settings default values;
insert into public.notification_preferences (type, channel, is_enabled) values ('agent_error', 'slack', true);
select tests.reset();

-- Keys that a client can name, of the table or of the table behind a view that has the same columns.
create temporary view keys as
select relations.relation, constraints.columns
from (
  select relations.oid::regclass as relation, coalesce(base.oid, relations.oid) as base_table
  from pg_class relations
  left join unnest(
    array['users', 'teams', 'bots'], array['public.profiles', 'public.organizations', 'public.agents']::regclass[]
  ) as views (name, base) on relations.relname = views.name
  left join pg_class base on base.oid = views.base
  where relations.relnamespace = 'public'::regnamespace
    and relations.relkind in ('r', 'p', 'v')
    and has_any_column_privilege('authenticated', relations.oid, 'insert')
    and has_any_column_privilege('authenticated', relations.oid, 'update')
    -- These two are more than one table, and Postgres takes no ON CONFLICT for them.
    and relations.relname not in ('ai_agents', 'agent_sessions')
    -- Memberships are made by invitations.
    and relations.relname not in ('organization_members', 'user_roles')
) relations
join lateral (
  select array_agg(columns.attname::text) as columns
  from pg_index indexes
  join pg_attribute columns on columns.attrelid = indexes.indrelid and columns.attnum = any (indexes.indkey::int2[])
  where indexes.indrelid = relations.base_table and indexes.indisunique and indexes.indpred is null
    and indexes.indexprs is null
  group by indexes.indexrelid, indexes.indisprimary
  having indexes.indisprimary or bool_and(has_column_privilege('authenticated', indexes.indrelid, columns.attnum, 'insert'))
) constraints on true
where (
  select count(*) from pg_attribute
  where attrelid = relations.relation and attname = any (constraints.columns)
) = cardinality(constraints.columns);
grant select on keys to authenticated;

create function pg_temp.upsert(relation regclass, key text[], payload jsonb) returns bigint language plpgsql as $$
declare
  touched bigint;
  columns text := (select string_agg(format('%I', name), ', ') from jsonb_object_keys(upsert.payload) as fields (name));
begin
  execute format(
    'insert into %1$s (%2$s) select %2$s from jsonb_populate_recordset(null::%1$s, $1) '
    'on conflict (%3$s) do update set %4$s',
    relation, columns, (select string_agg(format('%I', name), ', ') from unnest(key) as parts (name)),
    (select string_agg(format('%1$I = excluded.%1$I', name), ', ') from jsonb_object_keys(upsert.payload) as fields (name))
  ) using jsonb_build_array(upsert.payload);
  get diagnostics touched = row_count;
  return touched;
end
$$;

-- What the caller may send of the caller's own row: all of it, with the key.
create function pg_temp.own_row(relation regclass) returns jsonb language plpgsql as $$
declare
  own jsonb;
begin
  execute (
    select format(
      'select jsonb_build_object(%s) from %s own where %s limit 1',
      string_agg(format('%1$L, own.%1$I', attname), ', ')
        filter (where has_column_privilege('authenticated', attrelid, attnum, 'insert')),
      relation,
      coalesce(
        string_agg(format('own.%I = any ($1)', attname), ' or ') filter (where attname in ('created_by', 'user_id', 'agent_id')),
        'true'
      )
    )
    from pg_attribute where attrelid = relation and attnum > 0 and not attisdropped
  ) into own using array[tests.id('alice'), '20000000-0000-4000-8000-000000000001'];
  return own;
end
$$;
grant execute on function pg_temp.upsert(regclass, text[], jsonb), pg_temp.own_row(regclass) to authenticated;

select plan((select count(*)::integer + 3 from keys));
select cmp_ok((select count(distinct relation) from keys), '>=', 18::bigint, 'there are tables and views to try');

select tests.act_as('alice');
select is(
  pg_temp.upsert(keys.relation, keys.columns, pg_temp.own_row(keys.relation)), 1::bigint,
  format('%s takes one by (%s)', keys.relation, array_to_string(keys.columns, ', '))
)
from keys;

-- As Supabase's tutorials do.
select lives_ok(
  $$
    insert into public.profiles (id, full_name, avatar_url, updated_at)
    values (tests.id('alice'), 'Alice A', 'https://example.com/a.png', now())
    on conflict (id) do update set id = excluded.id, full_name = excluded.full_name, avatar_url = excluded.avatar_url,
      updated_at = excluded.updated_at
  $$,
  'a profile is upserted'
);
select results_eq(
  'select full_name, email from public.profiles', $$ values ('Alice A', 'alice@example.com') $$, 'and changes'
);

select * from finish();
rollback;
