-- Questions about usage.

create function private.refuse_days(from_date date, to_date date)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  if from_date is null or to_date is null then
    perform private.refuse(400, 'date_required', 'A day is missing.');
  end if;
  if from_date > to_date then
    perform private.refuse(
      400,
      'range_backwards',
      format('The range ends on %s, before it begins on %s.', to_date, from_date)
    );
  end if;
  -- A day begins in the easternmost time zone 14 hours before it does in UTC.
  if to_date > (now() at time zone 'UTC' + interval '14 hours')::date then
    perform private.refuse(
      400, 'date_in_future', format('The day %s has not begun anywhere.', to_date)
    );
  end if;
end
$$;
comment on function private.refuse_days(date, date) is
  'Refuses a range of days that is incomplete, runs backwards or reaches into the future. '
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
    from private.people_of_my_organizations() people
  ) people
  where usage_labels.by = 'user'
  group by people.id
$$;
comment on function private.usage_labels(text) is
  'Names of what usage is counted by, as far as the caller sees them.';
grant execute on function private.usage_labels(text) to authenticated, service_role;

create function private.refuse_question(
  by text, from_date date, to_date date, organization_id uuid
)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  if refuse_question.by is null
    or refuse_question.by not in (
      'day', 'organization', 'user', 'agent', 'model', 'vendor', 'feature'
    )
  then
    perform private.refuse(
      400, 'measure_unknown', format('Usage is not counted by "%s".', refuse_question.by),
      'Ask for day, organization, user, agent, model, vendor or feature.'
    );
  end if;
  perform private.refuse_days(from_date, to_date);
  if refuse_question.organization_id is not null
    and not exists (
      select from public.organizations where organizations.id = refuse_question.organization_id
    ) then
    perform private.refuse(
      404, 'organization_not_found', 'There is no such organization, or it is not yours to see.'
    );
  end if;
end
$$;
comment on function private.refuse_question(text, date, date, uuid) is
  'Refuses what get_usage() cannot answer.';
grant execute
  on function private.refuse_question(text, date, date, uuid)
  to authenticated, service_role;

create function public.get_usage(
  by text, from_date date, to_date date, organization_id uuid default null
)
returns table (
  key text,
  label text,
  interactions bigint,
  failed bigint,
  input_tokens numeric,
  output_tokens numeric,
  total_cost numeric,
  recorded_cost numeric,
  unpriced bigint,
  recorded bigint,
  avg_satisfaction numeric,
  avg_usefulness numeric,
  satisfaction_ratings bigint,
  usefulness_ratings bigint
)
language plpgsql
stable
set search_path = ''
-- A plan for a caller of whom nothing is known compares each row with each organization.
set plan_cache_mode = 'force_custom_plan'
as $$
begin
  perform private.refuse_question(get_usage.by, from_date, to_date, get_usage.organization_id);
  return query
  with keys as (
    select
      usage.*,
      case get_usage.by
        when 'day' then usage.date::text
        when 'organization' then usage.organization_id::text
        when 'user' then usage.user_id::text
        when 'agent' then usage.agent_id::text
        when 'model' then usage.model_name
        when 'vendor' then usage.vendor_id
        when 'feature' then mappings.feature_id
      end as key
    from public.daily_usage usage
    left join public.agent_feature_mappings mappings on get_usage.by = 'feature'
    and mappings.agent_id = usage.agent_id
    where usage.date between from_date and to_date
      and (get_usage.organization_id is null or usage.organization_id = get_usage.organization_id)
  )
  select
    keys.key, coalesce(max(labels.label), keys.key), sum(keys.interactions), sum(keys.failed),
    sum(keys.input_tokens),
    sum(keys.output_tokens), sum(keys.total_cost), sum(keys.recorded_cost), sum(keys.unpriced),
    sum(keys.recorded),
    round(sum(keys.satisfaction_sum)::numeric / nullif(sum(keys.satisfaction_count), 0), 2),
    round(sum(keys.usefulness_sum)::numeric / nullif(sum(keys.usefulness_count), 0), 2),
    sum(keys.satisfaction_count), sum(keys.usefulness_count)
  from keys
  left join private.usage_labels(get_usage.by) labels on labels.key = keys.key
  group by keys.key
  having sum(keys.interactions) > 0
  order by
    case when get_usage.by = 'day' then keys.key end,
    sum(keys.total_cost) desc,
    sum(keys.interactions) desc,
    keys.key;
end
$$;
comment on function public.get_usage(text, date, date, uuid) is
  'Usage from the first to the last day, both counted, as far as the caller sees it: a row per '
  'day, organization, user, agent, model, vendor or feature, as "by" says; of one organization '
  'if given. key is null for what has none. Days come in order, all else by falling cost. '
  'total_cost is what turns cost; recorded_cost, what people recorded by hand, is no part of it. '
  'unpriced counts turns that used tokens and have no cost, recorded counts interactions '
  'recorded by hand. The averages come with the number of ratings behind them, so that they can '
  'be put together. An interaction counts for each feature of its agent. Errors: PT400 '
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
  perform private.refuse_days(from_date, to_date);
  return query
  select
    keys.id, keys.name, coalesce(sum(usage.interactions), 0), coalesce(sum(usage.failed), 0),
    coalesce(sum(usage.input_tokens), 0), coalesce(sum(usage.output_tokens), 0),
    coalesce(sum(usage.total_cost), 0), coalesce(sum(usage.recorded_cost), 0)
  from public.access_keys keys
  join public.organizations on organizations.id = keys.organization_id
  left join lateral (
    select usage.* from private.interaction_usage usage
    where usage.access_key_id = keys.id
      and usage.started_at >= from_date::timestamp at time zone organizations.timezone
      and usage.started_at < (to_date + 1)::timestamp at time zone organizations.timezone
    offset 0 -- Keeps the planner from reading the whole ledger at once instead.
  ) usage on true
  group by keys.id
  order by coalesce(sum(usage.total_cost), 0) desc, keys.name, keys.id;
end
$$;
comment on function public.get_access_key_usage(date, date) is
  'What the access keys that the caller sees were used for from the first to the last day, both '
  'counted, in the days of their organization; the dearest first. total_cost is what turns cost. '
  'Errors: PT400 date_required, range_backwards, date_in_future.';
grant execute on function public.get_access_key_usage(date, date) to authenticated, service_role;
