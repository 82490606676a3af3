-- LangGraph's checkpoints and memories: tables that its own setup creates, bound to organizations.

create schema if not exists langgraph;
comment on schema langgraph is
  'Tables of LangGraph''s Postgres checkpointer and store, which their setup creates. The Data API '
  'does not expose it.';

create function private.bind_langgraph(schema_name text default 'langgraph')
returns text[]
language plpgsql
set search_path = ''
as $$
declare
  target record;
  bound text[] := array[]::text[];
begin
  for target in
    select tables.oid::regclass as relation, owners.*
    from (values
      ('checkpoints', 'thread_id', null, 'session_id', 'chat_sessions'),
      ('checkpoint_blobs', 'thread_id', null, 'session_id', 'chat_sessions'),
      ('checkpoint_writes', 'thread_id', null, 'session_id', 'chat_sessions'),
      ('store', 'namespace_path', ':', 'organization_id', 'organizations'),
      ('store', 'prefix', '.', 'organization_id', 'organizations')
    ) as owners (name, key, separator, owner, owners)
    join pg_catalog.pg_class tables on tables.relname = owners.name and tables.relkind = 'r'
      and tables.relnamespace = to_regnamespace(quote_ident(bind_langgraph.schema_name))
    join pg_catalog.pg_attribute keys on keys.attrelid = tables.oid and keys.attname = owners.key
    order by owners.name
  loop
    execute format('alter table %s enable row level security', target.relation);
    execute format('revoke all on %s from public, anon, authenticated', target.relation);
    if not exists (
      select from pg_catalog.pg_attribute columns
      where columns.attrelid = target.relation and columns.attname = target.owner
    ) then
      execute format(
        -- An empty separator leaves the key whole.
        'alter table %1$s add column %2$I uuid generated always as '
        '(split_part(%3$I, %4$L, 1)::uuid) stored not null '
        'constraint %5$I references public.%6$I (id) on delete cascade',
        target.relation, target.owner, target.key, coalesce(target.separator, ''),
        'belongs_to_' || target.owner, target.owners
      );
      execute format('create index on %s (%I)', target.relation, target.owner);
    end if;
    bound := bound || target.name;
  end loop;
  return bound;
end
$$;
comment on function private.bind_langgraph(text) is
  'Binds the tables that LangGraph''s setup has created in a schema to organizations, and returns '
  'their names. From then on the thread_id of a checkpoint is the id of a row of chat_sessions, '
  'and the first part of a namespace of the store is the id of an organization; both are deleted '
  'with it. Enables row level security and revokes the privileges of the API roles. Idempotent. '
  'For operators.';
