-- The current state of what 000820_model_list.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.listed_agents(organization_id uuid, model text)
returns SETOF uuid
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  -- An id is the agent's name, or begins with it and a slash.
  names text[] := array(
    select left(listed_agents.model, place - 1)
    from generate_series(1, char_length(listed_agents.model) + 1) as place
    where substr(listed_agents.model, place, 1) in ('/', '')
  );
begin
  if listed_agents.model is null then
    return query select private.agents_for_chat(listed_agents.organization_id);
  else
    return query select private.agents_named(names, listed_agents.organization_id);
  end if;
end
$body$;
grant execute on function private.listed_agents(uuid,text) to service_role;

create function private.offered_models(organization_id uuid, wanted text)
returns TABLE(id text, agent_id uuid, agent text, model text, display_name text, provider text, vendor_id text, kind text, created bigint)
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return query
  with offers as materialized (
    select
      offer.*, concat(offer.vendor_id, E'\n', offer.service_id, E'\n', offer.vendors_name) as sells
    from private.offers(offered_models.organization_id, offered_models.wanted) offer
  ),
  -- A service, its vendor and its price are looked up once for all that sell it.
  sold as materialized (
    select
      offers.sells, min(offers.vendor_id) as vendor_id,
      private.current_service(coalesce(
        min(offers.service_id),
        private.service_named(min(offers.vendor_id), min(offers.vendors_name))
      )) as current_id
    from offers
    group by offers.sells
  ),
  -- With what route_to() and a platform's credential ask for.
  callable as materialized (
    select
      sold.sells, services.id, services.service_name, vendors.id as vendor_id,
      coalesce(services.service_kind, 'chat') as kind, private.is_priced(services.id) as is_priced
    from sold
    left join public.vendor_services services on services.id = sold.current_id
    join public.vendors on vendors.id = coalesce(services.vendor_id, sold.vendor_id)
      and vendors.is_active
  )
  select
    concat_ws('/', listed.agent, listed.name), listed.agent_id, listed.agent, listed.model,
    coalesce(listed.display_name, listed.name, listed.agent), listed.provider,
    listed.vendor_id, listed.kind, floor(date_part('epoch', listed.created_at))::bigint
  from (
    -- The sort keys are the first columns, as each comparison reads them.
    select
      callable.kind not in ('chat', 'search'),
      -- Last those for which another service answers, as their own ended.
      coalesce(callable.id <> offers.service_id, false),
      offers.agent, offers.is_default, offers.name, offers.agent_id,
      coalesce(offers.name, callable.service_name, offers.model_name) as model,
      offers.display_name, offers.provider, callable.vendor_id, callable.kind, offers.created_at
    from offers
    join callable on callable.sells = offers.sells
    where (offers.service_id is null or callable.id is not null)
      and coalesce(offers.model_name, callable.service_name) is not null
      and (not offers.is_platform or callable.is_priced)
    order by 1, 2, offers.agent collate "C", offers.is_default desc, offers.name collate "C"
  ) listed;
end
$body$;
grant execute on function private.offered_models(uuid,text) to service_role;

create function private.offers(organization_id uuid, model text)
returns SETOF private.offer
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return query
  select
    agents.id, agents.name, agents.is_platform, agents.vendor_id,
    case when offered.id is null then agents.service_id else offered.service_id end,
    case when offered.id is null then agents.model_name else offered.model_id end,
    coalesce(offered.model_id, agents.model_name), offered.name,
    offered.display_name, offered.provider, coalesce(offered.is_default, true),
    coalesce(offered.created_at, agents.created_at)
  from private.listed_agents(offers.organization_id, offers.model) listed (id)
  join public.agents on agents.id = listed.id
  left join public.models offered on offered.agent_id = agents.id and offered.enabled
  where agents.enabled and agents.status <> 'paused'
    -- Most callers have no list of agents, which is checked once.
    and ((select private.key_allows(null)) or private.key_allows(agents.id));
end
$body$;
grant execute on function private.offers(uuid,text) to service_role;

create function public.list_chat_models(caller jsonb, rate_limit boolean DEFAULT false, model text DEFAULT NULL::text)
returns json
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  profile public.profiles := private.impersonate(list_chat_models.caller, 'models');
  limits jsonb := case when list_chat_models.rate_limit then private.plan_limits() end;
  listed_models json;
begin
  listed_models := array_to_json(array(
    select listed
    from private.offered_models(private.my_organization(), list_chat_models.model) listed
    where list_chat_models.model is null
      or list_chat_models.model in (listed.id, listed.agent || '/' || listed.model)
  ));
  -- As the last step, so that calls of one organization wait for each other only briefly.
  return json_build_object(
    'models', listed_models,
    'caller', jsonb_build_object(
      'user_id', profile.id, 'access_key_id', (select auth.jwt()) -> 'access_key' -> 'id'
    ),
    'limits', limits,
    'rate_limit',
    case when limits is not null then private.take_rate_limits(profile.id, limits) end
  );
end
$body$;
grant execute on function public.list_chat_models(jsonb,boolean,text) to agentbase_functions;
