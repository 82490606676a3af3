begin;
select plan(8);

select is_empty(
  $$ select relations.oid::regclass::text
    from pg_class relations
    where relations.relnamespace in (
        'public'::regnamespace, 'private'::regnamespace, 'auth'::regnamespace, 'partitions'::regnamespace
      )
      and relations.relkind in ('r', 'p', 'v', 'm')
      and (
        has_table_privilege('agentbase_functions', relations.oid, 'select, insert, update, delete, truncate, references, trigger')
        or has_any_column_privilege('agentbase_functions', relations.oid, 'select, insert, update, references')
      ) $$,
  'agentbase_functions reads and writes no table or view'
);

select is_empty(
  $$ select functions.oid::regprocedure::text
    from pg_proc functions
    where functions.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
      and has_function_privilege('agentbase_functions', functions.oid, 'execute')
      and not has_function_privilege('service_role', functions.oid, 'execute') $$,
  'agentbase_functions executes nothing that service_role may not'
);

-- A list goes over a connection as JSON, whatever the type of its parameter.
select is_empty(
  $$ select functions.oid::regprocedure::text
    from pg_proc functions
    where functions.pronamespace = 'public'::regnamespace
      and has_function_privilege('agentbase_functions', functions.oid, 'execute')
      and exists (
        select from unnest(functions.proargtypes) argument
        join pg_type types on types.oid = argument
        where types.typcategory = 'A'
      ) $$,
  'what agentbase_functions executes takes lists as jsonb'
);

create temporary view findings as
select functions.oid::regprocedure::text as finding
from pg_proc functions
where has_function_privilege('agentbase_functions', functions.oid, 'execute')
  and functions.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
  and not (functions.prosecdef and pg_get_userbyid(functions.proowner) = 'service_role');

select is_empty(
  'select finding from findings',
  'what agentbase_functions executes runs as service_role'
);
create function public.planted_invoker() returns integer language sql as 'select 1';
grant execute on function public.planted_invoker() to agentbase_functions;
select set_eq(
  'select finding from findings', array['planted_invoker()'],
  'one that runs as its caller is found'
);

select ok(
  not pg_has_role('agentbase_functions', 'service_role', 'member')
    and not exists (select from pg_auth_members members where members.member = 'agentbase_functions'::regrole),
  'agentbase_functions is a member of no role'
);

select results_eq(
  $$ select rolcanlogin, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication, rolinherit
    from pg_roles where rolname = 'agentbase_functions' $$,
  $$ values (true, false, false, false, false, false, false) $$,
  'agentbase_functions logs in and has no attribute beyond that'
);

select set_has(
  $$ select unnest(rolconfig) from pg_roles where rolname = 'agentbase_functions' $$,
  $$ values ('statement_timeout=8s'), ('lock_timeout=8s'), ('client_connection_check_interval=1s') $$,
  'limits of a statement hold for the role, whatever a pooler passes on'
);

select * from finish();
rollback;
