-- Requests for usage.

create function private.latest_day()
returns date
language sql
stable
set search_path = ''
as $$
  -- A day begins in the easternmost time zone 14 hours before it does in UTC.
  select (now() at time zone 'UTC' + interval '14 hours')::date
$$;
comment on function private.latest_day() is 'The latest day that has begun somewhere on Earth.';
grant execute on function private.latest_day() to authenticated, service_role;

create function private.refuse_days(from_date date, to_date date)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  if refuse_days.from_date is null or refuse_days.to_date is null then
    perform private.refuse('date_required', 'Both days of the range are required.');
  end if;
  if refuse_days.from_date > refuse_days.to_date then
    perform private.refuse(
      'range_backwards',
      format(
        'The range ends on %s, before its start on %s.',
        refuse_days.to_date, refuse_days.from_date
      )
    );
  end if;
  if refuse_days.to_date > private.latest_day() then
    perform private.refuse(
      'date_in_future', format('%s is in the future.', refuse_days.to_date)
    );
  end if;
end
$$;
comment on function private.refuse_days(date, date) is
  'Refuses a range of days that is incomplete, ends before it begins or is in the future. '
  'Errors: PT400 date_required, range_backwards, date_in_future.';
grant execute on function private.refuse_days(date, date) to authenticated, service_role;

create function private.usage_labels(by text)
returns table (key text, label text)
language sql
stable
set search_path = ''
as $$
  select organizations.id::text, organizations.name
  from public.organizations
  where usage_labels.by = 'organization'
  union all
  select agents.id::text, agents.name from public.agents where usage_labels.by = 'agent'
  union all
  select vendors.id, vendors.name from public.vendors where usage_labels.by = 'vendor'
  union all
  select features.id, features.name
  from public.agent_features features
  where usage_labels.by = 'feature'
  union all
  select people.id::text, max(coalesce(people.full_name, people.email))
  from (
    select profiles.id, profiles.full_name, profiles.email from public.profiles
    union all
    select people.user_id, people.full_name, people.email
    from private.member_directory people
  ) people
  where usage_labels.by = 'user'
  group by people.id
$$;
comment on function private.usage_labels(text) is
  'Names of the organizations, people, agents, vendors or features that the caller may read.';
grant execute on function private.usage_labels(text) to authenticated, service_role;

create function private.refuse_usage_request(
  by text, from_date date, to_date date, organization_id uuid
)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  if refuse_usage_request.by is null
    or refuse_usage_request.by not in (
      'day', 'organization', 'user', 'agent', 'model', 'vendor', 'feature'
    )
  then
    perform private.refuse(
      'measure_unknown', format('Usage cannot be grouped by "%s".', refuse_usage_request.by)
    );
  end if;
  perform private.refuse_days(refuse_usage_request.from_date, refuse_usage_request.to_date);
  if refuse_usage_request.organization_id is not null
    and not exists (
      select
      from public.organizations
      where organizations.id = refuse_usage_request.organization_id
    ) then
    perform private.refuse(
      'organization_not_found', 'Organization not found, or you may not see it.'
    );
  end if;
end
$$;
comment on function private.refuse_usage_request(text, date, date, uuid) is
  'Refuses arguments that get_usage() cannot answer.';
grant execute
  on function private.refuse_usage_request(text, date, date, uuid)
  to authenticated, service_role;

create function private.usage_by(
  by text, from_date date, to_date date, organization_id uuid
)
returns table (
  key text, label text,
  -- each measure: {name} {type}
  interactions bigint, failed bigint, unpriced bigint, recorded bigint, input_tokens numeric,
  output_tokens numeric, total_cost numeric, recorded_cost numeric, duration_minutes bigint,
  satisfaction_sum bigint, satisfaction_count bigint, usefulness_sum bigint, usefulness_count bigint
  -- end
)
language plpgsql
stable
set search_path = ''
-- A generic plan, without knowledge of the caller, compares each row with each organization.
set plan_cache_mode = 'force_custom_plan'
as $$
begin
  return query
  select
    keys.key, coalesce(max(labels.label), keys.key),
    -- each measure: sum(keys.{name})::{type}
    sum(keys.interactions)::bigint, sum(keys.failed)::bigint, sum(keys.unpriced)::bigint,
    sum(keys.recorded)::bigint, sum(keys.input_tokens)::numeric, sum(keys.output_tokens)::numeric,
    sum(keys.total_cost)::numeric, sum(keys.recorded_cost)::numeric,
    sum(keys.duration_minutes)::bigint, sum(keys.satisfaction_sum)::bigint,
    sum(keys.satisfaction_count)::bigint, sum(keys.usefulness_sum)::bigint,
    sum(keys.usefulness_count)::bigint
    -- end
  from (
    select
      usage.*,
      case usage_by.by
        when 'total' then 'total'
        when 'day' then usage.date::text
        when 'organization' then usage.organization_id::text
        when 'user' then usage.user_id::text
        when 'agent' then usage.agent_id::text
        when 'model' then usage.model_name
        when 'vendor' then usage.vendor_id
        when 'feature' then mappings.feature_id
      end as key
    from public.daily_usage usage
    left join public.agent_feature_mappings mappings
      on usage_by.by = 'feature' and mappings.agent_id = usage.agent_id
    where usage.date between usage_by.from_date and usage_by.to_date
      and (
        usage_by.organization_id is null or usage.organization_id = usage_by.organization_id
      )
  ) keys
  left join private.usage_labels(usage_by.by) labels on labels.key = keys.key
  group by keys.key
  having sum(keys.interactions) > 0;
end
$$;
comment on function private.usage_by(text, date, date, uuid) is
  'Usage of a range of days by day, organization, user, agent, model, vendor, feature, or in '
  'total, as far as the caller may read it.';
grant execute
  on function private.usage_by(text, date, date, uuid)
  to authenticated, service_role;

create function public.get_usage(
  by text, from_date date, to_date date, organization_id uuid default null
)
returns table (
  key text, label text,
  interactions bigint, failed bigint,
  input_tokens numeric, output_tokens numeric,
  total_cost numeric, recorded_cost numeric,
  unpriced bigint, recorded bigint,
  avg_satisfaction numeric, avg_usefulness numeric,
  satisfaction_ratings bigint, usefulness_ratings bigint
)
language plpgsql
stable
set search_path = ''
as $$
begin
  perform private.refuse_usage_request(
    get_usage.by, get_usage.from_date, get_usage.to_date, get_usage.organization_id
  );
  return query
  select
    usage.key, usage.label, usage.interactions, usage.failed,
    usage.input_tokens, usage.output_tokens, usage.total_cost, usage.recorded_cost,
    usage.unpriced, usage.recorded,
    round(usage.satisfaction_sum::numeric / nullif(usage.satisfaction_count, 0), 2),
    round(usage.usefulness_sum::numeric / nullif(usage.usefulness_count, 0), 2),
    usage.satisfaction_count, usage.usefulness_count
  from private.usage_by(
    get_usage.by, get_usage.from_date, get_usage.to_date, get_usage.organization_id
  ) usage
  order by
    case when get_usage.by = 'day' then usage.key end,
    usage.total_cost desc, usage.interactions desc, usage.key;
end
$$;
comment on function public.get_usage(text, date, date, uuid) is
  'Usage from the first to the last day, both counted, as far as the caller may read it: a '
  'row per day, organization, user, agent, model, vendor or feature, as "by" says; of one '
  'organization, if given. key is null for usage without one. Days are in order, all else by '
  'descending cost. The columns are those of daily_usage, the averages with the number of ratings '
  'behind them. An interaction counts for each feature of its agent. Errors: PT400 '
  'measure_unknown, date_required, range_backwards, date_in_future, PT404 organization_not_found.';
grant execute on function public.get_usage(text, date, date, uuid) to authenticated, service_role;

create function public.get_access_key_usage(from_date date, to_date date)
returns table (
  access_key_id uuid, name text, interactions bigint, failed bigint, input_tokens numeric,
  output_tokens numeric, total_cost numeric,
  recorded_cost numeric
)
language plpgsql
stable
set search_path = ''
set plan_cache_mode = 'force_custom_plan'
as $$
begin
  perform private.refuse_days(
    get_access_key_usage.from_date, get_access_key_usage.to_date
  );
  return query
  select
    keys.id, keys.name, coalesce(sum(usage.interactions), 0)::bigint,
    coalesce(sum(usage.failed), 0)::bigint,
    coalesce(sum(usage.input_tokens), 0), coalesce(sum(usage.output_tokens), 0),
    coalesce(sum(usage.total_cost), 0), coalesce(sum(usage.recorded_cost), 0)
  from public.access_keys keys
  join public.organizations on organizations.id = keys.organization_id
  left join lateral (
    select usage.* from private.interaction_usage usage
    where usage.access_key_id = keys.id
      and usage.started_at
        >= get_access_key_usage.from_date::timestamp at time zone organizations.timezone
      and usage.started_at
        < (get_access_key_usage.to_date + 1)::timestamp at time zone organizations.timezone
    offset 0 -- Keeps the planner from reading the whole ledger at once instead.
  ) usage on true
  group by keys.id
  order by coalesce(sum(usage.total_cost), 0) desc, keys.name, keys.id;
end
$$;
comment on function public.get_access_key_usage(date, date) is
  'Usage of the access keys that the caller may read, from the first to the last day, inclusive, '
  'in the time zone of their organization; by descending cost. Errors: PT400 date_required, '
  'range_backwards, date_in_future.';
grant execute on function public.get_access_key_usage(date, date) to authenticated, service_role;
