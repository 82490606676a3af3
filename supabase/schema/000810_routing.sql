-- The current state of what 000810_routing.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.all_routes(target private.chat_target, kinds text[], settings jsonb, payer uuid)
returns jsonb[]
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  route jsonb := private.route_to(all_routes.target, all_routes.kinds);
  routes jsonb[] := array_remove(array[route], null);
  -- Not for a stranger's agent: its prompt would be sent to whatever the names resolve to for the
  -- caller.
  fallbacks jsonb := (
    select case when agents.is_published
        then (private.agent_for_caller(agents)).config else agents.config end -> 'fallbacks'
    from public.agents
    where agents.id = all_routes.target.agent_id and not private.is_stranger_to(agents)
  );
  fallback text;
begin
  if jsonb_typeof(fallbacks) is distinct from 'array' then
    return routes;
  end if;
  for fallback in select * from jsonb_array_elements_text(fallbacks) limit 4 loop
    route := private.route_to(
      private.find_chat_target(fallback, all_routes.settings ->> 'default_agent', all_routes.payer),
      all_routes.kinds
    );
    if route is not null then
      routes := routes || route;
    end if;
  end loop;
  return routes;
end
$body$;
grant execute on function private.all_routes(private.chat_target,text[],jsonb,uuid) to service_role;

create function private.circuit_retry_at(agent_id uuid, is_first boolean)
returns timestamp with time zone
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  -- Only the first route may be the trial call of a half-open circuit: a fallback that is never
  -- called would block it.
  if circuit_retry_at.is_first then
    return private.admit_to_circuit(circuit_retry_at.agent_id);
  end if;
  return (
    select agent_health.circuit_retry_at
    from public.agent_health
    where agent_health.agent_id = circuit_retry_at.agent_id
      and agent_health.circuit_state <> 'closed'
  );
end
$body$;
grant execute on function private.circuit_retry_at(uuid,boolean) to service_role;

create function private.is_priced(service_id text)
returns boolean
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  -- Whether private.price_at() has one, without choosing it.
  return exists (
    select from public.service_prices prices
    where prices.service_id = is_priced.service_id
      and prices.valid_during @> now()
      and prices.min_input_tokens <= 0
      and prices.service_tier = 'standard'
  );
end
$body$;
grant execute on function private.is_priced(text) to service_role;

create function private.keys_for_route(route jsonb, payer uuid)
returns TABLE(is_own boolean, keys jsonb)
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return query
  select
    best.user_id = (select auth.uid()) and private.visitor_session_id() is null,
    jsonb_agg(
      jsonb_build_object(
        'id', best.id, 'user_id', best.user_id, 'vendor_id', best.vendor_id, 'encrypted_key',
        best.encrypted_key, 'settings', best.settings
      )
      order by best.place
    )
  from (
    select usable.*, row_number() over () as place
    from private.usable_api_keys(
      private.key_holder(), keys_for_route.payer, keys_for_route.route ->> 'vendor_id',
      keys_for_route.route ->> 'service_id'
    ) usable
    -- More than a turn could try.
    limit 5
  ) best
  group by 1
  order by 1 desc;
end
$body$;
grant execute on function private.keys_for_route(jsonb,uuid) to service_role;

create function private.open_routes(target private.chat_target, kinds text[], settings jsonb, payer uuid)
returns jsonb
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  route jsonb;
  offered jsonb[];
  routes jsonb := '[]'::jsonb;
  without_key text;
  without_price text;
  retry_at timestamptz;
  refused_until timestamptz;
begin
  foreach route in array private.all_routes(
    open_routes.target, open_routes.kinds, open_routes.settings, open_routes.payer
  ) loop
    offered := private.routes_with_credentials(route, open_routes.payer);
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
    perform private.refuse_routes(
      refused_until, without_key, without_price, open_routes.kinds[1], open_routes.target
    );
  end if;
  return routes;
end
$body$;
grant execute on function private.open_routes(private.chat_target,text[],jsonb,uuid) to service_role;

create function private.paid_by_others(route jsonb, credential text, keys jsonb)
returns jsonb
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return case when private.is_priced(paid_by_others.route ->> 'service_id') then
    paid_by_others.route || jsonb_build_object(
      'credential', paid_by_others.credential, 'keys', paid_by_others.keys, 'model',
      paid_by_others.route -> 'service_name'
    )
  end;
end
$body$;
grant execute on function private.paid_by_others(jsonb,text,jsonb) to service_role;

create function private.retired_name(service_id text, current_id text)
returns text
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return case when retired_name.service_id <> retired_name.current_id then (
    select services.service_name
    from public.vendor_services services
    where services.id = retired_name.service_id
  ) end;
end
$body$;
grant execute on function private.retired_name(text,text) to service_role;

create function private.route_to(target private.chat_target, kinds text[])
returns jsonb
language plpgsql stable security invoker
set search_path=""
as $body$
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
      'takes_stream_options', vendors.takes_stream_options,
      'takes_developer_role', vendors.takes_developer_role,
      'takes_parallel_tool_calls', vendors.takes_parallel_tool_calls,
      'instructions_first', vendors.instructions_first,
      'metadata_needs_store', vendors.metadata_needs_store,
      'model', upstream.model,
      'context_window', services.context_window,
      'max_output_tokens', services.max_output_tokens,
      'image_tokens', services.image_tokens,
      'service_name', services.service_name,
      'replaces', private.retired_name(route_to.target.service_id, services.id),
      'voices', services.voices,
      'unit_rates', case when services.service_kind not in ('chat', 'search', 'embedding')
        then (private.price_at(services.id, now(), 0)).unit_rates end,
      -- The platform's is for its own agents, and for strangers' with a service that it sells.
      'credential', case when agents.is_platform or stranger.calls then 'platform' else 'own' end
    )
    from (select) as nothing
    left join public.agents on agents.id = route_to.target.agent_id
    left join lateral (
      select * from private.agent_for_caller(agents) where agents.is_published
    ) published on true
    left join public.models on models.id = route_to.target.model_id
    left join public.vendor_services services on services.id
      = private.current_service(route_to.target.service_id)
    join public.vendors on vendors.id
      = coalesce(services.vendor_id, published.vendor_id, agents.vendor_id)
    and vendors.is_active,
    lateral (select private.is_stranger_to(agents) as calls offset 0) stranger,
    lateral (
      select coalesce(
        case when not stranger.calls and services.id = models.service_id then models.model_id end,
        services.service_name,
        models.model_id,
        case when agents.is_published then published.model_name else agents.model_name end
      ) as model
    ) upstream
    where coalesce(services.service_kind, 'chat') = any (route_to.kinds)
      and upstream.model is not null
      and (route_to.target.service_id is null or services.id is not null)
      and (not stranger.calls or private.platform_sells(services.id))
      and (agents.id is null or (agents.enabled and agents.status <> 'paused'))
  );
end
$body$;
grant execute on function private.route_to(private.chat_target,text[]) to service_role;

create function private.routes_with_credentials(route jsonb, payer uuid)
returns jsonb[]
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  offered record;
  routes jsonb[] := '{}'::jsonb[];
begin
  if routes_with_credentials.route ->> 'credential' = 'platform' then
    return array[private.paid_by_others(routes_with_credentials.route, 'platform', '[]')];
  end if;
  for offered in select * from private.keys_for_route(
    routes_with_credentials.route, routes_with_credentials.payer
  ) loop
    routes := array_append(routes, case
      when offered.is_own
        then routes_with_credentials.route || jsonb_build_object('keys', offered.keys)
      else private.paid_by_others(routes_with_credentials.route, 'shared', offered.keys)
    end);
  end loop;
  if not found
    and routes_with_credentials.route ->> 'agent_id' is not null
    and private.may_spend_platform_credential(routes_with_credentials.payer)
  then
    return array[private.paid_by_others(routes_with_credentials.route, 'platform', '[]')];
  end if;
  return routes;
end
$body$;
grant execute on function private.routes_with_credentials(jsonb,uuid) to service_role;
