-- Nulls that the seeds allow: the default replaces them. In the seeds most columns are nullable
-- with a default, and an ORM names them all.

create function private.apply_defaults()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  given jsonb := to_jsonb(new);
  missing record;
  value jsonb;
begin
  for missing in
    select
      columns.attname::text as name,
      defaults.adbin as expression
    from pg_catalog.pg_attribute columns
    join pg_catalog.pg_attrdef defaults on defaults.adrelid = columns.attrelid
    and defaults.adnum = columns.attnum
    where columns.attrelid = tg_relid
      and columns.attnotnull
      and given -> columns.attname::text = 'null'
  loop
    execute format('select to_jsonb(%s)', pg_catalog.pg_get_expr(missing.expression, tg_relid))
    into value;
    given = jsonb_set(given, array[missing.name], value);
  end loop;
  return jsonb_populate_record(new, given);
end
$$;
comment on function private.apply_defaults() is
  'Trigger: null in a column that must have a value becomes the column''s default.';

create function private.columns_with_default(target regclass)
returns setof pg_catalog.pg_attribute
language sql
stable
set search_path = ''
as $$
  select columns.*
  from pg_catalog.pg_attribute columns
  where columns.attrelid = columns_with_default.target
    and columns.attnum > 0
    and columns.attnotnull
    and columns.atthasdef
    and columns.attgenerated = ''
$$;
comment on function private.columns_with_default(regclass) is
  'The columns of a table that must have a value and have a default.';

create function private.is_null_condition(columns pg_catalog.pg_attribute[])
returns text
language sql
immutable
set search_path = ''
as $$
  -- Short, as Postgres parses it for each statement.
  select format(
    'num_nulls(%s) > 0',
    string_agg(
      format(
        case given.atttypid when 'jsonb'::regtype then 'nullif(new.%I, ''null'')' else 'new.%I' end,
        given.attname
      ),
      ', ' order by given.attnum
    )
  )
  from unnest(is_null_condition.columns) given
$$;
comment on function private.is_null_condition(pg_catalog.pg_attribute[]) is
  'The condition of a trigger that checks whether one of these columns is null.';

create function private.allow_nulls(target regclass, counters text[] default '{}')
returns void
language plpgsql
set search_path = ''
as $$
declare
  named pg_catalog.pg_attribute[] := array(
    select given from private.columns_with_default(allow_nulls.target) given
  );
  counted pg_catalog.pg_attribute[] := array(
    select given from unnest(named) given where given.attname = any (allow_nulls.counters)
  );
begin
  execute format(
    'create trigger apply_defaults before insert or update of %s on %s for each row when (%s) '
    'execute function private.apply_defaults()',
    (
      select string_agg(format('%I', given.attname), ', ' order by given.attnum)
      from unnest(named) given
      where given.attname <> all (allow_nulls.counters)
    ),
    allow_nulls.target, private.is_null_condition(named)
  );
  if cardinality(counted) > 0 then
    execute format(
      'create trigger apply_default_counters before update of %s on %s for each row when (%s) '
      'execute function private.apply_defaults()',
      (select string_agg(format('%I', given.attname), ', ') from unnest(counted) given),
      allow_nulls.target, private.is_null_condition(counted)
    );
  end if;
end
$$;
comment on function private.allow_nulls(regclass, text[]) is
  'Lets writers send null for columns of a table that must have a value and have a default. '
  'counters are columns that every turn writes: they have a separate trigger, as Postgres prepares '
  'the condition of a trigger for each statement. Called by migrations.';

select private.allow_nulls(target)
from unnest(array[
  'public.profiles', 'public.organizations', 'public.organization_members', 'public.vendors',
  'public.vendor_services',
  'public.agent_features', 'public.interaction_types', 'public.models',
  'public.agent_feature_mappings', 'public.ai_agent_configs', 'public.agent_templates',
  'public.user_api_keys',
  'public.mcp_sessions', 'public.chat_messages', 'public.ai_interactions',
  'public.deployments', 'public.workflows', 'public.workflow_executions', 'public.notifications',
  'public.agent_thoughts', 'public.agent_metrics', 'public.api_usage'
]::regclass[]) as targets (target);
select private.allow_nulls('public.agents', array['usage_count']);
select private.allow_nulls('public.chat_sessions', array['message_count', 'last_activity_at']);
