-- The current state of what 001240_langgraph.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.bind_langgraph(schema_name text DEFAULT 'langgraph'::text)
returns text[]
language plpgsql volatile security invoker
set search_path=""
as $body$
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
$body$;
