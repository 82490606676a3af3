-- The current state of what 001630_defaults.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.allow_nulls(target regclass, counters text[] DEFAULT '{}'::text[])
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
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
$body$;

create function private.apply_defaults()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
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
$body$;

create function private.columns_with_default(target regclass)
returns SETOF pg_attribute
language sql stable security invoker
set search_path=""
as $body$
  select columns.*
  from pg_catalog.pg_attribute columns
  where columns.attrelid = columns_with_default.target
    and columns.attnum > 0
    and columns.attnotnull
    and columns.atthasdef
    and columns.attgenerated = ''
$body$;

create function private.is_null_condition(columns pg_attribute[])
returns text
language sql immutable security invoker
set search_path=""
as $body$
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
$body$;
