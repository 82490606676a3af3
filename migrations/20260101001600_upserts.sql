-- Upserts: supabase-js sends insert … on conflict (key) do update set, with every column of the
-- payload in the update, the key as well. So columns that a client may insert can also be named in
-- an update, but not changed. One call for each table with upserts.

-- Ids that a client gives

create table private.deleted_ids (
  id uuid primary key,
  created_at timestamptz not null default now()
);
comment on table private.deleted_ids is
  'Ids of agents and organizations that were deleted. Websites, access keys and files may still '
  'name them, so clients cannot reuse them. 24 bytes a row, kept.';
comment on column private.deleted_ids.id is 'The id.';
comment on column private.deleted_ids.created_at is 'When the row was deleted.';

create function private.remember_deleted_id()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  insert into private.deleted_ids (id) values (old.id) on conflict do nothing;
  return null;
end
$$;
comment on function private.remember_deleted_id() is
  'Trigger: records the id of a row that was deleted.';
create trigger remember_deleted_id after delete on public.agents
  for each row execute function private.remember_deleted_id();
create trigger remember_deleted_id after delete on public.organizations
  for each row execute function private.remember_deleted_id();

create function private.is_deleted_id(id uuid)
returns boolean
language sql
stable
security definer
set search_path = ''
as $$
  select exists (select from private.deleted_ids where deleted_ids.id = is_deleted_id.id)
$$;
comment on function private.is_deleted_id(uuid) is
  'True for the id of an agent or organization that was deleted.';
grant execute on function private.is_deleted_id(uuid) to authenticated, service_role;

create policy "No agent takes the id of a deleted one" on public.agents
  as restrictive for insert to authenticated with check (not private.is_deleted_id(id));
create policy "No organization takes the id of a deleted one" on public.organizations
  as restrictive for insert to authenticated with check (not private.is_deleted_id(id));

-- Columns that a client names and does not change

create function private.refuse_change()
returns trigger
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.refuse_change() is
  'Trigger: refuses a change of a column that stays as it was inserted. Errors: PT403 '
  'column_is_fixed.';

create function private.allow_upserts(target regclass, key text default 'id')
returns void
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.allow_upserts(regclass, text) is
  'Lets clients set the key of a row, and name in an update the columns that they may insert; a '
  'trigger on the table refuses changed values. Called by migrations, after the table''s grants.';

select private.allow_upserts(target)
from unnest(array[
  'public.profiles', 'public.organizations', 'public.notifications', 'public.agents',
  'public.models',
  'public.agent_feature_mappings', 'public.ai_agent_configs', 'public.agent_templates',
  'public.chat_sessions',
  'public.ai_interactions', 'public.budgets', 'public.deployments', 'public.workflows',
  'public.workflow_executions', 'public.widgets'
]::regclass[]) as targets (target);
select private.allow_upserts('public.mcp_sessions', 'session_id');
select private.allow_upserts('public.notification_settings', 'user_id');
select private.allow_upserts('public.notification_preferences', 'user_id');
