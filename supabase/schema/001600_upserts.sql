-- The current state of what 001600_upserts.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table private.deleted_ids (
  id uuid not null,
  created_at timestamp with time zone default now() not null,
  constraint deleted_ids_pkey PRIMARY KEY (id)
);

-- Functions --------------------------------------------------------------------------------------

create function private.allow_upserts(target regclass, key text DEFAULT 'id'::text)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  fixed text[];
begin
  execute format(
    'grant insert (%I) on %s to authenticated', allow_upserts.key, allow_upserts.target
  );
  select array_agg(columns.attname::text order by columns.attnum) into fixed
  from pg_catalog.pg_attribute columns
  where columns.attrelid = allow_upserts.target and columns.attnum > 0 and not columns.attisdropped
    and has_column_privilege('authenticated', allow_upserts.target, columns.attnum, 'insert')
    and not has_column_privilege('authenticated', allow_upserts.target, columns.attnum, 'update');
  execute format(
    'grant update (%s) on %s to authenticated',
    (select string_agg(format('%I', name), ', ') from unnest(fixed) as columns (name)),
    allow_upserts.target
  );
  if (
    select pg_class.relkind = 'v' from pg_catalog.pg_class where pg_class.oid = allow_upserts.target
  )
  then
    return;
  end if;
  execute format(
    'create trigger refuse_change before update of %s on %s for each row '
    'when (current_user = ''authenticated'' and (%s) is distinct from (%s)) '
    'execute function private.refuse_change(%s)',
    (select string_agg(format('%I', name), ', ') from unnest(fixed) as columns (name)),
    allow_upserts.target,
    (select string_agg(format('old.%I', name), ', ') from unnest(fixed) as columns (name)),
    (select string_agg(format('new.%I', name), ', ') from unnest(fixed) as columns (name)),
    (select string_agg(quote_literal(name), ', ') from unnest(fixed) as columns (name))
  );
end
$body$;

create function private.is_deleted_id(id uuid)
returns boolean
language sql stable security definer
set search_path=""
as $body$
  select exists (select from private.deleted_ids where deleted_ids.id = is_deleted_id.id)
$body$;
grant execute on function private.is_deleted_id(uuid) to authenticated, service_role;

create function private.refuse_change()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  changed text := (
    select fixed.name from unnest(tg_argv) as fixed (name)
    where to_jsonb(old) -> fixed.name is distinct from to_jsonb(new) -> fixed.name
    limit 1
  );
begin
  perform private.refuse(
    'column_is_fixed', format('Column "%s" of "%s" cannot be changed.', changed, tg_table_name)
  );
  return null;
end
$body$;

create function private.remember_deleted_id()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  insert into private.deleted_ids (id) values (old.id) on conflict do nothing;
  return null;
end
$body$;
