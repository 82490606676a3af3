-- Everything whose loss a test must notice: one row per mutant, with the statement that makes it.
with api as (
  select relations.oid, relations.relname, relations.relkind, relations.reloptions, format('%I.%I', schemas.nspname, relations.relname) as path
  from pg_class relations
  join pg_namespace schemas on schemas.oid = relations.relnamespace
  where schemas.nspname in ('public', 'private') and relations.relkind in ('r', 'p', 'v')
),
mutants as (
  select 'policy' as kind, api.relname as relation, policies.polname::text as object,
    format('drop policy %I on %s', policies.polname, api.path) as statement
  from pg_policy policies
  join api on api.oid = policies.polrelid

  union all
  select 'row level security', api.relname, api.relname, format('alter table %s disable row level security', api.path)
  from api
  join pg_class on pg_class.oid = api.oid and pg_class.relrowsecurity

  union all
  select 'view', api.relname, api.relname || ' asks as its caller', format('alter view %s reset (security_invoker)', api.path)
  from api
  where api.relkind = 'v'

  union all
  -- A primary key is left: without it the schema is another one.
  select
    case constraints.contype when 'c' then 'check' when 'f' then 'foreign key' when 'u' then 'unique' else 'exclusion' end,
    api.relname, constraints.conname,
    format('alter table %s drop constraint %I cascade', api.path, constraints.conname)
  from pg_constraint constraints
  join api on api.oid = constraints.conrelid
  where constraints.contype in ('c', 'f', 'u', 'x')

  union all
  select 'check', api.relname, rules.name, format('select private.compile_rules(%L, %L)', api.path, rules.name)
  from api
  cross join private.rules_of(api.oid) rules
  where not exists (
    select from pg_constraint constraints where constraints.conrelid = api.oid and constraints.conname = rules.name
  )

  union all
  select 'unique', api.relname, indexes.relname, format('drop index %s', indexes.oid::regclass)
  from pg_index
  join pg_class indexes on indexes.oid = pg_index.indexrelid
  join api on api.oid = pg_index.indrelid
  where pg_index.indisunique and not exists (select from pg_constraint where pg_constraint.conindid = pg_index.indexrelid)

  union all
  -- Ours on the platform's tables too.
  select 'trigger', relations.relname, triggers.tgname, format('drop trigger %I on %s', triggers.tgname, triggers.tgrelid::regclass)
  from pg_trigger triggers
  join pg_class relations on relations.oid = triggers.tgrelid
  join pg_proc functions on functions.oid = triggers.tgfoid
  where not triggers.tgisinternal and not relations.relispartition
    and functions.pronamespace in ('public'::regnamespace, 'private'::regnamespace)

  union all
  -- A right that was not intended, on the whole relation.
  select 'grant', api.relname, format('%s to %s on %s', rights.command, roles.role, api.relname),
    format('grant %s on %s to %s', rights.command, api.path, roles.role)
  from api
  cross join unnest(array['select', 'insert', 'update', 'delete']) as rights (command)
  cross join unnest(array['anon', 'authenticated']) as roles (role)
  where not has_table_privilege(roles.role, api.oid, rights.command)

  union all
  select 'grant', functions.proname, format('execute to %s on %s', roles.role, functions.oid::regprocedure),
    format('grant execute on routine %s to %s', functions.oid::regprocedure, roles.role)
  from pg_proc functions
  cross join unnest(array['anon', 'authenticated']) as roles (role)
  where functions.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
    and not has_function_privilege(roles.role, functions.oid, 'execute')

  union all
  select 'publication', published.tablename, published.tablename || ' in ' || published.pubname,
    format('alter publication %I drop table %I.%I', published.pubname, published.schemaname, published.tablename)
  from pg_publication_tables published
  where published.schemaname = 'public'
)
select kind, relation::text, object::text, statement
from mutants
order by relation, kind, object;
