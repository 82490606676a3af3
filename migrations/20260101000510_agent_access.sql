-- Who sees, uses and edits an agent, and what changes with it.

create function private.bump_agent_version()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.version = old.version + 1;
  return new;
end
$$;
comment on function private.bump_agent_version() is
  'Trigger: counts changes of what defines an agent''s answers.';
create trigger bump_agent_version
  before update of
    vendor_id, service_id, model_name, system_prompt, temperature, max_tokens, config,
    capabilities, llm_provider, llm_model,
    config_json
  on public.agents
  for each row
  when (
    (old.vendor_id, old.service_id, old.model_name, old.system_prompt, old.temperature,
     old.max_tokens, old.config, old.capabilities)
    is distinct from
    (new.vendor_id, new.service_id, new.model_name, new.system_prompt, new.temperature,
     new.max_tokens, new.config, new.capabilities)
  )
  execute function private.bump_agent_version();

create function private.adopt_column_aliases()
returns trigger
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.adopt_column_aliases() is
  'Trigger: what is written under the names of seeds 003 and 004 reaches the columns that they '
  'mean, and the other way round. A model that is named so is called as it is named: the agent '
  'leaves its service.';
create trigger adopt_column_aliases
  before insert or update of
    organization_id, vendor_id, service_id, model_name, config, enabled, team_id, llm_provider,
    llm_model, config_json, is_active
  on public.agents
  for each row execute function private.adopt_column_aliases();

create function private.adopt_unowned_agent()
returns trigger
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.adopt_unowned_agent() is
  'Trigger: decides is_platform of an agent that was inserted without it. It is true if the owner '
  'of the table inserts the agent outside of an API request, without creator, organization and '
  'system prompt.';
-- Triggers run in the order of their names: after adopt_column_aliases, which sets the owner, and
-- before apply_defaults.
create trigger adopt_unowned_agent
  before insert on public.agents
  for each row
  when (new.is_platform is null)
  execute function private.adopt_unowned_agent();

create function private.agent_contact(agent public.agents)
returns uuid
language plpgsql
stable
set search_path = ''
as $$
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
$$;
comment on function private.agent_contact(public.agents) is
  'Whom to tell about an agent: who made it, unless that person left its organization.';

create function public.notify_agent_status_change()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
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
$$;
comment on function public.notify_agent_status_change() is
  'Trigger: notifies the creator of an agent that its status changed, with high priority for '
  'error. Changes of platform agents notify no one.';
create trigger agent_status_notification after update of status on public.agents
  for each row
  when (old.status is distinct from new.status and new.created_by is not null)
  execute function public.notify_agent_status_change();

create function private.delete_own_agents()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  delete from public.agents where agents.created_by = old.id and agents.organization_id is null;
  return old;
end
$$;
comment on function private.delete_own_agents() is
  'Trigger on auth.users: a person''s own agents go with the person, those of an organization '
  'stay with it. Where this trigger is missing they become orphans.';

create view private.editable_agents with (security_invoker = true) as
select agents.id from public.agents
where agents.organization_id = any (array(select private.my_organizations('agent_manager')))
  or (
    agents.organization_id is null
    and agents.created_by = (select auth.uid())
    and (select private.my_account_is_active())
  );
comment on view private.editable_agents is
  'Ids of the agents that the caller may edit: the rule of the policies on agents, for the '
  'tables that belong to an agent. Their policies ask about the agent of the row.';
grant select on private.editable_agents to authenticated, service_role;

-- Public agents: their public fields for everyone, never prompt or configuration.

-- With the rights of its owner, as the caller may not read these rows of agents, and as a
-- barrier: no condition of the caller is tried on an agent that is not shared.
create view private.public_agents with (security_barrier = true) as
select
  agents.id, agents.name, agents.description, agents.type, agents.status, agents.capabilities,
  agents.tags,
  agents.vendor_id, agents.model_name, agents.voice_provider, agents.voice_id, agents.is_public,
  agents.is_published,
  agents.activity_score, agents.created_at, agents.updated_at
from public.agents
where agents.enabled
  -- Asked for each agent: with a join the planner reads all agents and sorts them.
  and (
    agents.organization_id is null
    or not exists (
      select from public.organizations
      where organizations.id = agents.organization_id and organizations.deleted_at is not null
      offset 0
    )
  )
  -- An agent without an owner that is no platform agent is an orphan and not shared.
  and (agents.is_platform or num_nonnulls(agents.created_by, agents.organization_id) > 0)
  and (agents.is_published or (agents.is_public and (select private.my_id()) is not null))
-- A barrier keeps the caller's order out as well: the latest are found by index.
order by agents.created_at desc;
comment on view private.public_agents is
  'Public fields of published agents for anyone, and of public agents for everyone signed in.';
grant select on private.public_agents to anon, authenticated, service_role;

create view public.public_agents with (security_invoker = true) as
select * from private.public_agents;
comment on view public.public_agents is
  'Agents that their owners share: published ones for anyone, public ones for everyone signed '
  'in. Prompts and configuration are not here.';
select private.inherit_comments('public.public_agents', 'public.agents');
grant select on public.public_agents to anon, authenticated, service_role;

create function private.sees_agent(agent_id uuid, minimum_role text)
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
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
$$;
comment on function private.sees_agent(uuid, text) is
  'Whether the caller sees an agent in agents or public_agents, an organization''s only with at '
  'least the given role there: viewer to see what belongs to an agent, member to use it.';
grant execute on function private.sees_agent(uuid, text) to authenticated, service_role;

create function private.limit_public_agents()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
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
$$;
comment on function private.limit_public_agents() is
  'Trigger: a person or an organization shares a limited number of agents, because the '
  'catalogue of public agents lists them to every user. Errors: PT409 too_many_public_agents.';
create trigger limit_public_agents
  after insert or update of is_public, is_published on public.agents
  for each row
  when (
    (new.is_public or new.is_published)
    -- publish_agent() updates with the rights of its owner on behalf of the caller.
    and (current_user in ('anon', 'authenticated') or auth.uid() is not null)
  )
  execute function private.limit_public_agents();

create function private.agent_organization(agent public.agents)
returns uuid
language plpgsql
stable
set search_path = ''
as $$
begin
  return private.home_organization(
    (agent_organization.agent).organization_id, (agent_organization.agent).created_by
  );
end
$$;
comment on function private.agent_organization(public.agents) is
  'The organization whose webhooks, time zone and visitors'' budget an agent has: its own, or for '
  'a user''s own agent the user''s personal one; null for a platform agent.';
grant execute on function private.agent_organization(public.agents) to authenticated, service_role;
