-- Callers: on whose behalf a function acts, and what that caller may use.

create function private.as_uuid(value text)
returns uuid
language plpgsql
immutable
set search_path = ''
as $$
begin
  return case
    when as_uuid.value ~* '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
      then as_uuid.value::uuid
  end;
end
$$;
comment on function private.as_uuid(text) is 'The text as a UUID, or null if it is not one.';
grant execute on function private.as_uuid(text) to authenticated, service_role;

create function private.impersonate(caller jsonb, scope text default null)
returns public.profiles
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.impersonate(jsonb, text) is
  'Makes auth.uid() the caller {"user_id"}, or the owner of the caller''s key {"access_key": its '
  'secret''s hash}, until the transaction ends, so that the rules of the policies apply to the '
  'backend''s call. A key must have the scope; without one none is accepted. Errors: PT401 no '
  'such person, PT403 account not active, access_key_without_role, and those of use_access_key(). '
  '"visitor" beside "user_id" says for which visitor of a website that person''s rights are used, '
  'see begin_visitor_turn().';
grant execute on function private.impersonate(jsonb, text) to service_role;

create function private.is_backend()
returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  return coalesce(auth.role(), 'service_role') = 'service_role';
end
$$;
comment on function private.is_backend() is
  'Whether the caller is the backend or an operator: with the service role''s token, or in SQL '
  'without one. A client''s token without a subject is neither, although auth.uid() is null for it '
  'too.';
grant execute on function private.is_backend() to authenticated, service_role;

create function private.visitor_session_id()
returns uuid
language plpgsql
stable
set search_path = ''
as $$
begin
  return (auth.jwt() -> 'visitor' ->> 'session_id')::uuid;
end
$$;
comment on function private.visitor_session_id() is
  'The session of the visitor of a website for whom auth.uid() acts, see begin_visitor_turn(); '
  'null for any other caller.';
grant execute on function private.visitor_session_id() to service_role;

create function private.key_holder()
returns uuid
language plpgsql
stable
set search_path = ''
as $$
begin
  return case
    when auth.jwt() ? 'visitor' then (auth.jwt() -> 'visitor' ->> 'key_holder')::uuid
    else auth.uid()
  end;
end
$$;
comment on function private.key_holder() is
  'Whose own vendor keys a call may spend: the caller''s, and for a visitor of a website those of '
  'the person whose agent it is. An organization''s agent spends on visitors what is shared with '
  'the organization, and no key of a person.';
grant execute on function private.key_holder() to service_role;

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
  select agents.id
  from public.agents
  where agents.created_by = (select auth.uid()) and agents.organization_id is null
  union all
  select agents.id
  from public.agents
  where agents.organization_id = agents_for_chat.organization_id
    and agents.organization_id = any (array(select private.my_organizations('member')));
end
$$;
comment on function private.agents_for_chat(uuid) is
  'Ids of the agents that the caller may name in a chat in an organization: platform agents, the '
  'own, and the organization''s while the caller may chat there. All others, of other '
  'organizations and shared ones of strangers, are reached by id only, so that others cannot '
  'change what a name means here.';
grant execute on function private.agents_for_chat(uuid) to service_role;

create function private.agents_named(names text[], organization_id uuid)
returns setof uuid
language plpgsql
stable
rows 2
set search_path = ''
as $$
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
$$;
comment on function private.agents_named(text[], uuid) is
  'Those of agents_for_chat() with one of these names, looked up by name.';
grant execute on function private.agents_named(text[], uuid) to service_role;

create function private.plan_limits(payer uuid default null)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
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
$$;
comment on function private.plan_limits(uuid) is
  'The rate limits of the caller: by the plan of the paying organization or, without one, the '
  'caller''s current organization, and by the access key.';
grant execute on function private.plan_limits(uuid) to service_role;

create function private.take_rate_limits(user_id uuid, limits jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.take_rate_limits(uuid, jsonb) is
  'Counts one call against the limits of organization, person and access key and returns the '
  'tightest. Errors: PT429 rate_limit_exceeded.';
grant execute on function private.take_rate_limits(uuid, jsonb) to service_role;

create function public.warn_of_rate_limit(
  per_minute integer, user_id uuid default null, organization_id uuid default null
)
returns void
language sql
set search_path = ''
as $$
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
$$;
comment on function public.warn_of_rate_limit(integer, uuid, uuid) is
  'Warns a person, or the admins and owners of an organization, that four fifths of the limit are '
  'used; each at most once an hour. Backend only.';
grant execute on function public.warn_of_rate_limit(integer, uuid, uuid) to service_role;

create function public.count_refused_call(caller jsonb, scope text)
returns jsonb
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function public.count_refused_call(jsonb, text) is
  'Counts a refused call, whose own transaction was rolled back, against the limits of its person '
  'and access key; not against the organization''s, which others share. Returns {"limits", '
  '"rate_limit"} as begin_chat_turn() does. Backend only. Errors: those of impersonate(); PT429 '
  'rate_limit_exceeded.';
grant execute on function public.count_refused_call(jsonb, text) to service_role;
