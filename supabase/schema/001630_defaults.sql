-- The current state of what 001630_defaults.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

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

create function private.take_nulls(target regclass)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  execute format(
    'create trigger apply_defaults before insert or update on %s for each row when (%s) '
    'execute function private.apply_defaults()',
    take_nulls.target,
    (
      select string_agg(
        case columns.atttypid when 'jsonb'::regtype then format(
          'coalesce(new.%I, ''null'') = ''null''', columns.attname
        )
          else format('new.%I is null', columns.attname) end,
        ' or ' order by columns.attnum
      )
      from pg_catalog.pg_attribute columns
      where columns.attrelid = take_nulls.target
        and columns.attnum > 0
        and columns.attnotnull
        and columns.atthasdef
        and columns.attgenerated = ''
    )
  );
end
$body$;
