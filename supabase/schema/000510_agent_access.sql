-- The current state of what 000510_agent_access.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Views ------------------------------------------------------------------------------------------

create view private.editable_agents with (security_invoker=true) as
 SELECT id
   FROM public.agents
  WHERE ((organization_id = ANY (ARRAY( SELECT private.my_organizations('agent_manager'::text) AS my_organizations))) OR ((organization_id IS NULL) AND (created_by = ( SELECT auth.uid() AS uid)) AND ( SELECT private.my_account_is_active() AS my_account_is_active)));
grant select on private.editable_agents to authenticated;
grant select on private.editable_agents to service_role;

create view private.public_agents with (security_barrier=true) as
 SELECT id,
    name,
    description,
    type,
    status,
    capabilities,
    tags,
    vendor_id,
    model_name,
    voice_provider,
    voice_id,
    is_public,
    is_published,
    activity_score,
    created_at,
    updated_at
   FROM public.agents
  WHERE (enabled AND ((organization_id IS NULL) OR (NOT (EXISTS ( SELECT
           FROM public.organizations
          WHERE ((organizations.id = agents.organization_id) AND (organizations.deleted_at IS NOT NULL))
         OFFSET 0)))) AND (is_platform OR (num_nonnulls(created_by, organization_id) > 0)) AND (is_published OR (is_public AND (( SELECT private.my_id() AS my_id) IS NOT NULL))))
  ORDER BY created_at DESC;
grant select on private.public_agents to anon;
grant select on private.public_agents to authenticated;
grant select on private.public_agents to service_role;

create view public.public_agents with (security_invoker=true) as
 SELECT id,
    name,
    description,
    type,
    status,
    capabilities,
    tags,
    vendor_id,
    model_name,
    voice_provider,
    voice_id,
    is_public,
    is_published,
    activity_score,
    created_at,
    updated_at
   FROM private.public_agents;
grant select on public.public_agents to anon;
grant select on public.public_agents to authenticated;
grant select on public.public_agents to service_role;

-- Functions --------------------------------------------------------------------------------------

create function private.adopt_column_aliases()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  if tg_op = 'INSERT' then
    new.organization_id = coalesce(new.team_id, new.organization_id);
    new.vendor_id = coalesce(new.llm_provider, new.vendor_id);
    new.model_name = coalesce(new.llm_model, new.model_name);
    new.config = coalesce(nullif(new.config_json, 'null'), new.config);
    new.enabled = coalesce(new.is_active, new.enabled);
  else
    -- The word that was written tells; where both were, the column's own name.
    if (new.llm_provider, new.llm_model) is distinct from (old.llm_provider, old.llm_model)
      and (new.vendor_id, new.service_id, new.model_name)
        is not distinct from (old.vendor_id, old.service_id, old.model_name)
    then
      new.vendor_id = new.llm_provider;
      new.model_name = new.llm_model;
      new.service_id = null;
    end if;
    if new.team_id is distinct from old.team_id
      and new.organization_id is not distinct from old.organization_id
    then
      new.organization_id = new.team_id;
    end if;
    if new.config_json is distinct from old.config_json
      and new.config is not distinct from old.config
    then
      new.config = coalesce(nullif(new.config_json, 'null'), '{}');
    end if;
    if new.is_active is distinct from old.is_active
      and new.enabled is not distinct from old.enabled
    then
      new.enabled = coalesce(new.is_active, true);
    end if;
  end if;
  new.team_id = new.organization_id;
  new.llm_provider = new.vendor_id;
  new.llm_model = new.model_name;
  new.config_json = new.config;
  new.is_active = new.enabled;
  return new;
end
$body$;

create function private.adopt_unowned_agent()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  owner name := (
    select pg_get_userbyid(tables.relowner) from pg_catalog.pg_class tables
    where tables.oid = tg_relid
  );
begin
  new.is_platform := current_user = owner
    and nullif(current_setting('request.jwt.claims', true), '') is null
    and (new.created_by, new.organization_id, new.system_prompt) is null;
  return new;
end
$body$;

create function private.agent_contact(agent public.agents)
returns uuid
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  -- The creator may have left the organization of the agent.
  return (
    select (agent_contact.agent).created_by
    where (agent_contact.agent).organization_id is null or exists (
    select from public.organization_members members
    where members.organization_id = (agent_contact.agent).organization_id
      and members.user_id = (agent_contact.agent).created_by
  ));
end
$body$;

create function private.agent_organization(agent public.agents)
returns uuid
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return private.home_organization(
    (agent_organization.agent).organization_id, (agent_organization.agent).created_by
  );
end
$body$;
grant execute on function private.agent_organization(public.agents) to authenticated, service_role;

create function private.bump_agent_version()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  new.version = old.version + 1;
  return new;
end
$body$;

create function private.delete_own_agents()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  delete from public.agents where agents.created_by = old.id and agents.organization_id is null;
  return old;
end
$body$;

create function private.limit_public_agents()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  -- Requests of one owner wait for each other here, so that none counts too few.
  perform from public.organizations where organizations.id = new.organization_id for no key update;
  perform from public.profiles
  where profiles.id = new.created_by and new.organization_id is null
  for no key update;
  if (
    select count(*) > (private.limits()).shared_agents_per_owner
    from public.agents
    where (agents.is_public or agents.is_published)
      and agents.organization_id is not distinct from new.organization_id
      and (agents.organization_id is not null or agents.created_by = new.created_by)
  ) then
    perform private.refuse(
      'too_many_public_agents',
      format(
        'This owner shares %s agents already.', (private.limits()).shared_agents_per_owner
      ),
      'Stop sharing one first, or ask the operator.'
    );
  end if;
  return null;
end
$body$;

create function private.sees_agent(agent_id uuid, minimum_role text)
returns boolean
language plpgsql stable security definer
set search_path=""
as $body$
begin
  return exists (
    select from public.agents
    where agents.id = sees_agent.agent_id
      and (
        agents.organization_id = any (
          array(select private.my_organizations(sees_agent.minimum_role))
        )
        or (agents.organization_id is null and agents.created_by = (select auth.uid()))
        or agents.is_platform
      )
  )
  or exists (select from private.public_agents where public_agents.id = sees_agent.agent_id);
end
$body$;
grant execute on function private.sees_agent(uuid,text) to authenticated, service_role;

create function public.notify_agent_status_change()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  perform private.notify(
    new.created_by, 'agent_status_change', 'Agent Status Updated',
    format(
      'Agent "%s" status changed from %s to %s', private.name_to_quote(new.name), old.status,
      new.status
    ),
    jsonb_build_object('agent_id', new.id, 'old_status', old.status, 'new_status', new.status),
    case new.status when 'error' then 'high' when 'active' then 'medium' end
  )
  where private.agent_contact(new) is not null;
  return new;
end
$body$;
