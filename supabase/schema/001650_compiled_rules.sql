-- The current state of what 001650_compiled_rules.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.columns_of_rules(target regclass, with_types boolean)
returns text
language sql stable security invoker
set search_path=""
as $body$
  select string_agg(
    format('%I', columns.attname)
      || case when columns_of_rules.with_types
        then ' ' || format_type(columns.atttypid, null) else '' end,
    ', ' order by columns.attnum
  )
  from pg_catalog.pg_attribute columns
  where columns.attrelid = columns_of_rules.target
    and columns.attnum in (
      select unnest(checks.conkey)
      from pg_catalog.pg_constraint checks
      where checks.conrelid = columns_of_rules.target and checks.contype = 'c'
    )
$body$;

create function private.compile_rules(target regclass, without text DEFAULT NULL::text)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  checker constant name := private.function_of_rules(compile_rules.target);
begin
  perform private.restore_rules(compile_rules.target);
  if not exists (select from private.rules_of(compile_rules.target)) then
    raise undefined_object using
      message = format(
        'Cannot compile the checks of "%s": it has none.', compile_rules.target
      ),
      hint = 'If a column was dropped, call restore_rules() before that.';
  end if;
  -- rules_of() reads an expression from one line and a name as a word: it would lose others.
  if exists (
    select from private.rules_of(compile_rules.target) rules
    where rules.expression ~ E'\n' or rules.name !~ '^\w+$'
  ) then
    raise feature_not_supported using
      message = format(
        'Cannot compile the checks of "%s": one has a line break, or a name that needs quotes.',
        compile_rules.target
      );
  end if;
  execute format(
    'create function private.%I(%s) returns boolean language plpgsql immutable '
    'set search_path = '''' as %L',
    checker, private.columns_of_rules(compile_rules.target, true),
    private.source_of_rules(compile_rules.target, compile_rules.without)
  );
  execute format(
    'comment on function private.%I is ''Whether the checks of a row hold; raises the error of '
    'the first that does not.''',
    checker
  );
  execute format(
    'grant execute on function private.%I to service_role%s', checker,
    case
      when has_any_column_privilege('authenticated', compile_rules.target, 'insert, update')
        then ', authenticated'
    end
  );
  execute format(
    'alter table %s %s, add constraint compiled_rules_are_kept check (private.%I(%s))',
    compile_rules.target,
    (
      select string_agg(format('drop constraint %I', checks.conname), ', ')
      from pg_catalog.pg_constraint checks
      where checks.conrelid = compile_rules.target and checks.contype = 'c'
    ),
    checker, private.columns_of_rules(compile_rules.target, false)
  );
end
$body$;

create function private.function_of_rules(target regclass)
returns name
language sql stable security invoker
set search_path=""
as $body$
  select 'keeps_rules_of_' || tables.relname
  from pg_catalog.pg_class tables
  where tables.oid = function_of_rules.target
$body$;

create function private.restore_rules(target regclass)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  if not exists (
    select from pg_catalog.pg_constraint checks
    where checks.conrelid = restore_rules.target and checks.conname = 'compiled_rules_are_kept'
  ) then
    return;
  end if;
  execute format(
    'alter table %s drop constraint compiled_rules_are_kept, %s', restore_rules.target,
    (
      -- The rows keep them already.
      select string_agg(
        format('add constraint %I check (%s) not valid', rules.name, rules.expression), ', '
      )
      from private.rules_of(restore_rules.target) rules
      where not exists (
        select from pg_catalog.pg_constraint checks
        where checks.conrelid = restore_rules.target and checks.conname = rules.name
      )
    )
  );
  execute format('drop function private.%I', private.function_of_rules(restore_rules.target));
end
$body$;

create function private.rules_of(target regclass)
returns TABLE(name text, expression text)
language sql stable security invoker
set search_path=""
as $body$
  select checks.conname::text, pg_catalog.pg_get_expr(checks.conbin, checks.conrelid)
  from pg_catalog.pg_constraint checks
  where checks.conrelid = rules_of.target and checks.contype = 'c'
    and checks.conname <> 'compiled_rules_are_kept'
  union all
  select rule.parts[2], rule.parts[1]
  from pg_catalog.pg_constraint checks
  join pg_catalog.pg_depend uses
    on uses.classid = 'pg_catalog.pg_constraint'::regclass and uses.objid = checks.oid
    and uses.refclassid = 'pg_catalog.pg_proc'::regclass
  join pg_catalog.pg_proc functions on functions.oid = uses.refobjid
  cross join regexp_matches(functions.prosrc, '^when not (.*)\n  then ''(\w+)''$', 'gn')
    as rule (parts)
  where checks.conrelid = rules_of.target and checks.conname = 'compiled_rules_are_kept'
$body$;

create function private.source_of_rules(target regclass, without text)
returns text
language sql stable security invoker
set search_path=""
as $body$
  select format(
    $source$
declare
  broken constant text := case
%2$s
end;
begin
  if broken is not null then
    raise check_violation using
      message = 'new row for relation "%1$s" violates check constraint "' || broken || '"',
      schema = 'public', table = '%1$s', constraint = broken;
  end if;
  return true;
end
$source$,
    (
      select tables.relname from pg_catalog.pg_class tables
      where tables.oid = source_of_rules.target
    ),
    -- As Postgres does: the first one by name is the one that is reported.
    string_agg(
      format(E'when not %s\n  then %L', rules.expression, rules.name), E'\n'
      order by rules.name collate "C"
    )
  )
  from private.rules_of(source_of_rules.target) rules
  where rules.name is distinct from source_of_rules.without
$body$;
