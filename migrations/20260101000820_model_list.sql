-- The models that a caller may use.

create function private.is_offered(target private.chat_target)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
declare
  route jsonb := private.route_to(target, array['chat', 'search', 'embedding']);
begin
  return route is not null
    and (route ->> 'credential' = 'own' or private.is_priced(route ->> 'service_id'));
end
$$;
comment on function private.is_offered(private.chat_target) is
  'Whether a target can be called: it is active, sells something that functions ask for, and has '
  'a price where the platform pays.';
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
        agents.name,
        agents.id,
        agents.name,
        coalesce(services.service_name, agents.model_name),
        agents.name,
        null,
        coalesce(services.vendor_id, agents.vendor_id),
        floor(extract(epoch from agents.created_at))::bigint
      from public.agents
      left join public.vendor_services services on services.id = agents.service_id
      where agents.id = any (mine) and agents.enabled and agents.status <> 'paused'
        and not exists (
          select from public.models where models.agent_id = agents.id and models.enabled
        )
        and private.is_offered(row(agents.id, null, agents.service_id))
    ) listed
    where private.key_allows(listed.agent_id)
  );
  -- Late, so that calls of one organization wait for each other only here.
  return jsonb_build_object(
    'models', listed_models, 'limits', limits,
    'rate_limit',
    case when limits is not null then private.take_rate_limits(profile.id, limits) end
  );
end
$$;
comment on function public.list_chat_models(jsonb, boolean) is
  'The models that a caller {"user_id"} or {"access_key"} may name in a chat, {"models", '
  '"limits", "rate_limit"}: a list of {id, agent_id, agent, model, display_name, provider, '
  'vendor_id, created}, and what the caller''s limits are and how much is left of them, where '
  'rate_limit says to count the call here. Backend only. Errors: those of act_for(); PT429 '
  'rate_limit_exceeded.';
grant execute on function public.list_chat_models(jsonb, boolean) to service_role;
