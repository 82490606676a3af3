-- The current state of what 001510_realtime.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.publish_tables()
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  missing record;
begin
  if not exists (
    select from pg_catalog.pg_publication where pg_publication.pubname = 'supabase_realtime'
  )
  then
    create publication supabase_realtime;
  end if;
  for missing in
    select wanted.name, wanted.identity
    from private.realtime_tables() wanted
    where wanted.name in (select private.unpublished_tables())
  loop
    execute format(
      'alter table public.%I replica identity %s', missing.name,
      case missing.identity
        when 'index' then format('using index %I', missing.name || '_replica_identity')
        else missing.identity
      end
    );
    if not exists (
      select from pg_catalog.pg_publication_tables published
      where published.pubname = 'supabase_realtime'
        and published.schemaname = 'public'
        and published.tablename = missing.name
    )
    then
      execute format('alter publication supabase_realtime add table public.%I', missing.name);
    end if;
  end loop;
end
$body$;

create function private.realtime_tables()
returns TABLE(name text, identity text)
language sql immutable security invoker
set search_path=""
as $body$
  values
    ('agent_health', 'default'), ('agent_thoughts', 'default'), ('agents', 'full'),
    ('chat_messages', 'default'), ('deployments', 'index'), ('notifications', 'index'),
    ('workflow_executions', 'index')
$body$;
grant execute on function private.realtime_tables() to service_role;

create function private.replica_identity(name text)
returns text
language sql stable security invoker
set search_path=""
as $body$
  select case tables.relreplident
    when 'd' then 'default' when 'f' then 'full' when 'n' then 'nothing' when 'i' then 'index'
  end
  from pg_catalog.pg_class tables
  where tables.relnamespace = 'public'::regnamespace
    and tables.relname = replica_identity.name
$body$;
grant execute on function private.replica_identity(text) to service_role;

create function private.unpublished_tables()
returns SETOF text
language sql stable security invoker
set search_path=""
as $body$
  select wanted.name
  from private.realtime_tables() wanted
  where private.replica_identity(wanted.name) <> wanted.identity
    or not exists (
      select from pg_catalog.pg_publication_tables published
      where published.pubname = 'supabase_realtime'
        and published.schemaname = 'public'
        and published.tablename = wanted.name
    )
$body$;
grant execute on function private.unpublished_tables() to service_role;
