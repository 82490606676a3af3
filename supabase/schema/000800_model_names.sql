-- The current state of what 000800_model_names.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.find_chat_model(model text, default_agent text, organization_id uuid)
returns private.chat_target
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  me uuid := auth.uid();
  target private.chat_target;
begin
  select models.agent_id, models.id, models.service_id into target
  from public.models
  join public.agents on agents.id = models.agent_id
  where models.name = find_chat_model.model
    and models.enabled
    and agents.enabled and agents.status <> 'paused'
    and case
      when agents.organization_id is null then agents.is_platform or agents.created_by = me
      else agents.organization_id = find_chat_model.organization_id
        and private.has_role(agents.organization_id, 'member')
    end
    and private.key_allows(agents.id)
  order by
    (agents.name = find_chat_model.default_agent) is true desc,
    (agents.created_by = me) is true desc,
    agents.organization_id is null,
    agents.created_at,
    agents.id
  limit 1;
  return target;
end
$body$;
grant execute on function private.find_chat_model(text,text,uuid) to service_role;

create function private.find_chat_target(model text, default_agent text, organization_id uuid)
returns private.chat_target
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  -- The common case, found without searching for the others.
  target private.chat_target := private.find_chat_model(
    find_chat_target.model, find_chat_target.default_agent, find_chat_target.organization_id
  );
begin
  if target.agent_id is not null then
    return private.with_service(target);
  end if;
  return private.search_chat_target(
    find_chat_target.model, find_chat_target.default_agent, find_chat_target.organization_id
  );
end
$body$;
grant execute on function private.find_chat_target(text,text,uuid) to service_role;

create function private.is_stranger_to(agent public.agents)
returns boolean
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  if is_stranger_to.agent.id is null or is_stranger_to.agent.is_platform then
    return false;
  end if;
  return case
    when is_stranger_to.agent.organization_id is null
      then (is_stranger_to.agent.created_by = auth.uid()) is not true
    else is_stranger_to.agent.organization_id <> all (
      array(select private.my_organizations('viewer'))
    )
  end;
end
$body$;
grant execute on function private.is_stranger_to(public.agents) to service_role;

create function private.may_name(agent_id uuid, organization_id uuid)
returns boolean
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return exists (
    select from public.agents
    where agents.id = may_name.agent_id
      and case
        when agents.organization_id is null
          then agents.is_platform or agents.created_by = (select auth.uid())
        else agents.organization_id = may_name.organization_id
          and agents.organization_id = any (array(select private.my_organizations('member')))
      end
  );
end
$body$;
grant execute on function private.may_name(uuid,uuid) to service_role;

create function private.models_named(name text)
returns TABLE(way integer, agent_id uuid, model_id uuid, service_id text)
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return query
  select 1, models.agent_id, models.id, models.service_id
  from public.models
  where models.name = models_named.name and models.enabled
  union all
  select 6, models.agent_id, models.id, models.service_id
  from public.models
  where models.enabled
    -- An array, so that no plan reads all models.
    and models.service_id = any (array(
      select aliases.service_id from public.service_aliases aliases
      where aliases.alias = models_named.name
    ));
end
$body$;
grant execute on function private.models_named(text) to service_role;

create function private.platform_sells(service_id text)
returns boolean
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return exists (
    select from public.agents
    where agents.is_platform and agents.enabled and agents.status <> 'paused'
      and (
        agents.service_id = platform_sells.service_id
        or exists (
          select from public.models
          where models.agent_id = agents.id
            and models.enabled
            and models.service_id = platform_sells.service_id
        )
      )
  );
end
$body$;
grant execute on function private.platform_sells(text) to service_role;

create function private.resolve_chat_target(model text, settings jsonb, organization_id uuid)
returns private.chat_target
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  wanted text := coalesce(
    nullif(resolve_chat_target.model, ''),
    nullif(resolve_chat_target.settings ->> 'default_model', ''),
    nullif(resolve_chat_target.settings ->> 'default_agent', '')
  );
  target private.chat_target;
  agent public.agents;
begin
  if wanted is null then
    perform private.refuse(
      'model_required', 'The request names no model, and the organization has no default model.',
      'Set "model". GET /models lists the models that you may use.'
    );
  end if;
  -- The common case: an enabled agent whose row the caller may read, so none of the checks applies.
  target := private.find_chat_model(
    wanted, resolve_chat_target.settings ->> 'default_agent', resolve_chat_target.organization_id
  );
  if target.agent_id is not null then
    return private.with_service(target);
  end if;
  target := private.search_chat_target(
    wanted, resolve_chat_target.settings ->> 'default_agent', resolve_chat_target.organization_id
  );
  if target.agent_id is null and target.service_id is null then
    perform private.refuse(
      'model_not_found',
      format('The model "%s" does not exist, or you may not use it.', left(wanted, 200)),
      'GET /models lists the models that you may use.'
    );
  end if;
  select agents.* into agent from public.agents where agents.id = target.agent_id;
  if not agent.enabled or agent.status = 'paused' then
    perform private.refuse('agent_disabled', format('The agent "%s" is disabled.', agent.name));
  end if;
  if private.is_stranger_to(agent) and not private.platform_sells(target.service_id) then
    perform private.refuse(
      'agent_not_sold',
      format('The agent "%s" is shared, but the platform does not offer its model.', agent.name),
      'A shared agent uses the platform''s credential. Its owner can choose a model that a '
      'platform agent offers.'
    );
  end if;
  return target;
end
$body$;
grant execute on function private.resolve_chat_target(text,jsonb,uuid) to service_role;

create function private.search_chat_target(model text, default_agent text, organization_id uuid)
returns private.chat_target
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  target private.chat_target;
  shared uuid := private.as_uuid(model);
  first_part text := split_part(model, '/', 1);
  second_part text := substr(model, nullif(strpos(model, '/'), 0) + 1);
begin
  select targets.agent_id, targets.model_id, targets.service_id into target
  from (
    -- A model's name, or an alias of its service.
    select named.way, named.agent_id, named.model_id, named.service_id
    from private.models_named(search_chat_target.model) named
    where private.may_name(named.agent_id, search_chat_target.organization_id)
    union all
    -- agent/model.
    select 2, models.agent_id, models.id, models.service_id
    from private.agents_named(array[first_part], search_chat_target.organization_id) named (id)
    join public.models on models.agent_id = named.id and models.enabled
    where models.name = second_part
    union all
    -- vendor/service, with the caller's own key.
    select 3, null, null, named.id
    from (select private.service_named(first_part, second_part)) named (id)
    where named.id is not null
    union all
    -- The id of any agent that the caller may use, a stranger's too if it is shared;
    -- or its name, but no agent may have another's id as its name.
    select
      case when agents.id = shared then 4 else 5 end,
      agents.id,
      models.id,
      coalesce(models.service_id, agents.service_id)
    from (
      select private.agents_named(
        array[search_chat_target.model], search_chat_target.organization_id
      )
      union
      select shared where private.sees_agent(shared, 'member')
    ) named (id)
    join public.agents on agents.id = named.id
    left join public.models on models.agent_id = agents.id and models.is_default and models.enabled
  ) targets
  left join public.agents on agents.id = targets.agent_id
  where private.key_allows(targets.agent_id)
  -- Where several agents offer the name: one that is switched on, the
  -- organization's default, the own, the organization's, the platform's.
  order by
    (agents.enabled and agents.status <> 'paused') is not false desc,
    targets.way,
    (agents.name = search_chat_target.default_agent) is true desc,
    (agents.created_by = (select auth.uid())) is true desc,
    agents.organization_id is null,
    agents.created_at, agents.id
  limit 1;
  return private.with_service(target);
end
$body$;
grant execute on function private.search_chat_target(text,text,uuid) to service_role;

create function private.with_service(target private.chat_target)
returns private.chat_target
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  filled private.chat_target := with_service.target;
  agent public.agents;
begin
  if filled.agent_id is null or filled.model_id is not null and filled.service_id is not null then
    return filled;
  end if;
  select agents.* into agent from public.agents where agents.id = filled.agent_id;
  if filled.model_id is null and agent.is_published then
    agent := private.agent_for_caller(agent);
    filled.service_id := agent.service_id;
  end if;
  if filled.service_id is null then
    filled.service_id := private.service_named(
      agent.vendor_id,
      case when filled.model_id is null then agent.model_name else (
        select models.model_id from public.models where models.id = filled.model_id
      ) end
    );
  end if;
  return filled;
end
$body$;
grant execute on function private.with_service(private.chat_target) to service_role;
