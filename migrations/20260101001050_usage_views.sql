-- Usage as it is read: what is rolled up, and what is not yet.

create view private.usage_realtime with (security_invoker = true) as
-- Changes of what is rolled up,
select
  (deltas.started_at at time zone calendars.timezone)::date as date, calendars.organization_id,
  deltas.user_id, deltas.agent_id, deltas.vendor_id, deltas.model_name,
  -- each measure: deltas.{name}
  deltas.interactions, deltas.failed, deltas.unpriced, deltas.recorded, deltas.input_tokens,
  deltas.output_tokens, deltas.total_cost, deltas.recorded_cost, deltas.duration_minutes,
  deltas.satisfaction_sum, deltas.satisfaction_count, deltas.usefulness_sum, deltas.usefulness_count
  -- end
from public.usage_deltas deltas
join public.usage_calendars calendars on calendars.organization_id = deltas.organization_id
where deltas.started_at < least(calendars.rolled_up_until, (select private.current_watermark()))
union all
-- what is later than the watermark (the second bound tells the planner that this is little),
select
  (usage.started_at at time zone calendars.timezone)::date, calendars.organization_id,
  usage.user_id, usage.agent_id, usage.vendor_id, usage.model_name,
  -- each measure: usage.{name}
  usage.interactions, usage.failed, usage.unpriced, usage.recorded, usage.input_tokens,
  usage.output_tokens, usage.total_cost, usage.recorded_cost, usage.duration_minutes,
  usage.satisfaction_sum, usage.satisfaction_count, usage.usefulness_sum, usage.usefulness_count
  -- end
from private.interaction_usage usage
join public.usage_calendars calendars on calendars.organization_id = usage.organization_id
where usage.started_at >= (select private.current_watermark()) and usage.started_at <= 'infinity'
union all
-- and what is earlier, in calendars that catch up.
select
  (usage.started_at at time zone calendars.timezone)::date, calendars.organization_id,
  usage.user_id, usage.agent_id, usage.vendor_id, usage.model_name,
  -- each measure: usage.{name}
  usage.interactions, usage.failed, usage.unpriced, usage.recorded, usage.input_tokens,
  usage.output_tokens, usage.total_cost, usage.recorded_cost, usage.duration_minutes,
  usage.satisfaction_sum, usage.satisfaction_count, usage.usefulness_sum, usage.usefulness_count
  -- end
from public.usage_calendars calendars
join private.interaction_usage usage
  on usage.organization_id = calendars.organization_id
  and usage.started_at >= calendars.rolled_up_until
  and usage.started_at < (select private.current_watermark())
where calendars.rolled_up_until < 'infinity'
  -- There rarely is one: without it, this branch is not executed.
  and (
    select exists (
      select from public.usage_calendars behind where behind.rolled_up_until < 'infinity'
    )
  );
comment on view private.usage_realtime is
  'Usage that usage_daily_rollup lacks: deltas, what is later than the watermark, and what '
  'calendars that catch up have not reached. Read daily_usage.';
comment on column private.usage_realtime.date is 'The day, in the organization''s time zone.';
select private.inherit_comments(
  'private.usage_realtime', 'private.usage_dimensions', 'private.usage_measures'
);
grant select on private.usage_realtime to authenticated, service_role;

create view public.daily_usage with (security_invoker = true) as
select
  rollup.date, rollup.organization_id,
  rollup.user_id, rollup.agent_id, rollup.vendor_id, rollup.model_name,
  -- each measure: rollup.{name}
  rollup.interactions, rollup.failed, rollup.unpriced, rollup.recorded, rollup.input_tokens,
  rollup.output_tokens, rollup.total_cost, rollup.recorded_cost, rollup.duration_minutes,
  rollup.satisfaction_sum, rollup.satisfaction_count, rollup.usefulness_sum, rollup.usefulness_count
  -- end
from public.usage_daily_rollup rollup
where rollup.calendar_id <> all (array(select private.stale_calendars()))
union all
select * from private.usage_realtime;
comment on view public.daily_usage is
  'Usage per day, organization, person, agent, vendor and model, exact at any moment, as far as '
  'the caller may read it. To be summed: there may be several rows with the same dimensions, and '
  'negative ones that correct others.';
select private.inherit_comments('public.daily_usage', 'private.usage_realtime');
grant select on public.daily_usage to authenticated, service_role;

create view public.agent_usage with (security_invoker = true) as
select
  rollup.agent_id, rollup.organization_id,
  -- each measure: rollup.{name}
  rollup.interactions, rollup.failed, rollup.unpriced, rollup.recorded, rollup.input_tokens,
  rollup.output_tokens, rollup.total_cost, rollup.recorded_cost, rollup.duration_minutes,
  rollup.satisfaction_sum, rollup.satisfaction_count, rollup.usefulness_sum, rollup.usefulness_count
  -- end
from public.usage_agent_rollup rollup
where rollup.calendar_id <> all (array(select private.stale_calendars()))
union all
select
  usage.agent_id, usage.organization_id,
  -- each measure: usage.{name}
  usage.interactions, usage.failed, usage.unpriced, usage.recorded, usage.input_tokens,
  usage.output_tokens, usage.total_cost, usage.recorded_cost, usage.duration_minutes,
  usage.satisfaction_sum, usage.satisfaction_count, usage.usefulness_sum, usage.usefulness_count
  -- end
from private.usage_realtime usage
where usage.agent_id is not null;
comment on view public.agent_usage is
  'Usage per agent and organization over all days, exact at any moment, as far as the caller may '
  'read it. To be summed, as daily_usage.';
select private.inherit_comments('public.agent_usage', 'public.usage_agent_rollup');
grant select on public.agent_usage to authenticated, service_role;

create view public.ai_usage_stats with (security_invoker = true) as
select
  md5(people.id::text || days.date::text)::uuid as id,
  people.id as user_id,
  days.date,
  days.total_interactions,
  days.unique_agents_used,
  days.total_duration_minutes,
  coalesce(features.usage, '{}') as feature_usage,
  coalesce(vendors.usage, '{}') as vendor_usage,
  days.total_cost,
  days.recorded_cost,
  days.total_input_tokens,
  days.total_output_tokens,
  days.avg_satisfaction,
  days.avg_usefulness
from public.profiles people
cross join lateral (
  select
    parts.date,
    sum(parts.interactions)::integer as total_interactions,
    count(distinct parts.agent_id)::integer as unique_agents_used,
    sum(parts.duration_minutes)::bigint as total_duration_minutes,
    sum(parts.total_cost) as total_cost, sum(parts.recorded_cost) as recorded_cost,
    sum(parts.input_tokens)::bigint as total_input_tokens,
    sum(parts.output_tokens)::bigint as total_output_tokens,
    (
      sum(parts.satisfaction_sum)::numeric / nullif(sum(parts.satisfaction_count), 0)
    )::real as avg_satisfaction,
    (
      sum(parts.usefulness_sum)::numeric / nullif(sum(parts.usefulness_count), 0)
    )::real as avg_usefulness,
    array_agg(parts.agent_id) as agents,
    array_agg(parts.vendor_id) as vendors,
    array_agg(parts.interactions) as interactions,
    array_agg(parts.total_cost) as costs
  from (
    select
      usage.date, usage.agent_id, usage.vendor_id,
      -- each measure: sum(usage.{name}) as {name}
      sum(usage.interactions) as interactions, sum(usage.failed) as failed,
      sum(usage.unpriced) as unpriced, sum(usage.recorded) as recorded,
      sum(usage.input_tokens) as input_tokens, sum(usage.output_tokens) as output_tokens,
      sum(usage.total_cost) as total_cost, sum(usage.recorded_cost) as recorded_cost,
      sum(usage.duration_minutes) as duration_minutes,
      sum(usage.satisfaction_sum) as satisfaction_sum,
      sum(usage.satisfaction_count) as satisfaction_count,
      sum(usage.usefulness_sum) as usefulness_sum, sum(usage.usefulness_count) as usefulness_count
      -- end
    from public.daily_usage usage
    where usage.user_id = people.id
    group by usage.date, usage.agent_id, usage.vendor_id
    having sum(usage.interactions) > 0
  ) parts
  group by parts.date
) days
left join lateral (
  select jsonb_object_agg(per_feature.feature_id, per_feature.interactions) as usage
  from (
    select mappings.feature_id, sum(per_agent.interactions) as interactions
    from unnest(days.agents, days.interactions) as per_agent (agent_id, interactions)
    join public.agent_feature_mappings mappings on mappings.agent_id = per_agent.agent_id
    group by mappings.feature_id
  ) per_feature
) features on true
left join lateral (
  select jsonb_object_agg(
    per_vendor.vendor_id,
    jsonb_build_object(
      'interactions', per_vendor.interactions, 'cost', trim_scale(per_vendor.cost)
    )
  ) as usage
  from (
    select parts.vendor_id, sum(parts.interactions) as interactions, sum(parts.cost) as cost
    from unnest(
      days.vendors, days.interactions, days.costs
    ) as parts (vendor_id, interactions, cost)
    where parts.vendor_id is not null
    group by parts.vendor_id
  ) per_vendor
) vendors on true;
comment on view public.ai_usage_stats is
  'Usage per person and day, exact at any moment: a person''s own, in the organizations of which '
  'the person is a member.';
comment on column public.ai_usage_stats.id is
  'Derived from person and day, so that it is stable.';
comment on column public.ai_usage_stats.user_id is 'The person.';
comment on column public.ai_usage_stats.total_interactions is
  'Interactions that began on that day; deleted ones do not count.';
comment on column public.ai_usage_stats.unique_agents_used is 'Different agents among them.';
comment on column public.ai_usage_stats.total_duration_minutes is 'Minutes, where they are known.';
comment on column public.ai_usage_stats.feature_usage is
  'Interactions per feature of the agents used, {"coding": 3}.';
comment on column public.ai_usage_stats.vendor_usage is
  'Per vendor, {"openai": {"interactions": 3, "cost": 0.02}}.';
comment on column public.ai_usage_stats.total_input_tokens is
  'Sum of the prompt tokens of the day.';
comment on column public.ai_usage_stats.total_output_tokens is
  'Sum of the tokens of the day''s answers.';
comment on column public.ai_usage_stats.avg_satisfaction is
  'Mean of the ratings given; null without any.';
comment on column public.ai_usage_stats.avg_usefulness is
  'Mean of the ratings given; null without any.';
select private.inherit_comments('public.ai_usage_stats', 'public.daily_usage');
grant select on public.ai_usage_stats to authenticated, service_role;

create view public.agent_usage_daily with (security_invoker = true) as
select
  people.agent_id,
  people.organization_id,
  people.date,
  sum(people.interactions)::integer as total_interactions,
  sum(people.failed)::integer as failed_interactions,
  count(people.user_id)::integer as unique_users,
  sum(people.total_cost) as total_cost, sum(people.recorded_cost) as recorded_cost,
  sum(people.input_tokens)::bigint as total_input_tokens,
  sum(people.output_tokens)::bigint as total_output_tokens
from (
  select
    usage.agent_id, usage.organization_id, usage.date, usage.user_id,
    -- each measure: sum(usage.{name}) as {name}
    sum(usage.interactions) as interactions, sum(usage.failed) as failed,
    sum(usage.unpriced) as unpriced, sum(usage.recorded) as recorded,
    sum(usage.input_tokens) as input_tokens, sum(usage.output_tokens) as output_tokens,
    sum(usage.total_cost) as total_cost, sum(usage.recorded_cost) as recorded_cost,
    sum(usage.duration_minutes) as duration_minutes,
    sum(usage.satisfaction_sum) as satisfaction_sum,
    sum(usage.satisfaction_count) as satisfaction_count,
    sum(usage.usefulness_sum) as usefulness_sum, sum(usage.usefulness_count) as usefulness_count
    -- end
  from public.daily_usage usage
  where usage.agent_id is not null
  group by usage.agent_id, usage.organization_id, usage.date, usage.user_id
  having sum(usage.interactions) > 0
) people
group by people.agent_id, people.organization_id, people.date;
comment on view public.agent_usage_daily is
  'Figures per agent, paying organization and day, exact at every moment, as far as the caller '
  'sees them.';
comment on column public.agent_usage_daily.total_interactions is
  'Interactions that began on that day; deleted ones do not count.';
comment on column public.agent_usage_daily.failed_interactions is 'Turns among them that failed.';
comment on column public.agent_usage_daily.unique_users is 'Different people among them.';
comment on column public.agent_usage_daily.total_input_tokens is
  'Prompt tokens that the agent was sent on that day.';
comment on column public.agent_usage_daily.total_output_tokens is
  'Tokens of the agent''s answers on that day.';
select private.inherit_comments('public.agent_usage_daily', 'public.daily_usage');
grant select on public.agent_usage_daily to authenticated, service_role;
