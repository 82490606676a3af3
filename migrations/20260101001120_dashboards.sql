-- Views and functions for dashboards.

create function private.uses_of_day(agent_id uuid, organization_id uuid, timezone text, day date)
returns table (first_use timestamptz, last_use timestamptz)
language plpgsql
stable
set search_path = ''
as $$
declare
  -- An hour more at the end, and the exact test below: clocks have been set back across midnight.
  since timestamptz := private.day_start(day, timezone);
  until timestamptz := (day + 1)::timestamp at time zone timezone + interval '1 hour';
begin
  -- From each end of the index to the first that counts: a day may have very many.
  select i.started_at into first_use
  from public.ai_interactions i
  where i.agent_id = uses_of_day.agent_id and i.started_at >= since and i.started_at < until
    and i.organization_id = uses_of_day.organization_id
    and (i.started_at at time zone timezone)::date = day
    and i.status <> 'deleted'
  order by i.started_at
  limit 1;
  select i.started_at into last_use
  from public.ai_interactions i
  where i.agent_id = uses_of_day.agent_id and i.started_at >= since and i.started_at < until
    and i.organization_id = uses_of_day.organization_id
    and (i.started_at at time zone timezone)::date = day
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
    -- Of the first and the last days, the interactions themselves.
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
  'What an agent was used for over the last so many days, today included and each '
  'organization''s own, as far as the caller sees its interactions: one row. Errors: PT400 '
  'days_out_of_range, PT404 agent_not_found.';
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
  coalesce(features.list, '[]') as features,
  features.primary_feature,
  usage.total_interactions,
  usage.total_cost,
  usage.recorded_cost,
  usage.total_input_tokens,
  usage.total_output_tokens,
  usage.avg_satisfaction,
  usage.avg_usefulness,
  agents.created_at,
  agents.updated_at
from public.agents
left join public.vendors on vendors.id = agents.vendor_id
left join public.vendor_services services on services.id = agents.service_id
left join lateral (
  select
    jsonb_agg(mappings.feature_id order by mappings.is_primary desc, mappings.feature_id) as list,
    max(mappings.feature_id) filter (where mappings.is_primary) as primary_feature
  from public.agent_feature_mappings mappings
  where mappings.agent_id = agents.id
) features on true
left join lateral (
  select
    coalesce(sum(counted.interactions), 0)::bigint as total_interactions,
    coalesce(sum(counted.total_cost), 0) as total_cost,
    coalesce(sum(counted.recorded_cost), 0) as recorded_cost,
    coalesce(sum(counted.input_tokens), 0) as total_input_tokens,
    coalesce(sum(counted.output_tokens), 0) as total_output_tokens,
    round(
      sum(counted.satisfaction_sum)::numeric / nullif(sum(counted.satisfaction_count), 0), 2
    ) as avg_satisfaction,
    round(
      sum(counted.usefulness_sum)::numeric / nullif(sum(counted.usefulness_count), 0), 2
    ) as avg_usefulness
  from public.agent_usage counted
  where counted.agent_id = agents.id
) usage on true;
comment on view public.agent_summary is
  'Agents that the caller sees, with features, use and cost. The figures cover the interactions '
  'that the caller sees. Seed 002.';
comment on column public.agent_summary.id is 'The agent.';
comment on column public.agent_summary.name is 'Name to show.';
comment on column public.agent_summary.description is 'What it is for.';
comment on column public.agent_summary.type is 'Kind of agent.';
comment on column public.agent_summary.status is 'active, paused, error or inactive.';
comment on column public.agent_summary.is_active is 'Whether it is switched on.';
comment on column public.agent_summary.is_favorite is 'Marked by its owner.';
comment on column public.agent_summary.is_public is 'Shared with everyone signed in.';
comment on column public.agent_summary.is_published is 'Open to visitors.';
comment on column public.agent_summary.tags is 'Words to find it by.';
comment on column public.agent_summary.capabilities is 'What it can do.';
comment on column public.agent_summary.vendor_id is 'Who is called.';
comment on column public.agent_summary.vendor_name is 'Name of the vendor.';
comment on column public.agent_summary.service_id is 'Which service is called.';
comment on column public.agent_summary.service_name is 'Name of the service.';
comment on column public.agent_summary.model_name is 'Model that is called.';
comment on column public.agent_summary.activity_score is 'How much it is used, 0 to 1.';
comment on column public.agent_summary.usage_count is 'Number of its interactions, by anyone.';
comment on column public.agent_summary.last_used_at is
  'Start of its latest interaction, by anyone.';
comment on column public.agent_summary.user_id is 'Who made it.';
comment on column public.agent_summary.organization_id is 'The organization that owns it.';
comment on column public.agent_summary.features is 'Ids of its features, the primary one first.';
comment on column public.agent_summary.primary_feature is 'What it is mainly for.';
comment on column public.agent_summary.total_interactions is
  'Interactions that the caller sees; deleted ones do not count.';
comment on column public.agent_summary.total_cost is
  'US dollars that turns among them cost, as far as prices are known.';
comment on column public.agent_summary.recorded_cost is
  'US dollars that people recorded by hand; no part of total_cost.';
comment on column public.agent_summary.total_input_tokens is 'Prompt tokens of those.';
comment on column public.agent_summary.total_output_tokens is 'Tokens of their answers.';
comment on column public.agent_summary.avg_satisfaction is 'Mean of the ratings given.';
comment on column public.agent_summary.avg_usefulness is 'Mean of the ratings given.';
comment on column public.agent_summary.created_at is 'When the agent was made.';
comment on column public.agent_summary.updated_at is 'Last change of the agent.';
grant select on public.agent_summary to authenticated, service_role;

create view public.recent_interactions with (security_invoker = true) as
select
  i.id,
  i.title,
  i.description,
  i.content_preview,
  i.interaction_type_id,
  types.name as interaction_type,
  types.icon as interaction_icon,
  types.color as interaction_color,
  i.agent_id,
  agents.name as agent_name,
  coalesce(i.vendor_id, agents.vendor_id) as vendor_id,
  vendors.name as vendor_name,
  i.model_name,
  i.input_tokens,
  i.output_tokens,
  i.total_cost,
  i.source,
  i.satisfaction_rating,
  i.usefulness_rating,
  i.tags,
  i.external_link,
  i.session_id,
  i.started_at,
  i.ended_at,
  i.duration_minutes,
  i.status,
  i.turn_state,
  i.user_id,
  i.organization_id,
  i.created_at
from public.ai_interactions i
join public.interaction_types types on types.id = i.interaction_type_id
left join public.agents on agents.id = i.agent_id
left join public.vendors on vendors.id = coalesce(i.vendor_id, agents.vendor_id)
where i.status <> 'deleted'
order by i.started_at desc;
comment on view public.recent_interactions is
  'Interactions that the caller sees, latest first, with the names of agent, vendor and kind. '
  'Ask for those of one organization, person or agent: without a filter all that the caller sees '
  'are sorted. Seed 002.';
comment on column public.recent_interactions.id is 'The interaction.';
comment on column public.recent_interactions.title is 'Title to show.';
comment on column public.recent_interactions.description is 'What it was about.';
comment on column public.recent_interactions.content_preview is
  'Beginning of its content, recorded by hand.';
comment on column public.recent_interactions.interaction_type_id is 'Kind of interaction.';
comment on column public.recent_interactions.interaction_type is 'Name of the kind.';
comment on column public.recent_interactions.interaction_icon is 'Icon of the kind.';
comment on column public.recent_interactions.interaction_color is 'Colour of the kind.';
comment on column public.recent_interactions.agent_id is 'The agent.';
comment on column public.recent_interactions.agent_name is
  'Name of the agent, where the caller sees it.';
comment on column public.recent_interactions.vendor_id is 'Who was called.';
comment on column public.recent_interactions.vendor_name is 'Name of the vendor.';
comment on column public.recent_interactions.model_name is 'The model that answered.';
comment on column public.recent_interactions.input_tokens is 'Prompt tokens.';
comment on column public.recent_interactions.output_tokens is 'Tokens of the answer.';
comment on column public.recent_interactions.total_cost is
  'US dollars; null while no price is known. Where source is manual, what the person recorded, '
  'which figures have as recorded_cost.';
comment on column public.recent_interactions.source is
  'chat or embedding for turns, manual for what people recorded by hand.';
comment on column public.recent_interactions.satisfaction_rating is '1 to 5.';
comment on column public.recent_interactions.usefulness_rating is '1 to 5.';
comment on column public.recent_interactions.tags is 'Words to find it by.';
comment on column public.recent_interactions.external_link is 'Where it happened, if elsewhere.';
comment on column public.recent_interactions.session_id is 'The conversation.';
comment on column public.recent_interactions.started_at is 'When it began.';
comment on column public.recent_interactions.ended_at is 'When it ended.';
comment on column public.recent_interactions.duration_minutes is 'Full minutes from start to end.';
comment on column public.recent_interactions.status is 'active, completed or archived.';
comment on column public.recent_interactions.turn_state is
  'Of a turn: running, succeeded, partial or failed.';
comment on column public.recent_interactions.user_id is 'Who had it.';
comment on column public.recent_interactions.organization_id is 'The organization that pays.';
comment on column public.recent_interactions.created_at is 'When the row was made.';
grant select on public.recent_interactions to authenticated, service_role;
