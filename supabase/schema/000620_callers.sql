-- The current state of what 000620_callers.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.agents_for_chat(organization_id uuid)
returns SETOF uuid
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return query
  select agents.id from public.agents where agents.is_platform
  union all
  select agents.id
  from public.agents
  where agents.created_by = (select auth.uid()) and agents.organization_id is null
  union all
  select agents.id
  from public.agents
  where agents.organization_id = agents_for_chat.organization_id
    and agents.organization_id = any (array(select private.my_organizations('member')));
end
$body$;
grant execute on function private.agents_for_chat(uuid) to service_role;

create function private.agents_named(names text[], organization_id uuid)
returns SETOF uuid
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return query
  select agents.id from public.agents
  where agents.name = any (agents_named.names) and agents.is_platform
  union all
  select agents.id
  from public.agents
  where agents.name = any (agents_named.names)
    and agents.created_by = (select auth.uid()) and agents.organization_id is null
  union all
  select agents.id
  from public.agents
  where agents.name = any (agents_named.names)
    and agents.organization_id = agents_named.organization_id
    and agents.organization_id = any (array(select private.my_organizations('member')));
end
$body$;
grant execute on function private.agents_named(text[],uuid) to service_role;

create function private.as_uuid(value text)
returns uuid
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  return case
    when as_uuid.value ~* '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
      then as_uuid.value::uuid
  end;
end
$body$;
grant execute on function private.as_uuid(text) to authenticated, service_role;

create function private.impersonate(caller jsonb, scope text DEFAULT NULL::text)
returns public.profiles
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  key public.access_keys;
  profile public.profiles;
begin
  if impersonate.caller ? 'access_key' then
    key := private.use_access_key(impersonate.caller ->> 'access_key', impersonate.scope);
  end if;
  select profiles.* into profile
  from public.profiles
  where profiles.id = coalesce(key.user_id, (impersonate.caller ->> 'user_id')::uuid);
  if profile.id is null then
    perform private.refuse('user_not_found', 'The account of this token no longer exists.');
  end if;
  if profile.status <> 'active' then
    perform private.refuse('account_not_active', format('This account is %s.', profile.status));
  end if;
  perform set_config(
    'request.jwt.claims',
    (
      jsonb_build_object('sub', profile.id, 'role', 'authenticated')
      || case when key.id is null then '{}' else jsonb_build_object('access_key',
      jsonb_build_object(
        'id', key.id, 'organization_id', key.organization_id, 'agent_ids', key.agent_ids,
        'requests_per_minute', key.requests_per_minute
      )) end
      || case when impersonate.caller ? 'visitor' then
        jsonb_build_object('visitor', impersonate.caller -> 'visitor') else '{}' end
    )::text,
    true
  ), set_config('request.jwt.claim.sub', profile.id::text, true);
  if key.id is not null then
    if not exists (select from private.my_organizations('member')) then
      perform private.refuse(
        'access_key_without_role',
        'The owner of this access key no longer has a role that may chat in its organization.',
        'Ask an admin of the organization for the role "member".'
      );
    end if;
  end if;
  return profile;
end
$body$;
grant execute on function private.impersonate(jsonb,text) to service_role;

create function private.is_backend()
returns boolean
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return coalesce(auth.role(), 'service_role') = 'service_role';
end
$body$;
grant execute on function private.is_backend() to authenticated, service_role;

create function private.key_holder()
returns uuid
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return case
    when auth.jwt() ? 'visitor' then (auth.jwt() -> 'visitor' ->> 'key_holder')::uuid
    else auth.uid()
  end;
end
$body$;
grant execute on function private.key_holder() to service_role;

create function private.plan_limits(payer uuid DEFAULT NULL::uuid)
returns jsonb
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return (
    select jsonb_build_object(
      'organization_id', organizations.id,
      'organization_per_minute', plans.requests_per_minute,
      'user_per_minute', plans.user_requests_per_minute
    ) || private.key_limits()
    from public.organizations
    join public.plans on plans.id = organizations.plan
    where organizations.id = coalesce(plan_limits.payer, private.my_organization())
  );
end
$body$;
grant execute on function private.plan_limits(uuid) to service_role;

create function private.take_rate_limits(user_id uuid, limits jsonb)
returns jsonb
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  organization jsonb := private.take_rate_limit(
    'organization:' || (take_rate_limits.limits ->> 'organization_id'),
    (take_rate_limits.limits ->> 'organization_per_minute')::integer
  );
  person jsonb := private.take_rate_limit(
    'user:' || user_id, (take_rate_limits.limits ->> 'user_per_minute')::integer
  );
  key jsonb := case when take_rate_limits.limits ->> 'access_key_per_minute' is not null then
    private.take_rate_limit(
      'access_key:' || (take_rate_limits.limits ->> 'access_key_id'),
      (take_rate_limits.limits ->> 'access_key_per_minute')::integer
    )
  end;
begin
  -- Not below it, so that one call of many finds it so.
  if (person ->> 'remaining')::numeric = floor((person ->> 'limit')::numeric / 5) then
    perform public.warn_of_rate_limit(
      (person ->> 'limit')::integer, user_id => take_rate_limits.user_id
    );
  end if;
  if (organization ->> 'remaining')::numeric = floor((organization ->> 'limit')::numeric / 5) then
    perform public.warn_of_rate_limit(
      (organization ->> 'limit')::integer,
      organization_id => (take_rate_limits.limits ->> 'organization_id')::uuid
    );
  end if;
  return (
    select counted.state
    from unnest(array[person, organization, key]) with ordinality as counted (state, place)
    where counted.state is not null
    order by (counted.state ->> 'remaining')::numeric, counted.place
    limit 1
  );
end
$body$;
grant execute on function private.take_rate_limits(uuid,jsonb) to service_role;

create function private.visitor_session_id()
returns uuid
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return (auth.jwt() -> 'visitor' ->> 'session_id')::uuid;
end
$body$;
grant execute on function private.visitor_session_id() to service_role;

create function public.count_refused_call(caller jsonb, scope text)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  profile public.profiles := private.impersonate(
    count_refused_call.caller, count_refused_call.scope
  );
  limits jsonb := private.plan_limits();
  person jsonb := private.take_rate_limit(
    'user:' || profile.id, (limits ->> 'user_per_minute')::integer
  );
begin
  if limits ->> 'access_key_per_minute' is not null then
    perform private.take_rate_limit(
      'access_key:' || (limits ->> 'access_key_id'), (limits ->> 'access_key_per_minute')::integer
    );
  end if;
  return jsonb_build_object('limits', limits, 'rate_limit', person);
end
$body$;
grant execute on function public.count_refused_call(jsonb,text) to agentbase_functions;

create function public.warn_of_rate_limit(per_minute integer, user_id uuid DEFAULT NULL::uuid, organization_id uuid DEFAULT NULL::uuid)
returns void
language sql volatile security definer
set search_path=""
as $body$
  select private.notify(
    people.id, 'rate_limit_warning', 'Close to the rate limit',
    format(
      '%s used four fifths of %s %s requests a minute.', people.who, people.whose,
      warn_of_rate_limit.per_minute
    ),
    people.about || jsonb_build_object('limit', warn_of_rate_limit.per_minute)
  )
  from (
    select profiles.id, 'You have' as who, 'your' as whose, '{}'::jsonb as about
    from public.profiles
    where profiles.id = warn_of_rate_limit.user_id
    union all
    select
      members.user_id,
      format('The organization "%s" has', private.name_to_quote(organizations.name)),
      'its',
      jsonb_build_object('organization_id', organizations.id)
    from public.organizations
    join public.organization_members members on members.organization_id = organizations.id
    where organizations.id = warn_of_rate_limit.organization_id
      and private.role_rank(members.role) >= private.role_rank('admin')
  ) people
  where not exists (
    select from public.notifications
    where notifications.user_id = people.id
      and notifications.type = 'rate_limit_warning'
      and notifications.data -> 'organization_id'
        is not distinct from people.about -> 'organization_id'
      and notifications.created_at > now() - interval '1 hour'
  )
$body$;
grant execute on function public.warn_of_rate_limit(integer,uuid,uuid) to agentbase_functions;
