-- Realtime: tables whose changes a signed-in client may follow. Row level
-- security decides row by row who is told.

create function private.realtime_tables()
returns table (name text)
language sql
immutable
set search_path = ''
as $$
  values
    ('agents'), ('agent_health'), ('agent_thoughts'), ('chat_messages'), ('deployments'),
    ('notifications'),
    ('workflow_executions')
$$;
comment on function private.realtime_tables() is
  'Names of the tables in public whose changes are published.';

create function private.unpublished_tables()
returns setof text
language sql
stable
set search_path = ''
as $$
  select wanted.name
  from private.realtime_tables() wanted
  where not exists (
    select from pg_catalog.pg_publication_tables published
    where published.pubname = 'supabase_realtime'
      and published.schemaname = 'public'
      and published.tablename = wanted.name
  )
$$;
comment on function private.unpublished_tables() is
  'Those of private.realtime_tables() that the publication lacks, as after a restore of some '
  'schemas only.';
grant execute on function private.realtime_tables(), private.unpublished_tables() to service_role;

create function private.publish_tables()
returns void
language plpgsql
set search_path = ''
as $$
declare
  missing text;
begin
  if not exists (
    select from pg_catalog.pg_publication where pg_publication.pubname = 'supabase_realtime'
  )
  then
    create publication supabase_realtime;
  end if;
  for missing in select private.unpublished_tables() loop
    execute format('alter publication supabase_realtime add table public.%I', missing);
  end loop;
end
$$;
comment on function private.publish_tables() is
  'Publishes the tables of private.realtime_tables(), those that are not yet.';
select private.publish_tables();
