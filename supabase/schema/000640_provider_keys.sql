-- The current state of what 000640_provider_keys.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table public.api_key_events (
  id uuid default gen_random_uuid() not null,
  key_id uuid not null,
  user_id uuid,
  organization_id uuid,
  actor_id uuid,
  event text not null,
  details jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone default now() not null,
  constraint api_key_events_pkey PRIMARY KEY (id),
  constraint api_key_events_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES public.profiles(id) ON DELETE SET NULL,
  constraint api_key_events_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE SET NULL,
  constraint api_key_events_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE,
  constraint event_is_known CHECK ((event = ANY (ARRAY['created'::text, 'replaced'::text, 'changed'::text, 'deleted'::text, 'decrypted'::text, 'rejected'::text, 'undecryptable'::text])))
);
alter table public.api_key_events enable row level security;
create policy "People read what was done with keys that they see" on public.api_key_events
  as permissive for select to authenticated
  using (((user_id = ( SELECT auth.uid() AS uid)) OR (organization_id = ANY (ARRAY( SELECT private.my_organizations('admin'::text) AS my_organizations)))));
grant insert, select on public.api_key_events to service_role;
grant select on public.api_key_events to authenticated;
CREATE INDEX api_key_events_actor_id_idx ON public.api_key_events USING btree (actor_id);
CREATE INDEX api_key_events_created_at_idx ON public.api_key_events USING brin (created_at);
CREATE INDEX api_key_events_key_id_idx ON public.api_key_events USING btree (key_id, created_at DESC);
CREATE INDEX api_key_events_organization_id_idx ON public.api_key_events USING btree (organization_id, created_at DESC);
CREATE INDEX api_key_events_user_id_idx ON public.api_key_events USING btree (user_id, created_at DESC);

create table public.user_api_keys (
  id uuid default gen_random_uuid() not null,
  user_id uuid not null,
  organization_id uuid,
  vendor_id text not null,
  service_id text,
  encrypted_key text not null,
  key_preview text not null,
  key_fingerprint text,
  display_name text,
  settings jsonb default '{}'::jsonb not null,
  is_active boolean default true not null,
  last_used_at timestamp with time zone,
  last_error text,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint user_api_keys_pkey PRIMARY KEY (id),
  constraint key_service_is_its_vendors FOREIGN KEY (vendor_id, service_id) REFERENCES public.vendor_services(vendor_id, id) ON DELETE RESTRICT,
  constraint user_api_keys_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE SET NULL,
  constraint user_api_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE,
  constraint user_api_keys_vendor_id_fkey FOREIGN KEY (vendor_id) REFERENCES public.vendors(id) ON DELETE RESTRICT,
  constraint encrypted_key_is_ciphertext CHECK (private.is_ciphertext(encrypted_key)),
  constraint key_display_name_has_no_control_characters CHECK (private.is_plain(display_name)),
  constraint key_fingerprint_is_64_hex_digits CHECK (((char_length(key_fingerprint) = 64) AND (key_fingerprint !~ '[^0-9a-f]'::text))),
  constraint key_name_is_1_to_255_characters CHECK (((char_length(display_name) >= 1) AND (char_length(display_name) <= 255))),
  constraint key_preview_is_at_most_4_characters CHECK ((char_length(key_preview) <= 4)),
  constraint key_settings_are_labels_of_a_host_name CHECK (private.are_key_settings(settings))
);
alter table public.user_api_keys enable row level security;
create policy "People change their own keys, admins the shared ones" on public.user_api_keys
  as permissive for update to authenticated
  using (((user_id = ( SELECT auth.uid() AS uid)) OR (organization_id = ANY (ARRAY( SELECT private.my_organizations('admin'::text) AS my_organizations)))))
  with check (((user_id = ( SELECT auth.uid() AS uid)) OR (organization_id = ANY (ARRAY( SELECT private.my_organizations('admin'::text) AS my_organizations)))));
create policy "People delete their own keys, admins the shared ones" on public.user_api_keys
  as permissive for delete to authenticated
  using (((user_id = ( SELECT auth.uid() AS uid)) OR (organization_id = ANY (ARRAY( SELECT private.my_organizations('admin'::text) AS my_organizations)))));
create policy "People see their own keys, admins the shared ones" on public.user_api_keys
  as permissive for select to authenticated
  using (((user_id = ( SELECT auth.uid() AS uid)) OR (organization_id = ANY (ARRAY( SELECT private.my_organizations('admin'::text) AS my_organizations)))));
grant delete, insert, select, update on public.user_api_keys to service_role;
grant delete, select (id, user_id, organization_id, vendor_id, service_id, key_preview, display_name, settings, is_active, last_used_at, last_error, created_at, updated_at), update (organization_id, display_name, is_active) on public.user_api_keys to authenticated;
CREATE INDEX idx_user_api_keys_vendor ON public.user_api_keys USING btree (vendor_id, service_id);
CREATE INDEX user_api_keys_organization_id_idx ON public.user_api_keys USING btree (organization_id, vendor_id);
CREATE INDEX user_api_keys_user_id_idx ON public.user_api_keys USING btree (user_id, vendor_id);
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE OF id, settings, is_active, created_at, updated_at ON public.user_api_keys FOR EACH ROW WHEN ((num_nulls(new.id, NULLIF(new.settings, 'null'::jsonb), new.is_active, new.created_at, new.updated_at) > 0)) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER audit_api_key AFTER INSERT OR DELETE ON public.user_api_keys FOR EACH ROW EXECUTE FUNCTION private.audit_api_key();
CREATE TRIGGER audit_api_key_change AFTER UPDATE ON public.user_api_keys FOR EACH ROW WHEN ((((((old.encrypted_key IS DISTINCT FROM new.encrypted_key) OR (old.is_active IS DISTINCT FROM new.is_active)) OR (old.organization_id IS DISTINCT FROM new.organization_id)) OR (old.display_name IS DISTINCT FROM new.display_name)) AND (current_setting('agentbase.audit_event'::text, true) IS DISTINCT FROM 'rotated'::text))) EXECUTE FUNCTION private.audit_api_key();
CREATE TRIGGER check_key_sharing BEFORE UPDATE OF organization_id ON public.user_api_keys FOR EACH ROW WHEN (((new.organization_id IS NOT NULL) AND (new.organization_id IS DISTINCT FROM old.organization_id) AND (auth.uid() IS NOT NULL))) EXECUTE FUNCTION private.check_key_sharing();
CREATE TRIGGER forget_key_error BEFORE UPDATE OF is_active ON public.user_api_keys FOR EACH ROW WHEN ((new.is_active AND (NOT old.is_active))) EXECUTE FUNCTION private.forget_key_error();
CREATE TRIGGER record_audit_change AFTER UPDATE OF user_id, organization_id, vendor_id, service_id, display_name, is_active, settings, encrypted_key ON public.user_api_keys FOR EACH ROW WHEN ((((((((((old.user_id IS DISTINCT FROM new.user_id) OR (old.organization_id IS DISTINCT FROM new.organization_id)) OR (old.vendor_id IS DISTINCT FROM new.vendor_id)) OR (old.service_id IS DISTINCT FROM new.service_id)) OR (old.display_name IS DISTINCT FROM new.display_name)) OR (old.is_active IS DISTINCT FROM new.is_active)) OR (old.settings IS DISTINCT FROM new.settings)) OR (old.encrypted_key IS DISTINCT FROM new.encrypted_key)) AND (current_setting('agentbase.audit_event'::text, true) IS DISTINCT FROM 'rotated'::text))) EXECUTE FUNCTION private.record_audit_event('id');
CREATE TRIGGER record_audit_event AFTER INSERT OR DELETE ON public.user_api_keys FOR EACH ROW EXECUTE FUNCTION private.record_audit_event('id');
CREATE TRIGGER refuse_key_switch BEFORE UPDATE OF is_active ON public.user_api_keys FOR EACH ROW WHEN ((new.is_active AND (NOT old.is_active) AND (old.user_id <> auth.uid()))) EXECUTE FUNCTION private.refuse_key_switch();
CREATE TRIGGER update_user_api_keys_updated_at BEFORE UPDATE ON public.user_api_keys FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

-- Functions --------------------------------------------------------------------------------------

create function private.are_key_settings(settings jsonb)
returns boolean
language plpgsql immutable parallel safe security invoker
set search_path=""
as $body$
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
$body$;
grant execute on function private.are_key_settings(jsonb) to authenticated, service_role;

create function private.audit_api_key()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
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
$body$;

create function private.check_key_sharing()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
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
$body$;

create function private.forget_key_error()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  new.last_error = null;
  return new;
end
$body$;

create function private.refuse_key_switch()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  perform private.refuse(
    'key_not_yours_to_switch_on', 'Only its owner can enable a key.',
    'Ask its owner, or remove it from the organization.'
  );
  return null;
end
$body$;

create function private.unshare_keys_of_leaver()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  update public.user_api_keys
  set organization_id = null
  where user_api_keys.user_id = old.user_id and user_api_keys.organization_id = old.organization_id;
  return null;
end
$body$;

create function private.usable_api_keys(user_id uuid, organization_id uuid, vendor_id text, service_id text DEFAULT NULL::text)
returns SETOF public.user_api_keys
language plpgsql stable security invoker
set search_path=""
as $body$
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
$body$;
grant execute on function private.usable_api_keys(uuid,uuid,text,text) to service_role;

create function public.get_user_api_key(user_id uuid, vendor_id text, service_id text DEFAULT NULL::text)
returns text
language sql stable security invoker
set search_path=""
as $body$
  select keys.encrypted_key
  from private.usable_api_keys(
    get_user_api_key.user_id, null, get_user_api_key.vendor_id, get_user_api_key.service_id
  ) keys
  limit 1
$body$;
grant execute on function public.get_user_api_key(uuid,text,text) to service_role;

create function public.update_api_key_last_used(user_id uuid, vendor_id text, service_id text DEFAULT NULL::text)
returns void
language sql volatile security invoker
set search_path=""
as $body$
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
$body$;
grant execute on function public.update_api_key_last_used(uuid,text,text) to service_role;
