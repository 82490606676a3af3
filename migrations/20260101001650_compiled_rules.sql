-- Compiled checks: the checks of a table that every turn writes become one generated function.
--
-- Postgres parses and plans every check of a table for each statement that writes one row, even
-- where no column of the check changes. A plpgsql function is planned once in a connection. So five
-- tables declare their checks in their own chapters as any other does, and this chapter replaces
-- these by the trigger rules_are_kept, which calls private.keeps_rules_of_<table>(). That raises
-- the same error with the name of the original check. An update of counters alone, which every turn
-- makes, does not fire it, and a generated column has no value before the row is written: checks of
-- either remain. docs/decisions/turn-rows.md has the figures.
--
-- From then on the generated function is the only place that has the rules, two lines each:
--
--   broken constant text := case
--   when not (char_length(name) <= 100)
--     then 'name_has_at_most_100_characters'
--   end;
--
-- rules_of() reads them from there; compile_rules() generates the function; restore_rules() makes
-- its rules checks of the table again.
--
-- A later migration that adds a check calls compile_rules() once it is valid. One that adds, drops,
-- renames or retypes a column calls restore_rules() before and compile_rules() after it.

create function private.counters_of(target regclass)
returns name[]
language sql
stable
set search_path = ''
as $$
  select case counters_of.target
    when 'public.agents'::regclass then array['usage_count', 'last_used_at']
    when 'public.chat_sessions'::regclass then array['message_count', 'last_activity_at']
    else '{}'
  end::name[]
$$;
comment on function private.counters_of(regclass) is
  'The columns of a table that are counters of turns. No trigger changes a column with a rule in '
  'an update of these alone, so only their own rules are checked then.';

create function private.function_of_rules(target regclass)
returns name
language sql
stable
set search_path = ''
as $$
  select 'keeps_rules_of_' || tables.relname
  from pg_catalog.pg_class tables
  where tables.oid = function_of_rules.target
$$;
comment on function private.function_of_rules(regclass) is
  'The name of the function that checks the rules of a table.';

create function private.has_compiled_rules(target regclass)
returns boolean
language sql
stable
set search_path = ''
as $$
  select exists (
    select from pg_catalog.pg_trigger triggers
    where triggers.tgrelid = has_compiled_rules.target and triggers.tgname = 'rules_are_kept'
  )
$$;
comment on function private.has_compiled_rules(regclass) is
  'Whether compile_rules() has compiled the checks of a table into a function.';

create function private.rules_of(target regclass)
returns table (name text, expression text)
language sql
stable
set search_path = ''
as $$
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
$$;
comment on function private.rules_of(regclass) is
  'Names and expressions of the checks of a table: those that are constraints, and those that '
  'compile_rules() has compiled, read from the source of its function.';

create function private.compilable_checks(target regclass)
returns setof pg_catalog.pg_constraint
language sql
stable
set search_path = ''
as $$
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
$$;
comment on function private.compilable_checks(regclass) is
  'The checks of a table that compile_rules() compiles: all except those that read a counter or a '
  'generated column.';

create function private.columns_of_rules(target regclass, form text)
returns text
language sql
stable
set search_path = ''
as $$
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
$$;
comment on function private.columns_of_rules(regclass, text) is
  'The columns of a table that its compiled checks read, in order, each as a format() string with '
  'its name and type.';

create function private.source_of_rules(target regclass, without text)
returns text
language sql
stable
set search_path = ''
as $$
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
$$;
comment on function private.source_of_rules(regclass, text) is
  'The body of the function that checks the rules of a table, except the check without.';

create function private.create_function_of_rules(target regclass, without text)
returns void
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.create_function_of_rules(regclass, text) is
  'Creates the function that checks the rules of a table, except the check without.';

create function private.create_trigger_of_rules(target regclass)
returns void
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.create_trigger_of_rules(regclass) is
  'Creates the trigger that checks the rules of a table for each row that is written.';

create function private.restore_rules(target regclass)
returns void
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.restore_rules(regclass) is
  'Makes the rules that compile_rules() compiled checks of the table again, so that its columns '
  'can be added, dropped, renamed and retyped. Called by migrations, before compile_rules().';

create function private.compile_rules(target regclass, without text default null)
returns void
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.compile_rules(regclass, text) is
  'Compiles the checks of a table into one function that a trigger calls, including those that '
  'were compiled earlier; one may be left out. Called by migrations. Reads no rows, so checks must '
  'be validated before.';

select private.compile_rules(target)
from unnest(array[
  'public.agents', 'public.chat_sessions', 'public.chat_messages', 'public.ai_interactions',
  'public.agent_executions'
]::regclass[]) as targets (target);
