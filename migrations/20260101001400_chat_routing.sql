-- Routing: which agent and model a request means, and how to call them. Vendors
-- and services are rows, so a new one is reached without a deploy. Everything
-- here runs for the backend, with auth.uid() set to the caller.
--
-- Most functions on a turn's path are plpgsql although a single statement is all
-- they do: Postgres keeps the plan of that statement for the connection, while it
-- plans a SQL function that sets its search_path anew at every call.

create function private.act_for(caller jsonb, scope text default null)
returns public.profiles
language plpgsql
set search_path = ''
as $$
declare
  key public.access_keys;
  profile public.profiles;
begin
  if caller ? 'access_key' then
    key := private.use_access_key(caller ->> 'access_key', scope);
  end if;
  select profiles.* into profile from public.profiles where profiles.id = coalesce(key.user_id, (caller ->> 'user_id')::uuid);
  if profile.id is null then
    perform private.refuse(401, 'user_not_found', 'The account of this token no longer exists.', 'Sign in again.');
  end if;
  if profile.status <> 'active' then
    perform private.refuse(403, 'account_not_active', format('This account is %s.', profile.status));
  end if;
  perform set_config(
    'request.jwt.claims',
    (
      jsonb_build_object('sub', profile.id, 'role', 'authenticated')
      || case when key.id is null then '{}' else jsonb_build_object('access_key', jsonb_build_object(
        'id', key.id, 'organization_id', key.organization_id, 'agent_ids', key.agent_ids, 'requests_per_minute', key.requests_per_minute
      )) end
    )::text,
    true
  );
  perform set_config('request.jwt.claim.sub', profile.id::text, true);
  if key.id is not null and not exists (select from private.my_organizations('member')) then
    perform private.refuse(403, 'access_key_without_role', 'The owner of this access key may not chat in its organization any more.');
  end if;
  return profile;
end
$$;
comment on function private.act_for(jsonb, text) is
  'Makes auth.uid() the caller {"user_id"}, or the owner of the caller''s key {"access_key": its secret''s hash}, until the transaction ends, so that the rules of the policies apply to the backend''s call. A key must have the scope; without one none is accepted. Errors: PT401 no such person, PT403 account not active, access_key_without_role, and those of use_access_key().';
grant execute on function private.act_for(jsonb, text) to service_role;

create function private.agents_for_chat(organization_id uuid)
returns setof uuid
language plpgsql
stable
set search_path = ''
as $$
begin
  return query
  select agents.id from public.agents where agents.is_platform
  union all
  select agents.id from public.agents where agents.created_by = (select auth.uid()) and agents.organization_id is null
  union all
  select agents.id from public.agents where agents.organization_id = agents_for_chat.organization_id
    and agents.organization_id = any (array(select private.my_organizations('member')));
end
$$;
comment on function private.agents_for_chat(uuid) is
  'Ids of the agents that the caller may name in a chat in an organization: platform agents, the '
  'own, and the organization''s while the caller may chat there. All others, of further '
  'organizations and shared ones of strangers, are reached by id only: what somebody writes '
  'elsewhere changes nothing of what a name means here.';
grant execute on function private.agents_for_chat(uuid) to service_role;

create function private.as_uuid(value text)
returns uuid
language plpgsql
immutable
set search_path = ''
as $$
begin
  return case
    when value ~* '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then value::uuid
  end;
end
$$;
comment on function private.as_uuid(text) is 'The text as a UUID, or null when it is none.';
grant execute on function private.as_uuid(text) to authenticated, service_role;

-- What a name means ----------------------------------------------------------------

create type private.chat_target as (agent_id uuid, model_id uuid, service_id text);
comment on type private.chat_target is 'What a chat goes to: an agent with one of its models or its service, or a service without an agent.';

create function private.find_chat_model(model text, default_agent text, organization_id uuid)
returns private.chat_target
language plpgsql
stable
set search_path = ''
as $$
declare
  me uuid := auth.uid();
  here uuid := (
    select mine.id from private.my_organizations('member') mine (id)
    where mine.id = find_chat_model.organization_id
  );
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
      else agents.organization_id = here
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
$$;
comment on function private.find_chat_model(text, text, uuid) is 'The model of this name on an agent of agents_for_chat() that is switched on; null when there is none.';
grant execute on function private.find_chat_model(text, text, uuid) to service_role;

create function private.find_chat_target(model text, default_agent text, organization_id uuid)
returns private.chat_target
language plpgsql
stable
set search_path = ''
as $$
declare
  -- What nearly every request names, found without looking for the rest.
  target private.chat_target := private.find_chat_model(model, default_agent, organization_id);
  mine uuid[];
  shared uuid;
  first_part text;
  second_part text;
begin
  if target.agent_id is not null then
    return target;
  end if;
  mine := array(select private.agents_for_chat(find_chat_target.organization_id));
  shared := private.as_uuid(model);
  first_part := split_part(model, '/', 1);
  second_part := case when strpos(model, '/') > 0 then substr(model, strpos(model, '/') + 1) end;
  select targets.agent_id, targets.model_id, targets.service_id into target
  from (
    -- A model's name.
    select 1 as way, models.agent_id, models.id as model_id, models.service_id
    from public.models
    where models.name = find_chat_target.model and models.enabled and models.agent_id = any (mine)
    union all
    -- agent/model.
    select 2, models.agent_id, models.id, models.service_id
    from public.agents
    join public.models on models.agent_id = agents.id and models.enabled
    where agents.name = first_part and agents.id = any (mine) and models.name = second_part
    union all
    -- vendor/service, with a key of one's own.
    select 3, null, null, services.id
    from public.vendor_services services
    where services.vendor_id = first_part and services.service_name = second_part and services.is_active
    union all
    -- The id of any agent that the caller may use, a stranger's too if it is shared;
    -- or its name, but nobody gives an agent the id of another as its name.
    select case when agents.id = shared then 4 else 5 end, agents.id, models.id, coalesce(models.service_id, agents.service_id)
    from public.agents
    left join public.models on models.agent_id = agents.id and models.is_default and models.enabled
    where (agents.name = find_chat_target.model and agents.id = any (mine))
      or (agents.id = shared and agents.id in (select private.visible_agents('member')))
  ) targets
  left join public.agents on agents.id = targets.agent_id
  where private.key_allows(targets.agent_id)
  -- Where several agents offer the name: one that is switched on, the
  -- organization's default, the own, the organization's, the platform's.
  order by
    (agents.enabled and agents.status <> 'paused') is not false desc,
    targets.way,
    (agents.name = find_chat_target.default_agent) is true desc,
    (agents.created_by = (select auth.uid())) is true desc,
    agents.organization_id is null,
    agents.created_at,
    agents.id
  limit 1;
  return target;
end
$$;
comment on function private.find_chat_target(text, text, uuid) is
  'The one thing that "model" of a request means to the caller in an organization, or null: a model''s name, agent/model, vendor/service (first slash counts), an agent''s id, an agent''s name; of several, the first of these, and an agent that is switched on before one that is not.';
grant execute on function private.find_chat_target(text, text, uuid) to service_role;

create function private.is_stranger_to(agent public.agents)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  return agent.id is not null
    and not agent.is_platform
    and (agent.organization_id is null and agent.created_by = (select auth.uid())) is not true
    and (agent.organization_id = any (array(select private.my_organizations('viewer')))) is not true;
end
$$;
comment on function private.is_stranger_to(public.agents) is 'True where the caller may not read the agent''s row: it is another''s, and shared at most.';
grant execute on function private.is_stranger_to(public.agents) to service_role;

create function private.platform_sells(service_id text)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  return exists (
    select from public.agents
    where agents.is_platform and agents.enabled and agents.status <> 'paused'
      and (
        agents.service_id = platform_sells.service_id
        or exists (
          select from public.models
          where models.agent_id = agents.id and models.enabled and models.service_id = platform_sells.service_id
        )
      )
  );
end
$$;
comment on function private.platform_sells(text) is 'Whether a platform agent that is switched on offers the service: by that the operator has said that everyone may buy it with the platform''s credential.';
grant execute on function private.platform_sells(text) to service_role;

create function private.resolve_chat_target(model text, settings jsonb, organization_id uuid)
returns private.chat_target
language plpgsql
stable
set search_path = ''
as $$
declare
  wanted text := coalesce(nullif(model, ''), nullif(settings ->> 'default_model', ''), nullif(settings ->> 'default_agent', ''));
  target private.chat_target;
  agent public.agents;
begin
  if wanted is null then
    perform private.refuse(
      400, 'model_required', 'The request names no model, and the organization has no default.',
      'Set "model"; GET /models lists what you may use.'
    );
  end if;
  target := private.find_chat_target(wanted, settings ->> 'default_agent', organization_id);
  if target.agent_id is null and target.service_id is null then
    perform private.refuse(
      404, 'model_not_found', format('The model "%s" does not exist, or you may not use it.', left(wanted, 200)),
      'GET /models lists what you may use.'
    );
  end if;
  select agents.* into agent from public.agents where agents.id = target.agent_id;
  if not agent.enabled or agent.status = 'paused' then
    perform private.refuse(403, 'agent_disabled', format('The agent "%s" is switched off.', agent.name));
  end if;
  if private.is_stranger_to(agent) and not private.platform_sells(target.service_id) then
    perform private.refuse(
      403, 'agent_not_sold', format('The agent "%s" is shared, but its model is not for sale here.', agent.name),
      'A shared agent is called with the platform''s credential. Its owner can choose a model that a platform agent offers.'
    );
  end if;
  return target;
end
$$;
comment on function private.resolve_chat_target(text, jsonb, uuid) is 'What a request means in an organization, the default of the organization''s settings where it names no model. Errors: PT400 model_required, PT404 model_not_found, PT403 agent_disabled, agent_not_sold.';
grant execute on function private.resolve_chat_target(text, jsonb, uuid) to service_role;

-- How to call it -------------------------------------------------------------------

create function private.keys_for_route(route jsonb, payer uuid)
returns table (is_own boolean, keys jsonb)
language plpgsql
stable
set search_path = ''
as $$
begin
  return query
  select
    best.user_id = (select auth.uid()),
    jsonb_agg(
      jsonb_build_object(
        'id', best.id, 'user_id', best.user_id, 'vendor_id', best.vendor_id, 'encrypted_key', best.encrypted_key
      )
      order by best.place
    )
  from (
    select usable.*, row_number() over () as place
    from private.usable_api_keys(
      (select auth.uid()), keys_for_route.payer, route ->> 'vendor_id', route ->> 'service_id'
    ) usable
    -- More than a turn could try.
    limit 5
  ) best
  group by 1
  order by 1 desc;
end
$$;
comment on function private.keys_for_route(jsonb, uuid) is 'The best five keys that the caller may use on a route where an organization pays, as ciphertext with what each is bound to: first the caller''s own, then those that others share, best first.';
grant execute on function private.keys_for_route(jsonb, uuid) to service_role;

create function private.route_to(target private.chat_target, kinds text[])
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    select jsonb_build_object(
      'agent_id', agents.id,
      'agent', agents.name,
      'vendor_id', vendors.id,
      'service_id', services.id,
      'base_url', vendors.base_url,
      'api_format', vendors.api_format,
      'auth_type', vendors.auth_type,
      'auth_header', vendors.auth_header,
      'auth_scheme', vendors.auth_scheme,
      'max_tokens_field', vendors.max_tokens_field,
      'cancel_stops_billing', vendors.cancel_stops_billing,
      'usage_path', vendors.usage_path,
      'extra_fields', vendors.extra_fields,
      'model', upstream.model,
      'context_window', services.context_window,
      'max_output_tokens', services.max_output_tokens,
      'image_tokens', services.image_tokens,
      'service_name', services.service_name,
      -- The platform's credential is spent on the platform's agents, and on what
      -- these sell for the shared agents of strangers.
      'credential', case when agents.is_platform or stranger.calls then 'platform' else 'own' end
    )
    from (select) as nothing
    left join public.agents on agents.id = target.agent_id
    left join public.models on models.id = target.model_id
    left join public.vendor_services services on services.id = target.service_id and services.is_active
    join public.vendors on vendors.id = coalesce(services.vendor_id, agents.vendor_id) and vendors.is_active,
    lateral (select private.is_stranger_to(agents) as calls) stranger,
    lateral (
      select case
        when stranger.calls then services.service_name
        else coalesce(models.model_id, services.service_name, agents.model_name)
      end as model
    ) upstream
    where coalesce(services.service_kind, 'chat') = any (kinds)
      and upstream.model is not null
      and (target.service_id is null or services.id is not null)
      and (not stranger.calls or private.platform_sells(services.id))
      and (agents.id is null or (agents.enabled and agents.status <> 'paused'))
  );
end
$$;
comment on function private.route_to(private.chat_target, text[]) is 'How to call a target: vendor, address, authentication, upstream name, the platform''s credential or the caller''s own. Null when it is not active, or sells none of the kinds.';
grant execute on function private.route_to(private.chat_target, text[]) to service_role;

create function private.is_priced(service_id text)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  return (private.price_at(is_priced.service_id, now(), 0)).id is not null;
end
$$;
comment on function private.is_priced(text) is 'Whether the price of a service is known now. Only then a credential that is not the caller''s own is spent on it.';
grant execute on function private.is_priced(text) to service_role;

create function private.paid_by_others(route jsonb, credential text, keys jsonb)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  return case when private.is_priced(route ->> 'service_id') then
    route || jsonb_build_object('credential', credential, 'keys', keys, 'model', route -> 'service_name')
  end;
end
$$;
comment on function private.paid_by_others(jsonb, text, jsonb) is 'A route as it is called with a credential that is not the caller''s own: it buys the service that is priced, under the vendor''s name for it, whatever the agent calls its model. Null where no price is known.';
grant execute on function private.paid_by_others(jsonb, text, jsonb) to service_role;

create function private.routes_with_credentials(route jsonb, payer uuid)
returns setof jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  offered record;
begin
  if route ->> 'credential' = 'platform' then
    return next private.paid_by_others(route, 'platform', '[]');
    return;
  end if;
  for offered in select * from private.keys_for_route(route, payer) loop
    return next case
      when offered.is_own then route || jsonb_build_object('keys', offered.keys)
      else private.paid_by_others(route, 'shared', offered.keys)
    end;
  end loop;
end
$$;
comment on function private.routes_with_credentials(jsonb, uuid) is 'A route once for each credential that it may be called with where an organization pays: platform, own, then shared. None without a key; null for one that would buy what has no price.';
grant execute on function private.routes_with_credentials(jsonb, uuid) to service_role;

create function private.all_routes(
  target private.chat_target, kinds text[], settings jsonb, payer uuid
)
returns setof jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  route jsonb := private.route_to(target, kinds);
  -- Not a stranger's: they would be sent the prompt, wherever the names lead the caller.
  fallbacks jsonb := (
    select agents.config -> 'fallbacks' from public.agents
    where agents.id = target.agent_id and not private.is_stranger_to(agents)
  );
  fallback text;
begin
  if route is not null then
    return next route;
  end if;
  if jsonb_typeof(fallbacks) is distinct from 'array' then
    return;
  end if;
  for fallback in select * from jsonb_array_elements_text(fallbacks) limit 4 loop
    route := private.route_to(private.find_chat_target(fallback, settings ->> 'default_agent', payer), kinds);
    if route is not null then
      return next route;
    end if;
  end loop;
end
$$;
comment on function private.all_routes(private.chat_target, text[], jsonb, uuid) is 'The route to a target and those to the fallbacks of its agent (config.fallbacks: up to four names as in a request''s "model", in the organization that pays), in order. A stranger''s shared agent falls back to nothing.';
grant execute on function private.all_routes(private.chat_target, text[], jsonb, uuid) to service_role;

create function private.circuit_retry_at(agent_id uuid, is_first boolean)
returns timestamptz
language plpgsql
set search_path = ''
as $$
begin
  -- Only the first route may be the probe of a half-open circuit: a fallback
  -- that is never called would hold the place for nothing.
  if is_first then
    return private.admit_to_circuit(circuit_retry_at.agent_id);
  end if;
  return (
    select agent_health.circuit_retry_at
    from public.agent_health
    where agent_health.agent_id = circuit_retry_at.agent_id and agent_health.circuit_state <> 'closed'
  );
end
$$;
comment on function private.circuit_retry_at(uuid, boolean) is 'Until when the circuit of an agent refuses a turn''s route; null where it may be called, the first one perhaps as a probe.';
grant execute on function private.circuit_retry_at(uuid, boolean) to service_role;

create function private.refuse_routes(refused_until timestamptz, without_key text, without_price text, kind text)
returns void
language plpgsql
set search_path = ''
as $$
begin
  if refused_until is not null then
    perform private.refuse(
      503, 'circuit_open', 'This agent''s model keeps failing and is left alone for a short while.',
      jsonb_build_object('retry_after_ms', greatest(ceil(extract(epoch from refused_until - clock_timestamp()) * 1000), 1000))::text
    );
  elsif without_price is not null then
    perform private.refuse(
      400, 'model_not_priced',
      format('The model of "%s" has no known price, so it can be called only with your own key.', without_price),
      'Store a key of your own for its vendor, or choose another model.'
    );
  elsif without_key is not null then
    perform private.refuse(
      400, 'no_provider_key', format('You have no key for the vendor "%s".', without_key),
      'Store one, work in the organization that shares one, or choose a platform agent''s model.'
    );
  end if;
  perform private.refuse(
    400, 'agent_cannot_chat', format('This model does not offer %s.', kind), 'GET /models lists what you may use.'
  );
end
$$;
comment on function private.refuse_routes(timestamptz, text, text, text) is
  'Refuses a turn none of whose routes can be called, for the first of these reasons that there is: an open circuit, a model without a price, a vendor without a key, nothing of the kind. Errors: PT503 circuit_open, whose hint is JSON with retry_after_ms; PT400 model_not_priced, no_provider_key, agent_cannot_chat.';
grant execute on function private.refuse_routes(timestamptz, text, text, text) to service_role;

create function private.open_routes(target private.chat_target, kinds text[], settings jsonb, payer uuid)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  route jsonb;
  offered jsonb[];
  routes jsonb := '[]'::jsonb;
  without_key text;
  without_price text;
  retry_at timestamptz;
  refused_until timestamptz;
begin
  for route in select * from private.all_routes(target, kinds, settings, payer) loop
    offered := array(select private.routes_with_credentials(route, payer));
    if offered = '{}' then
      without_key := coalesce(without_key, route ->> 'vendor_id');
      continue;
    end if;
    offered := array_remove(offered, null);
    if offered = '{}' then
      without_price := coalesce(without_price, route ->> 'agent', route ->> 'model');
      continue;
    end if;
    retry_at := private.circuit_retry_at((route ->> 'agent_id')::uuid, routes = '[]');
    if retry_at is null then
      routes := routes || to_jsonb(offered);
    else
      refused_until := least(refused_until, retry_at);
    end if;
  end loop;
  if routes = '[]' then
    perform private.refuse_routes(refused_until, without_key, without_price, kinds[1]);
  end if;
  return routes;
end
$$;
comment on function private.open_routes(private.chat_target, text[], jsonb, uuid) is
  'The routes that may be called now where an organization pays, best first, once for each credential, each with its keys; at least one. Errors: those of refuse_routes().';
grant execute on function private.open_routes(private.chat_target, text[], jsonb, uuid) to service_role;

-- What a caller may name -----------------------------------------------------------

create function private.is_offered(target private.chat_target)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
declare
  route jsonb := private.route_to(target, array['chat', 'search', 'embedding']);
begin
  return route is not null and (route ->> 'credential' = 'own' or private.is_priced(route ->> 'service_id'));
end
$$;
comment on function private.is_offered(private.chat_target) is 'Whether a target can be called: it is active, sells something that functions ask for, and has a price where the platform pays.';
grant execute on function private.is_offered(private.chat_target) to service_role;

create function public.list_chat_models(caller jsonb, rate_limit boolean default false)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  profile public.profiles := private.act_for(caller, 'models');
  limits jsonb := case when rate_limit then private.plan_limits() end;
  mine uuid[] := array(select private.agents_for_chat(private.my_organization()));
  listed_models jsonb;
begin
  listed_models := (
    select coalesce(jsonb_agg(to_jsonb(listed) order by listed.agent, listed.id), '[]')
    from (
      select
        agents.name || '/' || models.name as id,
        agents.id as agent_id,
        agents.name as agent,
        models.name as model,
        coalesce(models.display_name, models.name) as display_name,
        models.provider,
        coalesce(services.vendor_id, agents.vendor_id) as vendor_id,
        floor(extract(epoch from models.created_at))::bigint as created
      from public.agents
      join public.models on models.agent_id = agents.id and models.enabled
      left join public.vendor_services services on services.id = models.service_id
      where agents.id = any (mine) and agents.enabled and agents.status <> 'paused'
        and private.is_offered(row(agents.id, models.id, models.service_id))
      union all
      select
        agents.name, agents.id, agents.name, coalesce(services.service_name, agents.model_name), agents.name, null,
        coalesce(services.vendor_id, agents.vendor_id), floor(extract(epoch from agents.created_at))::bigint
      from public.agents
      left join public.vendor_services services on services.id = agents.service_id
      where agents.id = any (mine) and agents.enabled and agents.status <> 'paused'
        and not exists (select from public.models where models.agent_id = agents.id and models.enabled)
        and private.is_offered(row(agents.id, null, agents.service_id))
    ) listed
    where private.key_allows(listed.agent_id)
  );
  -- Late, so that calls of one organization wait for each other only here.
  return jsonb_build_object(
    'models', listed_models, 'limits', limits,
    'rate_limit', case when limits is not null then private.take_rate_limits(profile.id, limits) end
  );
end
$$;
comment on function public.list_chat_models(jsonb, boolean) is 'The models that a caller {"user_id"} or {"access_key"} may name in a chat, {"models", "limits", "rate_limit"}: a list of {id, agent_id, agent, model, display_name, provider, vendor_id, created}, and what the caller''s limits are and how much is left of them, where rate_limit says to count the call here. Backend only. Errors: those of act_for(); PT429 rate_limit_exceeded.';
grant execute on function public.list_chat_models(jsonb, boolean) to service_role;
