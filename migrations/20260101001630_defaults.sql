-- Null where the seeds allow it: the default takes its place.
--
-- In the seeds most columns may be null and have a default; an ORM names them all.

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

create function private.take_nulls(target regclass)
returns void
language plpgsql
set search_path = ''
as $$
begin
  execute format(
    -- Of these columns: a condition costs every write more than it seems, and counters are
    -- written with every turn.
    'create trigger apply_defaults before insert or update of %s on %s for each row when (%s) '
    'execute function private.apply_defaults()',
    (
      select string_agg(format('%I', columns.attname), ', ' order by columns.attnum)
      from private.columns_with_default(take_nulls.target) columns
    ),
    take_nulls.target,
    (
      select string_agg(
        case columns.atttypid when 'jsonb'::regtype then format(
          'coalesce(new.%I, ''null'') = ''null''', columns.attname
        )
          else format('new.%I is null', columns.attname) end,
        ' or ' order by columns.attnum
      )
      from private.columns_with_default(take_nulls.target) columns
    )
  );
end
$$;
comment on function private.take_nulls(regclass) is
  'Lets writers send null for columns of a table that must have a value and have a default. '
  'Called by migrations.';

select private.take_nulls(target)
from unnest(array[
  'public.profiles', 'public.organizations', 'public.organization_members', 'public.vendors',
  'public.vendor_services',
  'public.agent_features', 'public.interaction_types', 'public.agents', 'public.models',
  'public.agent_feature_mappings', 'public.ai_agent_configs', 'public.agent_templates',
  'public.user_api_keys',
  'public.mcp_sessions', 'public.chat_sessions', 'public.chat_messages', 'public.ai_interactions',
  'public.deployments', 'public.workflows', 'public.workflow_executions', 'public.notifications',
  'public.agent_thoughts', 'public.agent_metrics', 'public.api_usage'
]::regclass[]) as targets (target);
