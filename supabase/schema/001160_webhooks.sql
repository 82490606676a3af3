-- The current state of what 001160_webhooks.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table public.webhook_endpoints (
  id uuid default gen_random_uuid() not null,
  organization_id uuid not null,
  name text not null,
  kind text default 'webhook'::text not null,
  url_preview text not null,
  encrypted_url text not null,
  is_active boolean default true not null,
  disabled_reason text,
  consecutive_failures integer default 0 not null,
  failing_since timestamp with time zone,
  paused_until timestamp with time zone,
  created_by uuid default auth.uid(),
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint webhook_endpoints_pkey PRIMARY KEY (id),
  constraint webhook_endpoints_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.profiles(id) ON DELETE SET NULL,
  constraint webhook_endpoints_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE,
  constraint webhook_disabled_reason_is_known CHECK ((disabled_reason = ANY (ARRAY['gone'::text, 'failing'::text]))),
  constraint webhook_failures_are_not_negative CHECK ((consecutive_failures >= 0)),
  constraint webhook_kind_is_known CHECK ((kind = ANY (ARRAY['webhook'::text, 'slack'::text]))),
  constraint webhook_name_has_no_control_characters CHECK (private.is_plain(name)),
  constraint webhook_name_is_1_to_255_characters CHECK (((char_length(name) >= 1) AND (char_length(name) <= 255))),
  constraint webhook_url_is_ciphertext CHECK (private.is_ciphertext(encrypted_url)),
  constraint webhook_url_preview_is_a_label CHECK (private.is_label(url_preview))
);
alter table public.webhook_endpoints enable row level security;
create policy "Agent managers change the webhooks of their organizations" on public.webhook_endpoints
  as permissive for update to authenticated
  using ((organization_id = ANY (ARRAY( SELECT private.my_organizations('agent_manager'::text) AS my_organizations))))
  with check ((organization_id = ANY (ARRAY( SELECT private.my_organizations('agent_manager'::text) AS my_organizations))));
create policy "Agent managers delete the webhooks of their organizations" on public.webhook_endpoints
  as permissive for delete to authenticated
  using ((organization_id = ANY (ARRAY( SELECT private.my_organizations('agent_manager'::text) AS my_organizations))));
create policy "Agent managers read the webhooks of their organizations" on public.webhook_endpoints
  as permissive for select to authenticated
  using ((organization_id = ANY (ARRAY( SELECT private.my_organizations('agent_manager'::text) AS my_organizations))));
grant delete, insert, select, update on public.webhook_endpoints to service_role;
grant delete, select (id, organization_id, name, kind, url_preview, is_active, disabled_reason, consecutive_failures, failing_since, paused_until, created_by, created_at, updated_at), update (name, is_active) on public.webhook_endpoints to authenticated;
CREATE INDEX webhook_endpoints_created_by_idx ON public.webhook_endpoints USING btree (created_by);
CREATE INDEX webhook_endpoints_organization_id_idx ON public.webhook_endpoints USING btree (organization_id);
CREATE TRIGGER enable_webhook BEFORE UPDATE OF is_active ON public.webhook_endpoints FOR EACH ROW WHEN ((new.is_active AND (NOT old.is_active))) EXECUTE FUNCTION private.enable_webhook();
CREATE TRIGGER record_audit_change AFTER UPDATE OF name, kind, is_active, disabled_reason, encrypted_url ON public.webhook_endpoints FOR EACH ROW WHEN (((((((old.name IS DISTINCT FROM new.name) OR (old.kind IS DISTINCT FROM new.kind)) OR (old.is_active IS DISTINCT FROM new.is_active)) OR (old.disabled_reason IS DISTINCT FROM new.disabled_reason)) OR (old.encrypted_url IS DISTINCT FROM new.encrypted_url)) AND (current_setting('agentbase.audit_event'::text, true) IS DISTINCT FROM 'rotated'::text))) EXECUTE FUNCTION private.record_audit_event('id');
CREATE TRIGGER record_audit_event AFTER INSERT OR DELETE ON public.webhook_endpoints FOR EACH ROW EXECUTE FUNCTION private.record_audit_event('id');
CREATE TRIGGER update_webhook_endpoints_updated_at BEFORE UPDATE ON public.webhook_endpoints FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

create table public.webhook_secrets (
  id uuid default gen_random_uuid() not null,
  endpoint_id uuid not null,
  encrypted_secret text not null,
  expires_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  constraint webhook_secrets_pkey PRIMARY KEY (id),
  constraint webhook_secrets_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES public.webhook_endpoints(id) ON DELETE CASCADE,
  constraint webhook_secret_is_ciphertext CHECK (private.is_ciphertext(encrypted_secret))
);
alter table public.webhook_secrets enable row level security;
grant delete, insert, select, update on public.webhook_secrets to service_role;
CREATE INDEX webhook_secrets_endpoint_id_idx ON public.webhook_secrets USING btree (endpoint_id);
CREATE TRIGGER record_audit_change AFTER UPDATE OF endpoint_id, expires_at, encrypted_secret ON public.webhook_secrets FOR EACH ROW WHEN (((((old.endpoint_id IS DISTINCT FROM new.endpoint_id) OR (old.expires_at IS DISTINCT FROM new.expires_at)) OR (old.encrypted_secret IS DISTINCT FROM new.encrypted_secret)) AND (current_setting('agentbase.audit_event'::text, true) IS DISTINCT FROM 'rotated'::text))) EXECUTE FUNCTION private.record_audit_event('id');
CREATE TRIGGER record_audit_event AFTER INSERT OR DELETE ON public.webhook_secrets FOR EACH ROW EXECUTE FUNCTION private.record_audit_event('id');

-- Functions --------------------------------------------------------------------------------------

create function private.add_webhook_secret(endpoint uuid, secret jsonb)
returns void
language sql volatile security invoker
set search_path=""
as $body$
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
$body$;
grant execute on function private.add_webhook_secret(uuid,jsonb) to service_role;

create function private.enable_webhook()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  new.disabled_reason = null;
  new.consecutive_failures = 0;
  new.failing_since = null;
  new.paused_until = null;
  return new;
end
$body$;

create function private.is_webhook_of_agent(endpoint uuid, agent_id uuid)
returns boolean
language sql stable security invoker
set search_path=""
as $body$
  select exists (
    select from public.webhook_endpoints endpoints
    join public.agents on agents.id = is_webhook_of_agent.agent_id
    where endpoints.id = is_webhook_of_agent.endpoint and endpoints.kind = 'webhook'
      and endpoints.organization_id = private.agent_organization(agents)
  )
$body$;
grant execute on function private.is_webhook_of_agent(uuid,uuid) to authenticated, service_role;

create function private.managed_webhook(id uuid)
returns public.webhook_endpoints
language plpgsql volatile security invoker
set search_path=""
as $body$
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
$body$;
grant execute on function private.managed_webhook(uuid) to service_role;

create function private.show_webhook(endpoint public.webhook_endpoints)
returns jsonb
language sql immutable security invoker
set search_path=""
as $body$
  select to_jsonb(show_webhook.endpoint) - 'encrypted_url'
$body$;
grant execute on function private.show_webhook(public.webhook_endpoints) to service_role;

create function public.change_webhook(caller jsonb, request jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
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
$body$;
grant execute on function public.change_webhook(jsonb,jsonb) to agentbase_functions;

create function public.create_webhook(caller jsonb, request jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
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
$body$;
grant execute on function public.create_webhook(jsonb,jsonb) to agentbase_functions;
