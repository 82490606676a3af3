-- What the hosted platform has and plain Postgres lacks. Run by the stack and by the tests, as the
-- superuser supabase_admin, at every start: it can be repeated, and it runs on Postgres 15 and later.
-- Nothing here grants a table to an API role: that is the business of migrations.

-- roles ------------------------------------------------------------------------------------------

do $$
declare
  wanted text;
begin
  foreach wanted in array array[
    'anon', 'authenticated', 'service_role', 'authenticator', 'supabase_auth_admin', 'postgres'
  ] loop
    if not exists (select from pg_catalog.pg_roles where rolname = wanted) then
      execute format('create role %I', wanted);
    end if;
  end loop;
end
$$;

-- The roles that a request takes on, by its token or key.
alter role anon nologin noinherit;
alter role authenticated nologin noinherit;
alter role service_role nologin noinherit bypassrls;

-- The role that the Data API connects as on the platform; it can only become one of the three.
alter role authenticator login noinherit;
grant anon, authenticated, service_role to authenticator;

-- The role that the Auth server connects as; owner of schema auth.
alter role supabase_auth_admin login noinherit createrole;

-- The role that runs migrations. Not a superuser, here as there.
alter role postgres login inherit nosuperuser createdb createrole replication bypassrls
  password 'postgres';
grant anon, authenticated, service_role, authenticator to postgres with admin option;
grant pg_monitor, pg_read_all_data, pg_signal_backend to postgres;

-- A request may not run indefinitely. The Data API applies the limit of the role it takes on.
alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';
alter role authenticator set statement_timeout = '8s';
alter role authenticator set lock_timeout = '8s';

-- On the platform `postgres` may set what configures the Data API.
grant set on parameter pgrst.db_pre_request to postgres;

alter role postgres set search_path = "$user", public, extensions;
alter role supabase_admin set search_path = "$user", public, auth, extensions;
alter role supabase_auth_admin set search_path = auth;
alter role supabase_auth_admin set idle_in_transaction_session_timeout = '60s';

-- database and schemas ---------------------------------------------------------------------------

-- The owner of the database may create schemas and trusted extensions in it.
do $$
begin
  execute format('alter database %I owner to postgres', current_database());
  execute format('grant create on database %I to supabase_auth_admin', current_database());
end
$$;

grant usage on schema public to anon, authenticated, service_role;

create schema if not exists extensions authorization postgres;
grant usage on schema extensions to anon, authenticated, service_role, supabase_auth_admin;

create schema if not exists auth authorization supabase_auth_admin;
grant usage on schema auth to anon, authenticated, service_role, postgres;

create schema if not exists vault;
grant usage on schema vault to postgres, service_role;

-- extensions -------------------------------------------------------------------------------------

-- These two are there from the start on the platform; migrations may add any trusted one.
do $$
declare
  wanted text;
begin
  for wanted in
    select name from pg_catalog.pg_available_extensions where name in ('pgcrypto', 'uuid-ossp')
  loop
    execute format('create extension if not exists %I with schema extensions', wanted);
  end loop;
end
$$;

-- On the platform `postgres` may create pg_cron. Plain Postgres reserves that to superusers, so it
-- is made here where the server has loaded it, and handed over as the platform does.
do $$
begin
  if exists (select from pg_catalog.pg_available_extensions where name = 'pg_cron')
    and 'pg_cron' = any (
      string_to_array(replace(current_setting('shared_preload_libraries'), ' ', ''), ',')
    )
    and current_setting('cron.database_name', true) = current_database()
  then
    create extension if not exists pg_cron with schema pg_catalog;
    grant usage on schema cron to postgres with grant option;
    grant all on all functions in schema cron to postgres with grant option;
    grant all on all tables in schema cron to postgres with grant option;
    revoke all on cron.job from postgres;
    grant select on cron.job to postgres with grant option;
  end if;
end
$$;

-- realtime ---------------------------------------------------------------------------------------

do $$
begin
  if not exists (select from pg_catalog.pg_publication where pubname = 'supabase_realtime') then
    create publication supabase_realtime;
  end if;
end
$$;

alter publication supabase_realtime owner to postgres;

-- who is asking ----------------------------------------------------------------------------------

create or replace function auth.jwt() returns jsonb
language sql stable
as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')
  )::jsonb
$$;

comment on function auth.jwt() is
  'The claims of the request''s token; null outside a request.';

create or replace function auth.uid() returns uuid
language sql stable
as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.sub', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
  )::uuid
$$;

comment on function auth.uid() is 'The id of the signed-in user; null for anyone else.';

create or replace function auth.role() returns text
language sql stable
as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.role', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role'
  )
$$;

comment on function auth.role() is 'The role in the request''s token.';

create or replace function auth.email() returns text
language sql stable
as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.email', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email'
  )
$$;

comment on function auth.email() is 'The e-mail address in the request''s token.';

do $$
declare
  helper regprocedure;
begin
  for helper in
    select oid::regprocedure from pg_catalog.pg_proc
    where pronamespace = 'auth'::regnamespace and proname in ('jwt', 'uid', 'role', 'email')
  loop
    execute format('alter function %s owner to supabase_auth_admin', helper);
  end loop;
end
$$;

-- schema changes reach the Data API --------------------------------------------------------------

-- As on the platform: every change of the schema tells the Data API to read it again.
create or replace function extensions.pgrst_ddl_watch() returns event_trigger
language plpgsql
set search_path = ''
as $$
begin
  notify pgrst, 'reload schema';
end
$$;

comment on function extensions.pgrst_ddl_watch() is
  'Tells the Data API to read the schema again after a change.';

do $$
begin
  if not exists (select from pg_catalog.pg_event_trigger where evtname = 'pgrst_ddl_watch') then
    create event trigger pgrst_ddl_watch on ddl_command_end
      execute function extensions.pgrst_ddl_watch();
  end if;
  if not exists (select from pg_catalog.pg_event_trigger where evtname = 'pgrst_drop_watch') then
    create event trigger pgrst_drop_watch on sql_drop
      execute function extensions.pgrst_ddl_watch();
  end if;
end
$$;
