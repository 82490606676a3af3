-- Compiled checks: the checks of a table that every turn writes become one generated function.
--
-- Postgres parses and plans every check of a table for each statement that writes one row, even
-- where no column of the check changes. A plpgsql function is planned once in a connection. So
-- five tables declare their checks in their own chapters as any other does, and this chapter
-- replaces these by a single check, compiled_rules_are_kept, that calls
-- private.keeps_rules_of_<table>(). It raises the same error with the name of the original check.
-- docs/decisions/turn-rows.md has the figures.
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
-- A later migration that adds a check calls compile_rules() after it. One that drops, renames or
-- retypes a column calls restore_rules() before and compile_rules() after it: Postgres drops a
-- check with any of its columns, and this one check has all the rules.

create function private.rules_of(target regclass)
returns table (name text, expression text)
language sql
stable
set search_path = ''
as $$
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
$$;
comment on function private.rules_of(regclass) is
  'Names and expressions of the checks of a table: those that are constraints, and those that '
  'compile_rules() has made into its function, read from the source of that.';

create function private.columns_of_rules(target regclass, with_types boolean)
returns text
language sql
stable
set search_path = ''
as $$
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
$$;
comment on function private.columns_of_rules(regclass, boolean) is
  'The columns of which a table has checks, in their order, and their types where asked for.';

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
      format(E'when not %s\n  then %L', rules.expression, rules.name), E'\n'
      order by rules.name collate "C"
    )
  )
  from private.rules_of(source_of_rules.target) rules
  where rules.name is distinct from source_of_rules.without
$$;
comment on function private.source_of_rules(regclass, text) is
  'The body of the function that the checks of a table are made into, but for the check without.';

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
  'The name of the function that the checks of a table are made into.';

create function private.restore_rules(target regclass)
returns void
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.restore_rules(regclass) is
  'Makes the rules that compile_rules() compiled checks of the table again, so that its columns '
  'can be dropped, renamed and retyped. Called by migrations, before compile_rules().';

create function private.compile_rules(target regclass, without text default null)
returns void
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.compile_rules(regclass, text) is
  'Makes the checks of a table into one function, those included that were made into it before; '
  'one may be left out. Called by migrations.';

select private.compile_rules(target)
from unnest(array[
  'public.agents', 'public.chat_sessions', 'public.chat_messages', 'public.ai_interactions',
  'public.agent_executions'
]::regclass[]) as targets (target);
