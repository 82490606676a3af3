-- Realtime: tables whose changes a signed-in client may follow. Row level security decides row by
-- row who receives an insert or update. A deletion is checked against the subscriber's filter only,
-- which can use the columns of the replica identity.

create function private.realtime_tables()
returns table (name text, identity text)
language sql
immutable
set search_path = ''
as $$
  values
    ('agent_health', 'default'), ('agent_thoughts', 'default'), ('agents', 'full'),
    ('chat_messages', 'default'), ('deployments', 'index'), ('notifications', 'index'),
    ('workflow_executions', 'index')
$$;
comment on function private.realtime_tables() is
  'The tables in public whose changes are published, and their replica identity. default: the '
  'primary key. index: {table}_replica_identity, which adds the id that subscriptions filter by. '
  'full: the row, where that id can be null (agents.created_by).';

create function private.replica_identity(name text)
returns text
language sql
stable
set search_path = ''
as $$
  select case tables.relreplident
    when 'd' then 'default' when 'f' then 'full' when 'n' then 'nothing' when 'i' then 'index'
  end
  from pg_catalog.pg_class tables
  where tables.relnamespace = 'public'::regnamespace
    and tables.relname = replica_identity.name
$$;
comment on function private.replica_identity(text) is
  'The replica identity of a table in public: default, full, nothing or index.';

create function private.unpublished_tables()
returns setof text
language sql
stable
set search_path = ''
as $$
  select wanted.name
  from private.realtime_tables() wanted
  where private.replica_identity(wanted.name) <> wanted.identity
    or not exists (
      select from pg_catalog.pg_publication_tables published
      where published.pubname = 'supabase_realtime'
        and published.schemaname = 'public'
        and published.tablename = wanted.name
    )
$$;
comment on function private.unpublished_tables() is
  'Those of private.realtime_tables() that the publication lacks, as after a restore of some '
  'schemas only, or whose replica identity is another.';
grant execute on function
  private.realtime_tables(), private.replica_identity(text), private.unpublished_tables()
  to service_role;

create function private.publish_tables()
returns void
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.publish_tables() is
  'Publishes the tables of private.realtime_tables() with their replica identity, where that is '
  'not so yet.';
select private.publish_tables();
