-- The current state of what 001640_functions_role.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.repair_functions_role()
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  called regprocedure;
begin
  -- Limits that also apply behind poolers, which drop a client's startup parameters.
  alter role agentbase_functions set statement_timeout = '8s';
  alter role agentbase_functions set lock_timeout = '8s';
  alter role agentbase_functions set idle_in_transaction_session_timeout = '10s';
  -- A statement whose client has disconnected ends within a second.
  alter role agentbase_functions set client_connection_check_interval = '1s';
  -- A role can only become the owner of objects that it may create.
  grant create on schema public to service_role;
  for called in
    select functions.oid
    from pg_catalog.pg_proc functions
    cross join lateral pg_catalog.aclexplode(functions.proacl) as acl
    where acl.grantee = 'agentbase_functions'::regrole
  loop
    execute format('alter function %s security definer', called);
    execute format('alter function %s owner to service_role', called);
  end loop;
  revoke create on schema public from service_role;
end
$body$;

create function public.check_connection()
returns jsonb
language sql stable security definer
set search_path=""
as $body$
  select jsonb_build_object(
    'role', session_user,
    'statement_timeout_ms', (
      select settings.setting::integer from pg_catalog.pg_settings settings
      where settings.name = 'statement_timeout'
    ),
    'connections', (
      select sum(databases.numbackends)::integer from pg_catalog.pg_stat_database databases
    ),
    'max_connections', current_setting('max_connections')::integer
  )
$body$;
grant execute on function public.check_connection() to agentbase_functions;
