-- Rate limits, where no Redis is configured: the generic cell rate algorithm
-- with one row per caller. The row says when the caller's bucket is empty again.

create unlogged table private.rate_limits (
  key text primary key,
  empty_at timestamptz not null,
  created_at timestamptz not null default now(),
  constraint rate_limit_key_is_1_to_255_characters check (char_length(key) between 1 and 255)
);
comment on table private.rate_limits is 'Who called how much lately. Unlogged: after a crash everybody starts afresh.';
comment on column private.rate_limits.key is 'Whose calls, such as user:<id>.';
comment on column private.rate_limits.empty_at is 'When the caller''s bucket is empty again; each call moves it on by its share of a minute.';
comment on column private.rate_limits.created_at is 'First call.';
grant select, insert, update, delete on private.rate_limits to service_role;
create index rate_limits_empty_at_idx on private.rate_limits (empty_at);

create function private.take_rate_limit(key text, per_minute integer)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  -- Rounded down, to the microsecond that Postgres keeps.
  share interval := greatest(make_interval(secs => floor(60000000.0 / per_minute) / 1000000), interval '1 microsecond');
  moment timestamptz := clock_timestamp();
  emptied timestamptz;
begin
  insert into private.rate_limits as limits (key, empty_at)
  values (take_rate_limit.key, moment + share)
  on conflict on constraint rate_limits_pkey do update
    set empty_at = greatest(limits.empty_at, moment) + share
    where greatest(limits.empty_at, moment) + share <= moment + interval '1 minute'
  returning limits.empty_at into emptied;
  if emptied is null then
    select limits.empty_at + share - interval '1 minute' into emptied
    from private.rate_limits limits
    where limits.key = take_rate_limit.key;
    perform private.refuse(
      429, 'rate_limit_exceeded', format('More than %s requests a minute.', per_minute),
      jsonb_build_object(
        'limit', per_minute, 'remaining', 0,
        'retry_after_ms', greatest(ceil(extract(epoch from emptied - moment) * 1000), 1)
      )::text
    );
  end if;
  return jsonb_build_object(
    'limit', per_minute,
    'remaining', floor(extract(epoch from moment + interval '1 minute' - emptied) / extract(epoch from share)),
    'reset_ms', ceil(extract(epoch from emptied - moment) * 1000)
  );
end
$$;
comment on function private.take_rate_limit(text, integer) is
  'Counts one call against a limit per minute and returns {limit, remaining, reset_ms}. A refused call counts nothing, nor does one whose transaction fails later. Errors: PT429 rate_limit_exceeded, whose hint is JSON with limit, remaining and retry_after_ms.';
grant execute on function private.take_rate_limit(text, integer) to service_role;

create function public.warn_of_rate_limit(per_minute integer, user_id uuid default null, organization_id uuid default null)
returns void
language sql
set search_path = ''
as $$
  insert into public.notifications (user_id, type, title, message, data, expires_at)
  select
    people.id, 'rate_limit_warning', 'Close to the rate limit',
    format('%s used four fifths of %s %s requests a minute.', people.who, people.whose, warn_of_rate_limit.per_minute),
    people.about || jsonb_build_object('limit', warn_of_rate_limit.per_minute), now() + interval '1 day'
  from (
    select profiles.id, 'You have' as who, 'your' as whose, '{}'::jsonb as about
    from public.profiles
    where profiles.id = warn_of_rate_limit.user_id
    union all
    select members.user_id, format('The organization "%s" has', private.name_to_quote(organizations.name)), 'its', jsonb_build_object('organization_id', organizations.id)
    from public.organizations
    join public.organization_members members on members.organization_id = organizations.id
    where organizations.id = warn_of_rate_limit.organization_id
      and private.role_rank(members.role) >= private.role_rank('admin')
  ) people
  where not exists (
    select from public.notifications
    where notifications.user_id = people.id
      and notifications.type = 'rate_limit_warning'
      and notifications.data -> 'organization_id' is not distinct from people.about -> 'organization_id'
      and notifications.created_at > now() - interval '1 hour'
  )
$$;
comment on function public.warn_of_rate_limit(integer, uuid, uuid) is 'Tells a person, and the admins and owners of an organization, whichever is named, that four fifths of the limit are used; each at most once an hour. Backend only.';
grant execute on function public.warn_of_rate_limit(integer, uuid, uuid) to service_role;

create function private.key_limits()
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  key jsonb := (select auth.jwt()) -> 'access_key';
begin
  return case when key is null then '{}' else jsonb_build_object(
    'user_id', (select auth.uid()), 'access_key_id', key -> 'id', 'access_key_per_minute', key -> 'requests_per_minute'
  ) end;
end
$$;
comment on function private.key_limits() is 'How fast the caller''s access key may be used, and whose it is; empty without one.';
grant execute on function private.key_limits() to service_role;

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
comment on function private.plan_limits(uuid) is 'How fast the caller may call: by the plan of the organization that pays, or without one that the caller works in, and as the access key says.';
grant execute on function private.plan_limits(uuid) to service_role;

create function private.check_rate_limit(key text, per_minute integer)
returns void
language plpgsql
set search_path = ''
as $$
begin
  if exists (
    select from private.rate_limits limits
    where limits.key = check_rate_limit.key
      and limits.empty_at + make_interval(secs => 60.0 / check_rate_limit.per_minute) > clock_timestamp() + interval '1 minute'
  ) then
    -- Refuses, and says until when.
    perform private.take_rate_limit(check_rate_limit.key, check_rate_limit.per_minute);
  end if;
end
$$;
comment on function private.check_rate_limit(text, integer) is 'Refuses a call for which no room is left, and counts nothing otherwise: asked before work that the call would cost, which take_rate_limit() comes after. Errors: PT429 rate_limit_exceeded.';
grant execute on function private.check_rate_limit(text, integer) to service_role;

create function private.take_rate_limits(user_id uuid, limits jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  organization jsonb := private.take_rate_limit('organization:' || (limits ->> 'organization_id'), (limits ->> 'organization_per_minute')::integer);
  person jsonb := private.take_rate_limit('user:' || user_id, (limits ->> 'user_per_minute')::integer);
  key jsonb := case when limits ->> 'access_key_per_minute' is not null then
    private.take_rate_limit('access_key:' || (limits ->> 'access_key_id'), (limits ->> 'access_key_per_minute')::integer)
  end;
begin
  -- Not below it, so that one call of many finds it so.
  if (person ->> 'remaining')::numeric = floor((person ->> 'limit')::numeric / 5) then
    perform public.warn_of_rate_limit((person ->> 'limit')::integer, user_id => take_rate_limits.user_id);
  end if;
  if (organization ->> 'remaining')::numeric = floor((organization ->> 'limit')::numeric / 5) then
    perform public.warn_of_rate_limit(
      (organization ->> 'limit')::integer, organization_id => (limits ->> 'organization_id')::uuid
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
comment on function private.take_rate_limits(uuid, jsonb) is 'Counts one call against the limits of organization, person and access key and returns the tightest. Errors: PT429 rate_limit_exceeded.';
grant execute on function private.take_rate_limits(uuid, jsonb) to service_role;

create function public.count_refused_call(caller jsonb, scope text)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  profile public.profiles := private.act_for(caller, scope);
  limits jsonb := private.plan_limits();
  person jsonb := private.take_rate_limit('user:' || profile.id, (limits ->> 'user_per_minute')::integer);
begin
  if limits ->> 'access_key_per_minute' is not null then
    perform private.take_rate_limit('access_key:' || (limits ->> 'access_key_id'), (limits ->> 'access_key_per_minute')::integer);
  end if;
  return jsonb_build_object('limits', limits, 'rate_limit', person);
end
$$;
comment on function public.count_refused_call(jsonb, text) is 'Counts a call that was refused, whose own transaction is undone, against the limits of the person and the access key that it came with; not against the organization''s, which others need. Returns {"limits", "rate_limit"} as begin_chat_turn() does. Backend only. Errors: those of act_for(); PT429 rate_limit_exceeded.';
grant execute on function public.count_refused_call(jsonb, text) to service_role;
