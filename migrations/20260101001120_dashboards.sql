-- Views and functions for dashboards.

create function private.uses_of_day(agent_id uuid, organization_id uuid, timezone text, day date)
returns table (first_use timestamptz, last_use timestamptz)
language plpgsql
stable
set search_path = ''
as $$
declare
  -- An hour more at the end, and the exact test below: clocks have been set back across midnight.
  since timestamptz := private.day_start(uses_of_day.day, uses_of_day.timezone);
  until timestamptz := (
    uses_of_day.day + 1
  )::timestamp at time zone uses_of_day.timezone + interval '1 hour';
begin
  -- From each end of the index to the first match: a day may have very many.
  select i.started_at into first_use
  from public.ai_interactions i
  where i.agent_id = uses_of_day.agent_id and i.started_at >= since and i.started_at < until
    and i.organization_id = uses_of_day.organization_id
    and (i.started_at at time zone uses_of_day.timezone)::date = uses_of_day.day
    and i.status <> 'deleted'
  order by i.started_at
  limit 1;
  select i.started_at into last_use
  from public.ai_interactions i
  where i.agent_id = uses_of_day.agent_id and i.started_at >= since and i.started_at < until
    and i.organization_id = uses_of_day.organization_id
    and (i.started_at at time zone uses_of_day.timezone)::date = uses_of_day.day
    and i.status <> 'deleted'
  order by i.started_at desc
  limit 1;
  return next;
end
$$;
comment on function private.uses_of_day(uuid, uuid, text, date) is
  'When an agent was first and last used on a day, as far as the caller sees it.';
grant execute
  on function private.uses_of_day(uuid, uuid, text, date)
  to authenticated, service_role;

create function public.get_agent_usage_summary(agent_id uuid, days integer default 30)
returns table (
  total_interactions bigint,
  total_cost numeric,
  recorded_cost numeric,
  total_input_tokens numeric,
  total_output_tokens numeric,
  total_duration_minutes bigint,
  avg_satisfaction numeric,
  avg_usefulness numeric,
  failed_interactions bigint,
  first_used_at timestamptz,
  last_used_at timestamptz
)
language plpgsql
stable
set search_path = ''
-- As in get_usage().
set plan_cache_mode = 'force_custom_plan'
as $$
begin
  if days is null or days not between 1 and 3660 then
    perform private.refuse('days_out_of_range', 'The number of days must be between 1 and 3660.');
  end if;
  if not exists (select from public.agents where agents.id = get_agent_usage_summary.agent_id) then
    perform private.refuse('agent_not_found', 'Agent not found, or you may not see it.');
  end if;
  return query
  with days as (
    select
      usage.organization_id, calendars.timezone, usage.date,
      sum(usage.interactions) as interactions,
      sum(usage.failed) as failed, sum(usage.total_cost) as total_cost,
      sum(usage.recorded_cost) as recorded_cost, sum(usage.input_tokens) as input_tokens,
      sum(usage.output_tokens) as output_tokens, sum(usage.duration_minutes) as duration_minutes,
      sum(usage.satisfaction_sum) as satisfaction_sum,
      sum(usage.satisfaction_count) as satisfaction_count,
      sum(usage.usefulness_sum) as usefulness_sum, sum(usage.usefulness_count) as usefulness_count
    from public.daily_usage usage
    join public.usage_calendars calendars on calendars.organization_id = usage.organization_id
    where usage.agent_id = get_agent_usage_summary.agent_id
      -- A day more, for the time zones; then each organization's own days.
      and usage.date >= (now() at time zone 'UTC')::date - get_agent_usage_summary.days
      and usage.date > (now() at time zone calendars.timezone)::date - get_agent_usage_summary.days
    group by usage.organization_id, calendars.timezone, usage.date
    having sum(usage.interactions) > 0
  )
  select
    coalesce(sum(days.interactions), 0)::bigint, coalesce(sum(days.total_cost), 0),
    coalesce(sum(days.recorded_cost), 0), coalesce(sum(days.input_tokens), 0),
    coalesce(sum(days.output_tokens), 0), coalesce(sum(days.duration_minutes), 0)::bigint,
    round(sum(days.satisfaction_sum) / nullif(sum(days.satisfaction_count), 0), 2),
    round(sum(days.usefulness_sum) / nullif(sum(days.usefulness_count), 0), 2),
    coalesce(sum(days.failed), 0)::bigint,
    -- The times of the interactions on the first and last days, since daily usage has none.
    (
      select min(uses.first_use)
      from days ends
      cross join private.uses_of_day(
        get_agent_usage_summary.agent_id, ends.organization_id, ends.timezone, ends.date
      ) uses
      where ends.date <= (select min(days.date) + 1 from days)
    ),
    (
      select max(uses.last_use)
      from days ends
      cross join private.uses_of_day(
        get_agent_usage_summary.agent_id, ends.organization_id, ends.timezone, ends.date
      ) uses
      where ends.date >= (select max(days.date) - 1 from days)
    )
  from days;
end
$$;
comment on function public.get_agent_usage_summary(uuid, integer) is
  'The usage of an agent in the last days, including today, by each organization''s calendar, as '
  'far as the caller sees its interactions: one row. Errors: PT400 days_out_of_range, PT404 '
  'agent_not_found.';
grant execute
  on function public.get_agent_usage_summary(uuid, integer)
  to authenticated, service_role;

create view public.agent_summary with (security_invoker = true) as
select
  agents.id,
  agents.name,
  agents.description,
  agents.type,
  agents.status,
  agents.enabled as is_active,
  agents.is_favorite,
  agents.is_public,
  agents.is_published,
  agents.tags,
  agents.capabilities,
  agents.vendor_id,
  vendors.name as vendor_name,
  agents.service_id,
  services.display_name as service_name,
  agents.model_name,
  agents.activity_score,
  agents.usage_count,
  agents.last_used_at,
  agents.created_by as user_id,
  agents.organization_id,
  -- Separate subqueries, which are not computed for rows that a limit leaves out after sorting.
  coalesce((
    select jsonb_agg(
      mappings.feature_id order by mappings.is_primary desc, mappings.feature_id
    )
    from public.agent_feature_mappings mappings where mappings.agent_id = agents.id
  ), '[]') as features,
  (
    select max(mappings.feature_id)
    from public.agent_feature_mappings mappings
    where mappings.agent_id = agents.id and mappings.is_primary
  ) as primary_feature,
  (
    select coalesce(sum(counted.interactions), 0)::bigint
    from public.agent_usage counted where counted.agent_id = agents.id
  ) as total_interactions,
  (
    select coalesce(sum(counted.total_cost), 0)
    from public.agent_usage counted where counted.agent_id = agents.id
  ) as total_cost,
  (
    select coalesce(sum(counted.recorded_cost), 0)
    from public.agent_usage counted where counted.agent_id = agents.id
  ) as recorded_cost,
  (
    select coalesce(sum(counted.input_tokens), 0)
    from public.agent_usage counted where counted.agent_id = agents.id
  ) as total_input_tokens,
  (
    select coalesce(sum(counted.output_tokens), 0)
    from public.agent_usage counted where counted.agent_id = agents.id
  ) as total_output_tokens,
  (
    select round(
      sum(counted.satisfaction_sum)::numeric / nullif(sum(counted.satisfaction_count), 0), 2
    )
    from public.agent_usage counted where counted.agent_id = agents.id
  ) as avg_satisfaction,
  (
    select round(
      sum(counted.usefulness_sum)::numeric / nullif(sum(counted.usefulness_count), 0), 2
    )
    from public.agent_usage counted where counted.agent_id = agents.id
  ) as avg_usefulness,
  agents.created_at,
  agents.updated_at
from public.agents
left join public.vendors on vendors.id = agents.vendor_id
left join public.vendor_services services on services.id = agents.service_id;
comment on view public.agent_summary is
  'Agents that the caller sees, with features, use and cost. The figures cover the interactions '
  'that the caller sees. Seed 002.';
comment on column public.agent_summary.is_active is 'agents.enabled.';
comment on column public.agent_summary.vendor_name is 'vendors.name.';
comment on column public.agent_summary.service_name is 'vendor_services.display_name.';
comment on column public.agent_summary.user_id is 'agents.created_by.';
comment on column public.agent_summary.features is 'Ids of its features, the primary one first.';
comment on column public.agent_summary.primary_feature is
  'Id of the feature marked is_primary; null without one.';
comment on column public.agent_summary.total_interactions is
  'Interactions that the caller sees; deleted ones do not count.';
comment on column public.agent_summary.total_cost is
  'Cost of the turns among them in US dollars, as far as prices are known.';
comment on column public.agent_summary.recorded_cost is
  'US dollars that people recorded by hand; no part of total_cost.';
comment on column public.agent_summary.total_input_tokens is 'Prompt tokens of those interactions.';
comment on column public.agent_summary.total_output_tokens is 'Tokens of their answers.';
comment on column public.agent_summary.avg_satisfaction is
  'Mean of their satisfaction ratings, 1 to 5, to two decimals; null without any.';
comment on column public.agent_summary.avg_usefulness is
  'Mean of their usefulness ratings, 1 to 5, to two decimals; null without any.';
select private.inherit_comments('public.agent_summary', 'public.agents');
grant select on public.agent_summary to authenticated, service_role;

create function public.agent_summaries(
  page_size integer default 50, before timestamptz default 'infinity',
  before_id uuid default null
)
returns setof public.agent_summary
language plpgsql
stable
set search_path = ''
set plan_cache_mode = 'force_custom_plan'
as $$
begin
  perform private.refuse_page_size(page_size);
  return query
  select summary.*
  from (
    select agents.id, agents.created_at from public.agents
    where agents.created_at <= agent_summaries.before
      and (agents.created_at < agent_summaries.before or agents.id > agent_summaries.before_id)
    order by agents.created_at desc, agents.id
    limit agent_summaries.page_size
  ) page
  join public.agent_summary summary on summary.id = page.id
  order by page.created_at desc, page.id;
end
$$;
comment on function public.agent_summaries(integer, timestamptz, uuid) is
  'Rows of agent_summary for the agents that the caller sees, newest first, page by page: '
  'before and before_id are created_at and id of the last row of the page before. Only the '
  'figures of the page are computed. Errors: PT400 page_size_out_of_range.';
grant execute on function public.agent_summaries(integer, timestamptz, uuid)
  to authenticated, service_role;
