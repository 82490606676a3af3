-- How vendor keys are stored, replaced, decrypted and disabled: the calls of the function `keys` on
-- behalf of its user. The function encrypts and decrypts; plaintext never reaches the database.

-- Another user's key is answered like one that does not exist, and as fast: permissions are read
-- before the lookup.
create function private.api_key_for(key_id text, own boolean)
returns public.user_api_keys
language plpgsql
set search_path = ''
as $$
declare
  me uuid := auth.uid();
  managed uuid[] := case
    when not api_key_for.own then array(select private.my_organizations('admin'))
  end;
  key public.user_api_keys;
begin
  select keys.* into key
  from public.user_api_keys keys
  where keys.id = private.as_uuid(api_key_for.key_id)
    and (keys.user_id = me or keys.organization_id = any (managed))
  for no key update;
  if key.id is null then
    perform private.refuse('key_not_found', 'Key not found, or it is not yours.');
  end if;
  return key;
end
$$;
comment on function private.api_key_for(text, boolean) is
  'A key of the caller, locked; unless own is true, also one that is shared with an organization '
  'that the caller manages. Errors: PT404 key_not_found.';
grant execute on function private.api_key_for(text, boolean) to service_role;

create function private.visible_api_key(key public.user_api_keys)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object(
    'id', visible_api_key.key.id, 'vendor_id', visible_api_key.key.vendor_id, 'service_id',
    visible_api_key.key.service_id, 'organization_id',
    visible_api_key.key.organization_id,
    'display_name', visible_api_key.key.display_name,
    'settings', visible_api_key.key.settings, 'key_preview',
    visible_api_key.key.key_preview, 'is_active', visible_api_key.key.is_active,
    'last_used_at', visible_api_key.key.last_used_at, 'last_error', visible_api_key.key.last_error,
    'created_at', visible_api_key.key.created_at,
    'updated_at', visible_api_key.key.updated_at
  )
$$;
comment on function private.visible_api_key(public.user_api_keys) is
  'What a person may see of a key: the columns that clients may select.';
grant execute on function private.visible_api_key(public.user_api_keys) to service_role;

create function private.key_rules(vendor_id text)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    select jsonb_build_object(
      'vendor_id', vendors.id, 'name', vendors.name, 'key_pattern', vendors.key_pattern,
      'base_url', vendors.base_url, 'api_format', vendors.api_format,
      'probe_path', vendors.probe_path, 'auth_header', vendors.auth_header, 'auth_scheme',
      vendors.auth_scheme
    )
    from public.vendors
    where vendors.id = key_rules.vendor_id and vendors.is_active and vendors.auth_type <> 'oauth'
  );
end
$$;
comment on function private.key_rules(text) is
  'The format of a vendor''s keys, and how one is tried; null for a vendor that accepts none.';
grant execute on function private.key_rules(text) to service_role;

create function public.get_key_rules(caller jsonb, vendor_id text, service_id text default null)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  person public.profiles := private.impersonate(get_key_rules.caller);
  rules jsonb := private.key_rules(vendor_id);
begin
  perform private.take_rate_limit(
    'keys:' || person.id, (private.limits()).provider_key_calls_per_minute
  );
  if rules is null then
    perform private.refuse(
      'vendor_not_found', 'Vendor not found, or it does not accept keys of users.'
    );
  end if;
  if service_id is not null and not exists (
    select from public.vendor_services services
    where services.id = get_key_rules.service_id and services.vendor_id = get_key_rules.vendor_id
  ) then
    perform private.refuse('service_not_found', 'The vendor does not have this service.');
  end if;
  return rules;
end
$$;
comment on function public.get_key_rules(jsonb, text, text) is
  'The format of a key for a vendor''s service, requested before one is stored. Backend only. '
  'Errors: PT404 vendor_not_found, service_not_found; PT429 rate_limit_exceeded.';
grant execute on function public.get_key_rules(jsonb, text, text) to service_role;

create function public.get_key_to_replace(caller jsonb, key_id text)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  person public.profiles := private.impersonate(get_key_to_replace.caller);
  key public.user_api_keys := private.api_key_for(get_key_to_replace.key_id, own => true);
begin
  perform private.take_rate_limit(
    'keys:' || person.id, (private.limits()).provider_key_calls_per_minute
  );
  return jsonb_build_object(
    'id', key.id, 'settings', key.settings, 'rules', private.key_rules(key.vendor_id)
  );
end
$$;
comment on function public.get_key_to_replace(jsonb, text) is
  'The id of a key of the caller, and the format of its replacement; rate limited like '
  'get_key_rules(). Backend only. Errors: PT404 key_not_found; PT429 rate_limit_exceeded.';
grant execute on function public.get_key_to_replace(jsonb, text) to service_role;

create function private.refuse_known_key(
  owner uuid, vendor_id text, fingerprints jsonb, except_id uuid
)
returns void
language plpgsql
set search_path = ''
as $$
declare
  known public.user_api_keys;
begin
  -- Serializes the requests of one person. A unique index would stop a rotation: a key that was
  -- stored again while its encryption key was missing gets equal fingerprints in it.
  perform from public.profiles where profiles.id = refuse_known_key.owner for no key update;
  select keys.* into known
  from public.user_api_keys keys
  where keys.user_id = refuse_known_key.owner
    and keys.vendor_id = refuse_known_key.vendor_id
    and keys.id <> refuse_known_key.except_id
    and keys.key_fingerprint in (select jsonb_array_elements_text(refuse_known_key.fingerprints))
  limit 1;
  if known.id is not null then
    perform private.refuse(
      'key_exists',
      format(
        'You have already stored this key: %s, id %s.',
        coalesce('"' || known.display_name || '"', 'without a name'),
        known.id
      ),
      'Change or delete that key first.'
    );
  end if;
end
$$;
comment on function private.refuse_known_key(uuid, text, jsonb, uuid) is
  'Refuses a key that its owner has stored for the vendor already, under any of its '
  'fingerprints. Errors: PT409 key_exists.';
grant execute on function private.refuse_known_key(uuid, text, jsonb, uuid) to service_role;

create function private.require_key_settings(vendor_id text, settings jsonb)
returns void
language plpgsql
set search_path = ''
as $$
declare
  needed text[] := array(
    select distinct found.names[1]
    from public.vendors,
      regexp_matches(vendors.base_url, '\{(\w+)\}', 'g') as found (names)
    where vendors.id = require_key_settings.vendor_id
    order by 1
  );
  given text[] := array(
    select keys.name from jsonb_object_keys(require_key_settings.settings) as keys (name)
    order by 1
  );
begin
  if needed = given and private.are_key_settings(require_key_settings.settings) then
    return;
  end if;
  perform private.refuse(
    'invalid_key_settings',
    case when needed = '{}' then 'Keys of this vendor have no settings.'
      else format(
        'Keys of this vendor need the settings %s, each one label of a host name.',
        array_to_string(needed, ', ')
      )
    end,
    'Send them as "settings".', jsonb_build_object('param', 'settings')
  );
end
$$;
comment on function private.require_key_settings(text, jsonb) is
  'Refuses settings that are not exactly those that the placeholders of the vendor''s address '
  'need. Errors: PT400 invalid_key_settings.';
grant execute on function private.require_key_settings(text, jsonb) to service_role;

create function public.create_api_key(caller jsonb, key jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  person public.profiles := private.impersonate(create_api_key.caller);
  shared_with uuid := (create_api_key.key ->> 'organization_id')::uuid;
  made public.user_api_keys;
begin
  if shared_with not in (select private.my_organizations('admin')) then
    perform private.refuse(
      'key_not_yours_to_share',
      'Only its owner can share a key, and only with an organization that the owner manages.'
    );
  end if;
  perform private.require_key_settings(
    create_api_key.key ->> 'vendor_id', coalesce(create_api_key.key -> 'settings', '{}')
  );
  perform private.refuse_known_key(
    person.id, create_api_key.key ->> 'vendor_id', create_api_key.key -> 'fingerprints',
    (create_api_key.key ->> 'id')::uuid
  );
  if (
    select count(*) from public.user_api_keys keys where keys.user_id = person.id
  ) >= (private.limits()).stored_keys_per_user then
    perform private.refuse(
      'too_many_keys',
      format('You have stored %s keys, the maximum.', (private.limits()).stored_keys_per_user),
      'Delete keys that you no longer use.'
    );
  end if;
  insert into public.user_api_keys (
    id, user_id, organization_id, vendor_id, service_id, encrypted_key, key_preview,
    key_fingerprint, display_name, settings
  )
  values (
    (create_api_key.key ->> 'id')::uuid, person.id, shared_with,
    create_api_key.key ->> 'vendor_id', create_api_key.key ->> 'service_id',
    create_api_key.key ->> 'encrypted_key',
    create_api_key.key ->> 'key_preview', create_api_key.key -> 'fingerprints' ->> 0,
    create_api_key.key ->> 'display_name',
    coalesce(create_api_key.key -> 'settings', '{}')
  )
  returning * into made;
  return private.visible_api_key(made);
end
$$;
comment on function public.create_api_key(jsonb, jsonb) is
  'Stores a key of the caller and returns what may be shown of it. key has id, vendor_id, '
  'service_id, organization_id, encrypted_key, key_preview, display_name, settings, and '
  'fingerprints, the one to keep first. Backend only. Errors: PT400 invalid_key_settings; PT403 '
  'key_not_yours_to_share; PT409 key_exists, too_many_keys.';
grant execute on function public.create_api_key(jsonb, jsonb) to service_role;

create function public.replace_api_key(caller jsonb, key_id text, key jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  person public.profiles := private.impersonate(replace_api_key.caller);
  changed public.user_api_keys := private.api_key_for(replace_api_key.key_id, own => true);
  key_settings jsonb := coalesce(replace_api_key.key -> 'settings', changed.settings);
begin
  perform private.require_key_settings(changed.vendor_id, key_settings);
  perform private.refuse_known_key(
    person.id, changed.vendor_id, replace_api_key.key -> 'fingerprints', changed.id
  );
  update public.user_api_keys
  set encrypted_key = replace_api_key.key ->> 'encrypted_key',
      key_preview = replace_api_key.key ->> 'key_preview',
      key_fingerprint = replace_api_key.key -> 'fingerprints' ->> 0,
      settings = key_settings,
      is_active = true,
      last_error = null
  where user_api_keys.id = changed.id
  returning * into changed;
  return private.visible_api_key(changed);
end
$$;
comment on function public.replace_api_key(jsonb, text, jsonb) is
  'Replaces one of the caller''s keys, and enables it. key has encrypted_key, key_preview, '
  'fingerprints, and settings unless those stay. Backend only. Errors: PT400 invalid_key_settings; '
  'PT404 key_not_found; PT409 key_exists.';
grant execute on function public.replace_api_key(jsonb, text, jsonb) to service_role;

create function public.change_api_key(caller jsonb, key_id text, changes jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  changed public.user_api_keys;
begin
  perform private.impersonate(change_api_key.caller);
  changed := private.api_key_for(change_api_key.key_id, own => false);
  update public.user_api_keys keys
  set display_name = case
    when change_api_key.changes ? 'display_name' then change_api_key.changes ->> 'display_name'
    else keys.display_name
  end,
      is_active = coalesce((change_api_key.changes ->> 'is_active')::boolean, keys.is_active),
      organization_id = case
        when change_api_key.changes ? 'organization_id'
          then (change_api_key.changes ->> 'organization_id')::uuid
        else keys.organization_id
      end
  where keys.id = changed.id
  returning * into changed;
  return private.visible_api_key(changed);
end
$$;
comment on function public.change_api_key(jsonb, text, jsonb) is
  'Changes display_name, is_active or organization_id of a key, by the rules of the policy: its '
  'owner, or an admin of the organization that it is shared with, who does not switch it on. '
  'Backend only. Errors: PT404 key_not_found; PT403 key_not_yours_to_share, '
  'key_not_yours_to_switch_on.';
grant execute on function public.change_api_key(jsonb, text, jsonb) to service_role;

create function public.delete_api_key(caller jsonb, key_id text)
returns void
language plpgsql
set search_path = ''
as $$
declare
  gone public.user_api_keys;
begin
  perform private.impersonate(delete_api_key.caller);
  gone := private.api_key_for(delete_api_key.key_id, own => false);
  delete from public.user_api_keys where user_api_keys.id = gone.id;
end
$$;
comment on function public.delete_api_key(jsonb, text) is
  'Deletes a key, by the rules of the policy: its owner, or an admin of the organization that it '
  'is shared with. Backend only. Errors: PT404 key_not_found.';
grant execute on function public.delete_api_key(jsonb, text) to service_role;

create function public.open_api_key(caller jsonb, key_id text, purpose text, request_id text)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  person public.profiles := private.impersonate(open_api_key.caller);
  opened public.user_api_keys := private.api_key_for(open_api_key.key_id, own => true);
begin
  perform private.take_rate_limit('open_key:' || person.id, 10);
  -- In one transaction with the answer: a key is not decrypted if this cannot be recorded.
  insert into public.api_key_events (key_id, user_id, organization_id, actor_id, event, details)
  values (
    opened.id, opened.user_id, opened.organization_id, person.id, 'decrypted',
    jsonb_build_object(
      'vendor_id', opened.vendor_id, 'purpose', open_api_key.purpose, 'request_id',
      open_api_key.request_id
    )
  );
  return jsonb_build_object(
    'id', opened.id, 'user_id', opened.user_id, 'vendor_id', opened.vendor_id, 'encrypted_key',
    opened.encrypted_key, 'settings', opened.settings,
    'rules', private.key_rules(opened.vendor_id)
  );
end
$$;
comment on function public.open_api_key(jsonb, text, text, text) is
  'The ciphertext of a key for its owner, recorded with the purpose (show, try) and request; at '
  'most ten times a minute. Backend only. Errors: PT404 key_not_found; PT429 rate_limit_exceeded.';
grant execute on function public.open_api_key(jsonb, text, text, text) to service_role;
