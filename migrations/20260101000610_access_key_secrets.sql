-- Secrets of access keys, kept as hashes, and what a key may do.

create table private.access_key_secrets (
  token_hash text primary key,
  access_key_id uuid not null references public.access_keys (id) on delete cascade,
  expires_at timestamptz,
  created_at timestamptz not null default now(),
  constraint access_key_hash_is_sha256_in_hex check (token_hash ~ '^[0-9a-f]{64}$')
);
comment on table private.access_key_secrets is
  'The secrets of access keys, as hashes: the current one, and those that it replaced.';
comment on column private.access_key_secrets.token_hash is 'SHA-256 of the secret in hex.';
comment on column private.access_key_secrets.access_key_id is
  'The access key that the secret opens; two rows while a rotation''s grace lasts.';
comment on column private.access_key_secrets.expires_at is
  'When it stops working because another replaced it; null for the current one.';
comment on column private.access_key_secrets.created_at is
  'When the access key secret was created.';
grant select, insert, update, delete on private.access_key_secrets to service_role;
create index access_key_secrets_access_key_id_idx on private.access_key_secrets (access_key_id);
create index access_key_secrets_expires_at_idx
  on private.access_key_secrets (expires_at)
  where expires_at is not null;

create function private.add_access_key_secret(access_key_id uuid, secret jsonb)
returns void
language sql
set search_path = ''
as $$
  insert into private.access_key_secrets (token_hash, access_key_id)
  values (add_access_key_secret.secret ->> 'token_hash', add_access_key_secret.access_key_id)
$$;
comment on function private.add_access_key_secret(uuid, jsonb) is
  'Lets a key be used by one more secret {"token_hash"}.';
grant execute on function private.add_access_key_secret(uuid, jsonb) to service_role;

create function private.use_access_key(token_hash text, scope text)
returns public.access_keys
language plpgsql
set search_path = ''
as $$
declare
  secret private.access_key_secrets;
  key public.access_keys;
begin
  select secrets.* into secret
  from private.access_key_secrets secrets
  where secrets.token_hash = use_access_key.token_hash;
  select keys.* into key from public.access_keys keys where keys.id = secret.access_key_id;
  if key.id is null then
    perform private.refuse('invalid_api_key', 'This access key does not exist.');
  elsif key.revoked_at is not null then
    perform private.refuse('access_key_revoked', 'This access key has been revoked.');
  elsif secret.expires_at <= now() then
    perform private.refuse('access_key_replaced', 'This access key has been rotated.');
  elsif key.expires_at <= now() then
    perform private.refuse('access_key_expired', 'This access key has expired.');
  elsif use_access_key.scope is null then
    perform private.refuse(
      'access_key_not_accepted', 'This operation does not accept access keys.',
      'Sign in and use your access token.'
    );
  elsif use_access_key.scope <> all (key.scopes) then
    perform private.refuse(
      'access_key_scope_missing',
      format('This access key does not have the scope "%s".', use_access_key.scope),
      format('Add "%s" to its scopes.', use_access_key.scope)
    );
  end if;
  -- To a minute; a second caller skips it while the first updates, so that no one waits.
  update public.access_keys
  set last_used_at = now()
  where access_keys.id = (
    select keys.id from public.access_keys keys
    where keys.id = key.id
      and (keys.last_used_at is null or keys.last_used_at < now() - interval '1 minute')
    for no key update skip locked
  );
  return key;
end
$$;
comment on function private.use_access_key(text, text) is
  'The key that a secret of this hash opens, marked as used, if it may be used for a scope '
  '(null: for none). Errors: PT401 invalid_api_key, access_key_revoked, access_key_replaced, '
  'access_key_expired; PT403 access_key_not_accepted, access_key_scope_missing.';
grant execute on function private.use_access_key(text, text) to service_role;

create function private.key_allows(agent_id uuid)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
declare
  listed jsonb := auth.jwt() -> 'access_key' -> 'agent_ids';
begin
  return jsonb_typeof(listed) is distinct from 'array'
    or coalesce(listed ? key_allows.agent_id::text, false);
end
$$;
comment on function private.key_allows(uuid) is
  'Whether the caller''s access key, if the caller has one, may use an agent. Null stands for '
  'none: a key with a list may not.';
grant execute on function private.key_allows(uuid) to service_role;

create function private.key_has_scope(scope text)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
declare
  used uuid := (auth.jwt() -> 'access_key' ->> 'id')::uuid;
begin
  return used is null or exists (
    select from public.access_keys keys
    where keys.id = used and key_has_scope.scope = any (keys.scopes)
  );
end
$$;
comment on function private.key_has_scope(text) is
  'Whether the caller''s access key, if the caller has one, has a scope beside the one that it was '
  'accepted for.';
grant execute on function private.key_has_scope(text) to service_role;

create function private.key_limits()
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  key jsonb := (select auth.jwt()) -> 'access_key';
begin
  return case when key is null then '{}' else jsonb_build_object(
    'user_id', (select auth.uid()), 'access_key_id', key -> 'id', 'access_key_per_minute',
    key -> 'requests_per_minute'
  ) end;
end
$$;
comment on function private.key_limits() is
  'How fast the caller''s access key may be used, and whose it is; empty without one.';
grant execute on function private.key_limits() to service_role;
