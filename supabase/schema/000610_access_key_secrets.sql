-- The current state of what 000610_access_key_secrets.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table private.access_key_secrets (
  token_hash text not null,
  access_key_id uuid not null,
  expires_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  constraint access_key_secrets_pkey PRIMARY KEY (token_hash),
  constraint access_key_secrets_access_key_id_fkey FOREIGN KEY (access_key_id) REFERENCES public.access_keys(id) ON DELETE CASCADE,
  constraint access_key_hash_is_sha256_in_hex CHECK ((token_hash ~ '^[0-9a-f]{64}$'::text))
);
grant delete, insert, select, update on private.access_key_secrets to service_role;
CREATE INDEX access_key_secrets_access_key_id_idx ON private.access_key_secrets USING btree (access_key_id);
CREATE INDEX access_key_secrets_expires_at_idx ON private.access_key_secrets USING btree (expires_at) WHERE (expires_at IS NOT NULL);

-- Functions --------------------------------------------------------------------------------------

create function private.add_access_key_secret(access_key_id uuid, secret jsonb)
returns void
language sql volatile security invoker
set search_path=""
as $body$
  insert into private.access_key_secrets (token_hash, access_key_id)
  values (add_access_key_secret.secret ->> 'token_hash', add_access_key_secret.access_key_id)
$body$;
grant execute on function private.add_access_key_secret(uuid,jsonb) to service_role;

create function private.key_allows(agent_id uuid)
returns boolean
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  listed jsonb := auth.jwt() -> 'access_key' -> 'agent_ids';
begin
  return jsonb_typeof(listed) is distinct from 'array'
    or coalesce(listed ? key_allows.agent_id::text, false);
end
$body$;
grant execute on function private.key_allows(uuid) to service_role;

create function private.key_has_scope(scope text)
returns boolean
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  used uuid := (auth.jwt() -> 'access_key' ->> 'id')::uuid;
begin
  return used is null or exists (
    select from public.access_keys keys
    where keys.id = used and key_has_scope.scope = any (keys.scopes)
  );
end
$body$;
grant execute on function private.key_has_scope(text) to service_role;

create function private.key_limits()
returns jsonb
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  key jsonb := (select auth.jwt()) -> 'access_key';
begin
  return case when key is null then '{}' else jsonb_build_object(
    'user_id', (select auth.uid()), 'access_key_id', key -> 'id', 'access_key_per_minute',
    key -> 'requests_per_minute'
  ) end;
end
$body$;
grant execute on function private.key_limits() to service_role;

create function private.use_access_key(token_hash text, scope text)
returns public.access_keys
language plpgsql volatile security invoker
set search_path=""
as $body$
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
$body$;
grant execute on function private.use_access_key(text,text) to service_role;
