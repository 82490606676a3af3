-- The current state of what 001650_compiled_rules.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.columns_of_rules(target regclass, form text)
returns text
language sql stable security invoker
set search_path=""
as $body$
  select string_agg(
    format(columns_of_rules.form, columns.attname, format_type(columns.atttypid, null)),
    ', ' order by columns.attnum
  )
  from pg_catalog.pg_attribute columns
  where columns.attrelid = columns_of_rules.target
    and columns.attnum in (
      select unnest(checks.conkey)
      from private.compilable_checks(columns_of_rules.target) checks
    )
$body$;

create function private.compilable_checks(target regclass)
returns SETOF pg_constraint
language sql stable security invoker
set search_path=""
as $body$
  select checks.*
  from pg_catalog.pg_constraint checks
  where checks.conrelid = compilable_checks.target and checks.contype = 'c'
    and not checks.conkey && array(
      select columns.attnum
      from pg_catalog.pg_attribute columns
      where columns.attrelid = compilable_checks.target
        and (
          columns.attname = any (private.counters_of(compilable_checks.target))
          or columns.attgenerated <> ''
        )
    )
$body$;

create function private.compile_rules(target regclass, without text DEFAULT NULL::text)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  perform private.restore_rules(compile_rules.target);
  if not exists (select from private.compilable_checks(compile_rules.target)) then
    raise undefined_object using
      message = format('Cannot compile the checks of "%s": it has none.', compile_rules.target);
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
  perform private.create_function_of_rules(compile_rules.target, compile_rules.without);
  perform private.create_trigger_of_rules(compile_rules.target);
  execute format(
    'alter table %s %s', compile_rules.target,
    (
      select string_agg(format('drop constraint %I', checks.conname), ', ')
      from private.compilable_checks(compile_rules.target) checks
    )
  );
end
$body$;

create function private.counters_of(target regclass)
returns name[]
language sql stable security invoker
set search_path=""
as $body$
  select case counters_of.target
    when 'public.agents'::regclass then array['usage_count', 'last_used_at']
    when 'public.chat_sessions'::regclass then array['message_count', 'last_activity_at']
    else '{}'
  end::name[]
$body$;

create function private.create_function_of_rules(target regclass, without text)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  checker constant name := private.function_of_rules(create_function_of_rules.target);
begin
  execute format(
    'create function private.%I(%s) returns boolean language plpgsql immutable '
    'set search_path = '''' as %L',
    checker, private.columns_of_rules(create_function_of_rules.target, '%I %s'),
    private.source_of_rules(create_function_of_rules.target, create_function_of_rules.without)
  );
  execute format(
    'comment on function private.%I is ''Whether the checks of a row hold; raises the error of '
    'the first that does not.''',
    checker
  );
  execute format(
    'grant execute on function private.%I to service_role%s', checker,
    case
      when has_any_column_privilege(
        'authenticated', create_function_of_rules.target, 'insert, update'
      )
        then ', authenticated'
    end
  );
end
$body$;

create function private.create_trigger_of_rules(target regclass)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  checker constant name := private.function_of_rules(create_trigger_of_rules.target);
  caller constant name := replace(checker, 'keeps', 'check');
begin
  execute format(
    'create function private.%I() returns trigger language plpgsql set search_path = '''' as %L',
    caller,
    format(
      E'\nbegin\n  return case when private.%I(%s) then new end;\nend\n', checker,
      private.columns_of_rules(create_trigger_of_rules.target, 'new.%I')
    )
  );
  execute format(
    'comment on function private.%I is ''Trigger: the checks of a row hold.''', caller
  );
  -- On all columns except the counters, as another trigger may have changed any of them.
  execute format(
    'create trigger rules_are_kept before insert or update of %s on %s '
    'for each row execute function private.%I()',
    (
      select string_agg(format('%I', columns.attname), ', ' order by columns.attnum)
      from pg_catalog.pg_attribute columns
      where columns.attrelid = create_trigger_of_rules.target
        and columns.attnum > 0 and not columns.attisdropped
        and columns.attname <> all (private.counters_of(create_trigger_of_rules.target))
    ),
    create_trigger_of_rules.target, caller
  );
  -- Like a check, it applies in every session_replication_role.
  execute format(
    'alter table %s enable always trigger rules_are_kept', create_trigger_of_rules.target
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

create function private.has_compiled_rules(target regclass)
returns boolean
language sql stable security invoker
set search_path=""
as $body$
  select exists (
    select from pg_catalog.pg_trigger triggers
    where triggers.tgrelid = has_compiled_rules.target and triggers.tgname = 'rules_are_kept'
  )
$body$;

create function private.restore_rules(target regclass)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  checker constant name := private.function_of_rules(restore_rules.target);
begin
  if not private.has_compiled_rules(restore_rules.target) then
    return;
  end if;
  execute format(
    'alter table %s %s', restore_rules.target,
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
  execute format('drop trigger rules_are_kept on %s', restore_rules.target);
  execute format(
    'drop function private.%I, private.%I', replace(checker, 'keeps', 'check'), checker
  );
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
  union all
  select rule.parts[2], rule.parts[1]
  from pg_catalog.pg_proc functions
  cross join regexp_matches(functions.prosrc, '^when not (.*)\n  then ''(\w+)''$', 'gn')
    as rule (parts)
  where private.has_compiled_rules(rules_of.target)
    and functions.pronamespace = 'private'::regnamespace
    and functions.proname = private.function_of_rules(rules_of.target)
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
      format(
        E'when not %s\n  then %L',
        pg_catalog.pg_get_expr(checks.conbin, checks.conrelid), checks.conname
      ),
      E'\n' order by checks.conname collate "C"
    )
  )
  from private.compilable_checks(source_of_rules.target) checks
  where checks.conname is distinct from source_of_rules.without
$body$;
