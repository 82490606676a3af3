-- Webhooks: addresses that the platform calls, for workflows, deployments and notifications. An
-- address and the secrets that sign its calls are ciphertext, which the function webhooks decrypts.

create table public.webhook_endpoints (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  name text not null,
  kind text not null default 'webhook',
  url_preview text not null,
  encrypted_url text not null,
  is_active boolean not null default true,
  disabled_reason text,
  consecutive_failures integer not null default 0,
  failing_since timestamptz,
  paused_until timestamptz,
  created_by uuid default auth.uid() references public.profiles (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint webhook_kind_is_known check (kind in ('webhook', 'slack')),
  constraint webhook_url_is_ciphertext check (private.is_ciphertext(encrypted_url)),
  constraint webhook_url_preview_is_a_label check (private.is_label(url_preview)),
  constraint webhook_disabled_reason_is_known check (disabled_reason in ('gone', 'failing')),
  constraint webhook_failures_are_not_negative check (consecutive_failures >= 0),
  -- Sizes of columns that clients write.
  constraint webhook_name_is_1_to_255_characters check (char_length(name) between 1 and 255),
  constraint webhook_name_has_no_control_characters check (private.is_plain(name))
);
comment on table public.webhook_endpoints is
  'Addresses that the platform calls. Created by POST /webhooks, which encrypts the address.';
comment on column public.webhook_endpoints.id is 'Identifies the endpoint.';
comment on column public.webhook_endpoints.organization_id is
  'The organization that it belongs to; a user''s personal one for the user''s own agents.';
comment on column public.webhook_endpoints.name is 'Name of the endpoint, for lists.';
comment on column public.webhook_endpoints.kind is
  'webhook, which receives signed events of Standard Webhooks, or slack, which receives {"text"}.';
comment on column public.webhook_endpoints.url_preview is 'Scheme and host of the address.';
comment on column public.webhook_endpoints.encrypted_url is
  'The address, as ciphertext: that of an incoming webhook is a credential.';
comment on column public.webhook_endpoints.is_active is
  'False after the endpoint answered 410 or failed for days, or was disabled.';
comment on column public.webhook_endpoints.disabled_reason is
  'Why the platform disabled it: gone (it answered 410) or failing; null otherwise.';
comment on column public.webhook_endpoints.consecutive_failures is
  'Calls in a row that failed. Kept by the database.';
comment on column public.webhook_endpoints.failing_since is
  'When the first of them failed. Kept by the database.';
comment on column public.webhook_endpoints.paused_until is
  'It is not called before this time, because it failed or asked for a pause. Kept by the '
  'database.';
comment on column public.webhook_endpoints.created_by is 'Who created it.';
comment on column public.webhook_endpoints.created_at is 'When the endpoint was created.';
comment on column public.webhook_endpoints.updated_at is 'When the endpoint was last changed.';

alter table public.webhook_endpoints enable row level security;
create policy "Agent managers read the webhooks of their organizations"
  on public.webhook_endpoints
  for select to authenticated
  using (organization_id = any (array(select private.my_organizations('agent_manager'))));
create policy "Agent managers change the webhooks of their organizations"
  on public.webhook_endpoints
  for update to authenticated
  using (organization_id = any (array(select private.my_organizations('agent_manager'))))
  with check (organization_id = any (array(select private.my_organizations('agent_manager'))));
create policy "Agent managers delete the webhooks of their organizations"
  on public.webhook_endpoints
  for delete to authenticated
  using (organization_id = any (array(select private.my_organizations('agent_manager'))));
grant select (
  id, organization_id, name, kind, url_preview, is_active, disabled_reason, consecutive_failures,
  failing_since, paused_until, created_by, created_at, updated_at
) on public.webhook_endpoints to authenticated;
grant update (name, is_active) on public.webhook_endpoints to authenticated;
grant delete on public.webhook_endpoints to authenticated;
grant select, insert, update, delete on public.webhook_endpoints to service_role;
create index webhook_endpoints_organization_id_idx on public.webhook_endpoints (organization_id);
create index webhook_endpoints_created_by_idx on public.webhook_endpoints (created_by);
create trigger update_webhook_endpoints_updated_at before update on public.webhook_endpoints
  for each row execute function public.update_updated_at_column();

create function private.enable_webhook()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.disabled_reason = null;
  new.consecutive_failures = 0;
  new.failing_since = null;
  new.paused_until = null;
  return new;
end
$$;
comment on function private.enable_webhook() is
  'Trigger: clears the failures of an endpoint that is enabled again.';
create trigger enable_webhook before update of is_active on public.webhook_endpoints
  for each row when (new.is_active and not old.is_active)
  execute function private.enable_webhook();

create table public.webhook_secrets (
  id uuid primary key default gen_random_uuid(),
  endpoint_id uuid not null references public.webhook_endpoints (id) on delete cascade,
  encrypted_secret text not null,
  expires_at timestamptz,
  created_at timestamptz not null default now(),
  constraint webhook_secret_is_ciphertext check (private.is_ciphertext(encrypted_secret))
);
comment on table public.webhook_secrets is
  'Secrets that sign the calls of an endpoint: the current one and, for a grace period, the '
  'previous one. Backend only.';
comment on column public.webhook_secrets.id is 'Identifies the secret.';
comment on column public.webhook_secrets.endpoint_id is 'The endpoint.';
comment on column public.webhook_secrets.encrypted_secret is 'The secret, as ciphertext.';
comment on column public.webhook_secrets.expires_at is
  'Until when it signs beside the one that replaced it; null for the current one.';
comment on column public.webhook_secrets.created_at is 'When it was created.';
alter table public.webhook_secrets enable row level security;
grant select, insert, update, delete on public.webhook_secrets to service_role;
create index webhook_secrets_endpoint_id_idx on public.webhook_secrets (endpoint_id);

insert into private.encrypted_columns (table_name, column_name, row_id, owner) values
  ('webhook_endpoints', 'encrypted_url', 'id', 'organization_id'),
  ('webhook_secrets', 'encrypted_secret', 'id', 'endpoint_id');

create function private.add_webhook_secret(endpoint uuid, secret jsonb)
returns void
language sql
set search_path = ''
as $$
  delete from public.webhook_secrets secrets
  where secrets.endpoint_id = add_webhook_secret.endpoint and secrets.expires_at is not null;
  update public.webhook_secrets secrets
  set expires_at = now() + make_interval(
    secs => coalesce((add_webhook_secret.secret ->> 'grace_seconds')::integer, 0)
  )
  where secrets.endpoint_id = add_webhook_secret.endpoint;
  insert into public.webhook_secrets (id, endpoint_id, encrypted_secret)
  values (
    (add_webhook_secret.secret ->> 'id')::uuid, add_webhook_secret.endpoint,
    add_webhook_secret.secret ->> 'ciphertext'
  )
$$;
comment on function private.add_webhook_secret(uuid, jsonb) is
  'Gives an endpoint a secret {"id", "ciphertext", "grace_seconds"}. The previous one also signs '
  'during the grace period; older ones are deleted.';
grant execute on function private.add_webhook_secret(uuid, jsonb) to service_role;

create function private.show_webhook(endpoint public.webhook_endpoints)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select to_jsonb(show_webhook.endpoint) - 'encrypted_url'
$$;
comment on function private.show_webhook(public.webhook_endpoints) is
  'An endpoint without its address.';
grant execute on function private.show_webhook(public.webhook_endpoints) to service_role;

create function private.managed_webhook(id uuid)
returns public.webhook_endpoints
language plpgsql
set search_path = ''
as $$
declare
  found_endpoint public.webhook_endpoints;
begin
  select endpoints.* into found_endpoint
  from public.webhook_endpoints endpoints
  where endpoints.id = managed_webhook.id
    and endpoints.organization_id = any (
      array(select private.my_organizations('agent_manager'))
    )
  for no key update;
  if found_endpoint.id is null then
    perform private.refuse('webhook_not_found', 'Webhook not found, or you may not manage it.');
  end if;
  return found_endpoint;
end
$$;
comment on function private.managed_webhook(uuid) is
  'An endpoint that the caller manages, locked. Errors: PT404 webhook_not_found.';
grant execute on function private.managed_webhook(uuid) to service_role;

create function public.create_webhook(caller jsonb, request jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  profile public.profiles := private.impersonate(create_webhook.caller);
  organization uuid := (create_webhook.request ->> 'organization_id')::uuid;
  made public.webhook_endpoints;
begin
  perform from public.organizations
  where organizations.id = organization
    and organizations.id = any (array(select private.my_organizations('agent_manager')))
  for no key update;
  if not found then
    perform private.refuse(
      'organization_not_found',
      'Organization not found, or your role may not create webhooks in it.',
      'Ask an admin for the role "agent_manager".'
    );
  end if;
  if (
    select count(*) >= (private.limits()).webhooks_per_organization
    from public.webhook_endpoints endpoints
    where endpoints.organization_id = organization
  ) then
    perform private.refuse(
      'too_many_webhooks',
      format(
        'This organization has %s webhooks, the maximum.',
        (private.limits()).webhooks_per_organization
      )
    );
  end if;
  insert into public.webhook_endpoints (
    id, organization_id, name, kind, url_preview, encrypted_url, created_by
  )
  values (
    (create_webhook.request ->> 'id')::uuid, organization, create_webhook.request ->> 'name',
    create_webhook.request ->> 'kind', create_webhook.request ->> 'url_preview',
    create_webhook.request ->> 'encrypted_url', profile.id
  )
  returning * into made;
  perform private.add_webhook_secret(made.id, create_webhook.request -> 'secret')
  where jsonb_typeof(create_webhook.request -> 'secret') = 'object';
  return private.show_webhook(made);
end
$$;
comment on function public.create_webhook(jsonb, jsonb) is
  'Stores an endpoint {"id", "organization_id", "name", "kind", "url_preview", "encrypted_url", '
  '"secret": {"id", "ciphertext"}} and returns its row without the address. Backend only. Errors: '
  'PT404 organization_not_found, PT409 too_many_webhooks.';
grant execute on function public.create_webhook(jsonb, jsonb) to service_role;

create function public.change_webhook(caller jsonb, request jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  managed public.webhook_endpoints;
begin
  perform private.impersonate(change_webhook.caller);
  managed := private.managed_webhook((change_webhook.request ->> 'id')::uuid);
  if change_webhook.request ? 'encrypted_url' then
    update public.webhook_endpoints
    set encrypted_url = change_webhook.request ->> 'encrypted_url',
        url_preview = change_webhook.request ->> 'url_preview',
        consecutive_failures = 0, failing_since = null, paused_until = null
    where webhook_endpoints.id = managed.id
    returning * into managed;
  end if;
  if change_webhook.request ? 'secret' then
    if managed.kind <> 'webhook' then
      perform private.refuse(
        'invalid_value', 'Calls of a Slack webhook are not signed.', 'Leave "secret" out.'
      );
    end if;
    perform private.add_webhook_secret(managed.id, change_webhook.request -> 'secret');
  end if;
  return private.show_webhook(managed);
end
$$;
comment on function public.change_webhook(jsonb, jsonb) is
  'Gives an endpoint {"id"} another address ("encrypted_url", "url_preview") or another "secret" '
  '{"id", "ciphertext", "grace_seconds"}, and returns its row without the address. Without '
  'either it only returns the row. Backend only. Errors: PT404 webhook_not_found, PT400 '
  'invalid_value.';
grant execute on function public.change_webhook(jsonb, jsonb) to service_role;

create function private.is_webhook_of_agent(endpoint uuid, agent_id uuid)
returns boolean
language sql
stable
set search_path = ''
as $$
  select exists (
    select from public.webhook_endpoints endpoints
    join public.agents on agents.id = is_webhook_of_agent.agent_id
    where endpoints.id = is_webhook_of_agent.endpoint and endpoints.kind = 'webhook'
      and endpoints.organization_id = private.agent_organization(agents)
  )
$$;
comment on function private.is_webhook_of_agent(uuid, uuid) is
  'Whether a webhook belongs to the organization of an agent now: after an agent has moved, '
  'webhooks of its former organization are neither called nor accepted as signers of reports.';
grant execute on function private.is_webhook_of_agent(uuid, uuid) to authenticated, service_role;
