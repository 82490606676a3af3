-- Stand-ins for extensions of the platform, with the signatures that their documentation gives:
-- pg_net 0.20 and Vault 0.3. A test installs them inside its transaction.

create function tests.install_net()
returns void
language plpgsql
as $$
begin
  create schema net;
  create table net.http_request_queue (
    id bigserial, method text not null, url text not null, headers jsonb not null, body bytea,
    timeout_milliseconds integer not null
  );
  create table net._http_response (
    id bigint, status_code integer, content_type text, headers jsonb, content text, timed_out boolean, error_msg text,
    created timestamptz not null default now()
  );
  create function net.http_post(
    url text, body jsonb default '{}', params jsonb default '{}',
    headers jsonb default '{"Content-Type": "application/json"}', timeout_milliseconds integer default 5000
  ) returns bigint language sql as $sql$
    insert into net.http_request_queue (method, url, headers, body, timeout_milliseconds)
    values ('POST', url, headers, convert_to(body::text, 'UTF8'), timeout_milliseconds)
    returning id
  $sql$;
end
$$;
comment on function tests.install_net() is 'From here on there is a pg_net that sends nothing: the queue keeps what would be sent.';

create function tests.install_vault(secrets jsonb)
returns void
language plpgsql
as $$
begin
  create table vault.secrets (
    id uuid primary key default gen_random_uuid(), name text unique, description text not null default '',
    secret text not null, key_id uuid, nonce bytea, created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  );
  create view vault.decrypted_secrets as
  select id, name, description, secret, secret as decrypted_secret, key_id, nonce, created_at, updated_at
  from vault.secrets;
  insert into vault.secrets (name, secret) select key, value from jsonb_each_text(install_vault.secrets);
end
$$;
comment on function tests.install_vault(jsonb) is 'From here on Vault has these secrets, {"name": "secret"}, though not encrypted.';
