-- Vendor keys: users' own API keys for vendors, as ciphertext that only the edge
-- functions can open, and the record of what was done with them. Seed 002.

create function private.are_key_settings(settings jsonb)
returns boolean
language plpgsql
immutable parallel safe
set search_path = ''
as $$
begin
  if are_key_settings.settings = '{}' then
    return true;
  end if;
  return case when jsonb_typeof(are_key_settings.settings) = 'object' then (
    select count(*) <= 8 and coalesce(bool_and(
      settings.name ~ '^\w{1,63}$'
      and jsonb_typeof(settings.value) = 'string'
      and settings.value #>> '{}' ~ '^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$'
    ), true)
    from jsonb_each(are_key_settings.settings) as settings (name, value)
  ) else false end;
end
$$;
comment on function private.are_key_settings(jsonb) is
  'Whether a value is an object of at most eight settings, each one label of a host name: so that '
  'a placeholder of a URL cannot redirect it to another host.';
grant execute on function private.are_key_settings(jsonb) to service_role, authenticated;

create table public.user_api_keys (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references public.profiles (id) on delete cascade,
  organization_id uuid references public.organizations (id) on delete set null,
  vendor_id text not null references public.vendors (id) on delete restrict,
  service_id text,
  encrypted_key text not null,
  key_preview text not null,
  key_fingerprint text,
  display_name text,
  settings jsonb not null default '{}',
  is_active boolean not null default true,
  last_used_at timestamptz,
  last_error text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint key_service_is_its_vendors
    foreign key (vendor_id, service_id)
    references public.vendor_services (vendor_id, id) on delete restrict,
  constraint encrypted_key_is_ciphertext check (private.is_ciphertext(encrypted_key)),
  -- Ten times as fast as '^[0-9a-f]{64}$'.
  constraint key_fingerprint_is_64_hex_digits check (
    char_length(key_fingerprint) = 64 and key_fingerprint !~ '[^0-9a-f]'
  ),
  constraint key_preview_is_at_most_4_characters check (char_length(key_preview) <= 4),
  constraint key_name_is_1_to_255_characters check (char_length(display_name) between 1 and 255),
  constraint key_settings_are_labels_of_a_host_name check (private.are_key_settings(settings)),
  -- Sizes of columns that clients write.
  constraint key_display_name_has_no_control_characters check (private.is_plain(display_name))
);
comment on table public.user_api_keys is
  'Vendor keys: API keys of users for vendors. Clients see that a key exists and its last four '
  'characters, never the key.';
comment on column public.user_api_keys.id is
  'Primary key; part of what the ciphertext is bound to.';
comment on column public.user_api_keys.user_id is
  'Whose key; part of what the ciphertext is bound to.';
comment on column public.user_api_keys.organization_id is
  'The organization whose members may chat with it where that organization pays; null while it '
  'is not shared.';
comment on column public.user_api_keys.vendor_id is
  'The vendor that accepts it; part of what the ciphertext is bound to.';
comment on column public.user_api_keys.service_id is
  'The one service that it is for; null for all of the vendor''s.';
comment on column public.user_api_keys.encrypted_key is
  'AES-256-GCM ciphertext, v1:<key id>:<iv>:<ciphertext and tag>. Not readable by clients.';
comment on column public.user_api_keys.key_preview is 'Last four characters, to tell keys apart.';
comment on column public.user_api_keys.key_fingerprint is
  'Keyed hash of the key, which detects that its owner stores it twice. Not readable by clients.';
comment on column public.user_api_keys.display_name is 'The owner''s name for the provider key.';
comment on column public.user_api_keys.settings is
  'Values of the placeholders in the vendor''s URL, such as {"resource": "my-company"}: the '
  'owner''s, never the operator''s.';
comment on column public.user_api_keys.is_active is 'False disables it.';
comment on column public.user_api_keys.last_used_at is 'Last call made with it.';
comment on column public.user_api_keys.last_error is
  'Why it was refused, or could not be used; null while it works.';
comment on column public.user_api_keys.created_at is 'When it was stored.';
comment on column public.user_api_keys.updated_at is 'When the user API key was last changed.';

alter table public.user_api_keys enable row level security;
create policy "People see their own keys, admins the shared ones" on public.user_api_keys
  for select to authenticated
  using (
    user_id = (select auth.uid())
    or organization_id = any (array(select private.my_organizations('admin')))
  );
create policy "People change their own keys, admins the shared ones" on public.user_api_keys
  for update to authenticated
  using (
    user_id = (select auth.uid())
    or organization_id = any (array(select private.my_organizations('admin')))
  )
  with check (
    user_id = (select auth.uid())
    or organization_id = any (array(select private.my_organizations('admin')))
  );
create policy "People delete their own keys, admins the shared ones" on public.user_api_keys
  for delete to authenticated
  using (
    user_id = (select auth.uid())
    or organization_id = any (array(select private.my_organizations('admin')))
  );
grant select (
  id, user_id, organization_id, vendor_id, service_id, key_preview, display_name, settings,
  is_active, last_used_at, last_error,
  created_at, updated_at
) on public.user_api_keys to authenticated;
grant update (organization_id, display_name, is_active) on public.user_api_keys to authenticated;
grant delete on public.user_api_keys to authenticated;
grant select, insert, update, delete on public.user_api_keys to service_role;
create index user_api_keys_user_id_idx on public.user_api_keys (user_id, vendor_id);
create index user_api_keys_organization_id_idx on public.user_api_keys (organization_id, vendor_id);
create index idx_user_api_keys_vendor on public.user_api_keys (vendor_id, service_id);
create trigger update_user_api_keys_updated_at before update on public.user_api_keys
  for each row execute function public.update_updated_at_column();

create function private.forget_key_error()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.last_error = null;
  return new;
end
$$;
comment on function private.forget_key_error() is
  'Trigger: clears the error of a key that is re-enabled, so that it is used again.';
create trigger forget_key_error before update of is_active on public.user_api_keys
  for each row when (
    new.is_active and not old.is_active
  ) execute function private.forget_key_error();

create function private.check_key_sharing()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if new.user_id is distinct from (select auth.uid())
    or new.organization_id not in (select private.my_organizations('admin'))
  then
    perform private.refuse(
      'key_not_yours_to_share',
      'Only its owner can share a key, and only with an organization that the owner manages.'
    );
  end if;
  return new;
end
$$;
comment on function private.check_key_sharing() is
  'Trigger: an admin may disable a shared key, but not move it to another organization.';
create trigger check_key_sharing before update of organization_id on public.user_api_keys
  for each row
  when (
    new.organization_id is not null
    and new.organization_id is distinct from old.organization_id
    and auth.uid() is not null
  )
  execute function private.check_key_sharing();

create function private.refuse_key_switch()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  perform private.refuse(
    'key_not_yours_to_switch_on', 'Only its owner can enable a key.',
    'Ask its owner, or remove it from the organization.'
  );
  return null;
end
$$;
comment on function private.refuse_key_switch() is
  'Trigger: an admin may disable a shared key, but only its owner, who pays for it, may enable it.';
create trigger refuse_key_switch before update of is_active on public.user_api_keys
  for each row
  when (new.is_active and not old.is_active and old.user_id <> auth.uid())
  execute function private.refuse_key_switch();

create table public.api_key_events (
  id uuid primary key default gen_random_uuid(),
  key_id uuid not null,
  user_id uuid references public.profiles (id) on delete cascade,
  organization_id uuid references public.organizations (id) on delete set null,
  actor_id uuid references public.profiles (id) on delete set null,
  event text not null,
  details jsonb not null default '{}',
  created_at timestamptz not null default now(),
  constraint event_is_known
    check (
      event in (
        'created', 'replaced', 'changed', 'deleted', 'decrypted', 'rejected', 'undecryptable'
      )
    )
);
comment on table public.api_key_events is
  'What was done with a key, by whom. Written by the database; outlives the key.';
comment on column public.api_key_events.id is 'Identifies the API key event.';
comment on column public.api_key_events.key_id is 'The key, which may be gone.';
comment on column public.api_key_events.user_id is 'The user whose provider key it is.';
comment on column public.api_key_events.organization_id is
  'The organization that it was shared with.';
comment on column public.api_key_events.actor_id is
  'The user who did it; null for the backend, as when a vendor rejects a key.';
comment on column public.api_key_events.event is
  'created, replaced, changed, deleted; decrypted, for its owner or to try it out; rejected by '
  'its vendor; undecryptable.';
comment on column public.api_key_events.details is
  'What changed. Never a key, never a ciphertext.';
comment on column public.api_key_events.created_at is
  'When the provider key was used or changed in this way.';

alter table public.api_key_events enable row level security;
create policy "People read what was done with keys that they see" on public.api_key_events
  for select to authenticated
  using (
    user_id = (select auth.uid())
    or organization_id = any (array(select private.my_organizations('admin')))
  );
grant select on public.api_key_events to authenticated;
grant select, insert on public.api_key_events to service_role;
create index api_key_events_key_id_idx on public.api_key_events (key_id, created_at desc);
create index api_key_events_user_id_idx on public.api_key_events (user_id, created_at desc);
create index api_key_events_organization_id_idx
  on public.api_key_events (organization_id, created_at desc);
create index api_key_events_created_at_idx on public.api_key_events using brin (created_at);
create index api_key_events_actor_id_idx on public.api_key_events (actor_id);

create function private.audit_api_key()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  -- Person and organization may be being deleted; then they are not referenced.
  insert into public.api_key_events (key_id, user_id, organization_id, actor_id, event, details)
  select
    coalesce(new.id, old.id),
    owner.id,
    (
      select organizations.id
      from public.organizations
      where organizations.id = coalesce(new.organization_id, old.organization_id)
    ),
    (select profiles.id from public.profiles where profiles.id = (select auth.uid())),
    case
      when current_setting('agentbase.audit_event', true) <> ''
        then current_setting('agentbase.audit_event', true)
      when tg_op = 'INSERT' then 'created'
      when tg_op = 'DELETE' then 'deleted'
      when new.encrypted_key <> old.encrypted_key then 'replaced'
      else 'changed'
    end,
    jsonb_strip_nulls(jsonb_build_object(
      'vendor_id', coalesce(new.vendor_id, old.vendor_id), 'display_name', new.display_name,
      'is_active', new.is_active, 'shared_with', new.organization_id,
      'problem', case when not new.is_active then new.last_error end
    ))
  from public.profiles owner
  where owner.id = coalesce(new.user_id, old.user_id);
  return null;
end
$$;
comment on function private.audit_api_key() is
  'Trigger: writes api_key_events for every change to a key. The setting agentbase.audit_event '
  'names the event if the change itself does not show it.';
create trigger audit_api_key after insert or delete on public.user_api_keys
  for each row execute function private.audit_api_key();
create trigger audit_api_key_change after update on public.user_api_keys
  for each row
  when (
    (old.encrypted_key, old.is_active, old.organization_id, old.display_name)
    is distinct from (new.encrypted_key, new.is_active, new.organization_id, new.display_name)
    -- Re-encrypting the same key is not a change.
    and current_setting('agentbase.audit_event', true) is distinct from 'rotated'
  )
  execute function private.audit_api_key();

create function private.unshare_keys_of_leaver()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  update public.user_api_keys
  set organization_id = null
  where user_api_keys.user_id = old.user_id and user_api_keys.organization_id = old.organization_id;
  return null;
end
$$;
comment on function private.unshare_keys_of_leaver() is
  'Trigger: the shared keys of a member who leaves an organization are no longer shared with it.';
create trigger unshare_keys_of_leaver after delete on public.organization_members
  for each row execute function private.unshare_keys_of_leaver();

create function private.usable_api_keys(
  user_id uuid, organization_id uuid, vendor_id text, service_id text default null
)
returns setof public.user_api_keys
language plpgsql
stable
set search_path = ''
as $$
begin
  return query
  select keys.*
  from public.user_api_keys keys
  where keys.vendor_id = usable_api_keys.vendor_id
    and (keys.service_id is null or keys.service_id = usable_api_keys.service_id)
    and keys.is_active
    and (
      keys.user_id = usable_api_keys.user_id
      -- An organization's key is used within its budgets, so only if it pays.
      or (
        keys.organization_id = usable_api_keys.organization_id
        and keys.organization_id = any (array(select private.my_organizations('member')))
      )
    )
  order by
    keys.user_id <> usable_api_keys.user_id, keys.service_id is null, keys.created_at desc, keys.id;
end
$$;
comment on function private.usable_api_keys(uuid, uuid, text, text) is
  'The active keys that a person may call a vendor''s service with where an organization pays, '
  'best first: own before those shared with that organization, while the caller may chat there; '
  'for the service before for the vendor; newer before older. Where none pays (null), the own.';
grant execute on function private.usable_api_keys(uuid, uuid, text, text) to service_role;

create function public.get_user_api_key(user_id uuid, vendor_id text, service_id text default null)
returns text
language sql
stable
set search_path = ''
as $$
  select keys.encrypted_key
  from private.usable_api_keys(
    get_user_api_key.user_id, null, get_user_api_key.vendor_id, get_user_api_key.service_id
  ) keys
  limit 1
$$;
comment on function public.get_user_api_key(uuid, text, text) is
  'Ciphertext of the best of a person''s own keys for a vendor''s service; null when there is '
  'none. An organization''s key is for turns that it pays. Backend only.';
grant execute on function public.get_user_api_key(uuid, text, text) to service_role;

create function public.update_api_key_last_used(
  user_id uuid, vendor_id text, service_id text default null
)
returns void
language sql
set search_path = ''
as $$
  update public.user_api_keys
  set last_used_at = now()
  where user_api_keys.id = (
    select keys.id
    from private.usable_api_keys(
      update_api_key_last_used.user_id, null, update_api_key_last_used.vendor_id,
      update_api_key_last_used.service_id
    ) keys
    limit 1
  )
$$;
comment on function public.update_api_key_last_used(uuid, text, text) is
  'Marks the key that get_user_api_key() would return as used now. Backend only.';
grant execute on function public.update_api_key_last_used(uuid, text, text) to service_role;
