-- Usage as it is read: what is counted plus what is not yet.

create view private.uncounted_usage with (security_invoker = true) as
-- What changed since it was counted,
select
  calendars.organization_id,
  (changes.started_at at time zone calendars.timezone)::date as date,
  changes.user_id,
  changes.agent_id, changes.vendor_id, changes.model_name,
  changes.interactions, changes.failed, changes.unpriced, changes.recorded, changes.input_tokens,
  changes.output_tokens,
  changes.total_cost, changes.recorded_cost, changes.duration_minutes, changes.satisfaction_sum,
  changes.satisfaction_count,
  changes.usefulness_sum, changes.usefulness_count
from public.usage_changes changes
join public.usage_calendars calendars on calendars.organization_id = changes.organization_id
where changes.started_at < least(calendars.counted_until, (select private.usage_boundary()))
union all
-- what is too young to be counted (the second bound says to the planner that this is little),
select
  calendars.organization_id,
  (usage.started_at at time zone calendars.timezone)::date,
  usage.user_id,
  usage.agent_id,
  usage.vendor_id, usage.model_name,
  usage.interactions, usage.failed, usage.unpriced, usage.recorded, usage.input_tokens,
  usage.output_tokens, usage.total_cost, usage.recorded_cost,
  usage.duration_minutes, usage.satisfaction_sum, usage.satisfaction_count, usage.usefulness_sum,
  usage.usefulness_count
from private.interaction_usage usage
join public.usage_calendars calendars on calendars.organization_id = usage.organization_id
where usage.started_at >= (select private.usage_boundary()) and usage.started_at <= 'infinity'
union all
-- and what is counted anew since a time zone changed.
select
  calendars.organization_id,
  (usage.started_at at time zone calendars.timezone)::date,
  usage.user_id,
  usage.agent_id,
  usage.vendor_id, usage.model_name,
  usage.interactions, usage.failed, usage.unpriced, usage.recorded, usage.input_tokens,
  usage.output_tokens, usage.total_cost, usage.recorded_cost,
  usage.duration_minutes, usage.satisfaction_sum, usage.satisfaction_count, usage.usefulness_sum,
  usage.usefulness_count
from public.usage_calendars calendars
join private.interaction_usage usage
  on usage.organization_id = calendars.organization_id
  and usage.started_at >= calendars.counted_until
  and usage.started_at < (select private.usage_boundary())
where calendars.counted_until < 'infinity'
  -- There is hardly ever one: without it, nothing of this is even begun.
  and (
    select exists (
      select from public.usage_calendars behind where behind.counted_until < 'infinity'
    )
  );
comment on view private.uncounted_usage is
  'What usage_counts lacks: late changes, what is too young, what is being counted anew. Read '
  'daily_usage.';
comment on column private.uncounted_usage.organization_id is 'The organization that paid.';
comment on column private.uncounted_usage.date is 'The day, in that organization''s time zone.';
comment on column private.uncounted_usage.user_id is 'The person; null once the account is gone.';
comment on column private.uncounted_usage.agent_id is 'The agent; null once it is gone.';
comment on column private.uncounted_usage.vendor_id is
  'Who was called; null where nobody is known.';
comment on column private.uncounted_usage.model_name is
  'The model that answered, its first 255 characters; null where none is known.';
comment on column private.uncounted_usage.interactions is
  'Interactions; deleted ones do not count.';
comment on column private.uncounted_usage.failed is 'Turns among them that failed.';
comment on column private.uncounted_usage.unpriced is
  'Turns among them that used tokens and have no cost, because no price is known.';
comment on column private.uncounted_usage.recorded is
  'Those among them that a person recorded by hand.';
comment on column private.uncounted_usage.input_tokens is 'Prompt tokens.';
comment on column private.uncounted_usage.output_tokens is 'Tokens of the answers.';
comment on column private.uncounted_usage.total_cost is
  'US dollars that turns cost, as far as prices are known.';
comment on column private.uncounted_usage.recorded_cost is
  'US dollars that people recorded by hand; no part of total_cost.';
comment on column private.uncounted_usage.duration_minutes is 'Minutes, where they are known.';
comment on column private.uncounted_usage.satisfaction_sum is 'Sum of the ratings given.';
comment on column private.uncounted_usage.satisfaction_count is 'How many were given.';
comment on column private.uncounted_usage.usefulness_sum is 'Sum of the ratings given.';
comment on column private.uncounted_usage.usefulness_count is 'How many were given.';
grant select on private.uncounted_usage to authenticated, service_role;

create view public.daily_usage with (security_invoker = true) as
select
  counts.organization_id, counts.date, counts.user_id, counts.agent_id, counts.vendor_id,
  counts.model_name,
  counts.interactions, counts.failed, counts.unpriced, counts.recorded, counts.input_tokens,
  counts.output_tokens, counts.total_cost, counts.recorded_cost,
  counts.duration_minutes, counts.satisfaction_sum, counts.satisfaction_count,
  counts.usefulness_sum,
  counts.usefulness_count
from public.usage_counts counts
where counts.calendar_id <> all (array(select private.gone_calendars()))
union all
select * from private.uncounted_usage;
comment on view public.daily_usage is
  'Usage per organization, day, person, agent, vendor and model, exact at every moment, as far '
  'as the caller sees it. To be summed up: it may have several rows for the same, and negative '
  'ones that correct others.';
comment on column public.daily_usage.organization_id is 'The organization that paid.';
comment on column public.daily_usage.date is 'The day, in that organization''s time zone.';
comment on column public.daily_usage.user_id is 'The person; null once the account is gone.';
comment on column public.daily_usage.agent_id is 'The agent; null once it is gone.';
comment on column public.daily_usage.vendor_id is 'Who was called; null where nobody is known.';
comment on column public.daily_usage.model_name is
  'The model that answered, its first 255 characters; null where none is known.';
comment on column public.daily_usage.interactions is 'Interactions; deleted ones do not count.';
comment on column public.daily_usage.failed is 'Turns among them that failed.';
comment on column public.daily_usage.unpriced is
  'Turns among them that used tokens and have no cost, because no price is known.';
comment on column public.daily_usage.recorded is
  'Those among them that a person recorded by hand.';
comment on column public.daily_usage.input_tokens is 'Prompt tokens.';
comment on column public.daily_usage.output_tokens is 'Tokens of the answers.';
comment on column public.daily_usage.total_cost is
  'US dollars that turns cost, as far as prices are known.';
comment on column public.daily_usage.recorded_cost is
  'US dollars that people recorded by hand; no part of total_cost.';
comment on column public.daily_usage.duration_minutes is 'Minutes, where they are known.';
comment on column public.daily_usage.satisfaction_sum is 'Sum of the ratings given.';
comment on column public.daily_usage.satisfaction_count is 'How many were given.';
comment on column public.daily_usage.usefulness_sum is 'Sum of the ratings given.';
comment on column public.daily_usage.usefulness_count is 'How many were given.';
grant select on public.daily_usage to authenticated, service_role;

create view public.agent_usage with (security_invoker = true) as
select
  totals.agent_id, totals.organization_id,
  totals.interactions, totals.total_cost, totals.recorded_cost, totals.input_tokens,
  totals.output_tokens,
  totals.satisfaction_sum, totals.satisfaction_count, totals.usefulness_sum,
  totals.usefulness_count
from public.usage_totals totals
where totals.calendar_id <> all (array(select private.gone_calendars()))
union all
select
  usage.agent_id, usage.organization_id,
  usage.interactions, usage.total_cost, usage.recorded_cost, usage.input_tokens,
  usage.output_tokens,
  usage.satisfaction_sum, usage.satisfaction_count, usage.usefulness_sum, usage.usefulness_count
from private.uncounted_usage usage
where usage.agent_id is not null;
comment on view public.agent_usage is
  'Usage per agent and organization over all days, exact at every moment, as far as the caller '
  'sees it. To be summed up: it may have several rows for the same, and negative ones that '
  'correct others.';
comment on column public.agent_usage.agent_id is 'The agent.';
comment on column public.agent_usage.organization_id is 'The organization that paid.';
comment on column public.agent_usage.interactions is 'Interactions; deleted ones do not count.';
comment on column public.agent_usage.total_cost is
  'US dollars that turns cost, as far as prices are known.';
comment on column public.agent_usage.recorded_cost is
  'US dollars that people recorded by hand; no part of total_cost.';
comment on column public.agent_usage.input_tokens is 'Prompt tokens.';
comment on column public.agent_usage.output_tokens is 'Tokens of the answers.';
comment on column public.agent_usage.satisfaction_sum is 'Sum of the ratings given.';
comment on column public.agent_usage.satisfaction_count is 'How many were given.';
comment on column public.agent_usage.usefulness_sum is 'Sum of the ratings given.';
comment on column public.agent_usage.usefulness_count is 'How many were given.';
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
    select usage.date, usage.agent_id, usage.vendor_id,
      sum(usage.interactions) as interactions, sum(usage.total_cost) as total_cost,
      sum(usage.recorded_cost) as recorded_cost,
      sum(usage.input_tokens) as input_tokens, sum(usage.output_tokens) as output_tokens,
      sum(usage.duration_minutes) as duration_minutes,
      sum(usage.satisfaction_sum) as satisfaction_sum,
      sum(usage.satisfaction_count) as satisfaction_count,
      sum(usage.usefulness_sum) as usefulness_sum,
      sum(usage.usefulness_count) as usefulness_count
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
  'Figures per person and day, exact at every moment: a person''s own, in the organizations that '
  'the person is in. Seed 002.';
comment on column public.ai_usage_stats.id is
  'Made of person and day: the same whenever it is read.';
comment on column public.ai_usage_stats.user_id is 'The person.';
comment on column public.ai_usage_stats.date is
  'The day, in the time zone of the organization that paid.';
comment on column public.ai_usage_stats.total_interactions is
  'Interactions that began on that day; deleted ones do not count.';
comment on column public.ai_usage_stats.unique_agents_used is 'Different agents among them.';
comment on column public.ai_usage_stats.total_duration_minutes is 'Minutes, where they are known.';
comment on column public.ai_usage_stats.feature_usage is
  'Interactions per feature of the agents used, {"coding": 3}.';
comment on column public.ai_usage_stats.vendor_usage is
  'Per vendor, {"openai": {"interactions": 3, "cost": 0.02}}.';
comment on column public.ai_usage_stats.total_cost is
  'US dollars that turns cost, as far as prices are known.';
comment on column public.ai_usage_stats.recorded_cost is
  'US dollars that people recorded by hand; no part of total_cost.';
comment on column public.ai_usage_stats.total_input_tokens is 'Prompt tokens.';
comment on column public.ai_usage_stats.total_output_tokens is 'Tokens of the answers.';
comment on column public.ai_usage_stats.avg_satisfaction is
  'Mean of the ratings given; null without any.';
comment on column public.ai_usage_stats.avg_usefulness is
  'Mean of the ratings given; null without any.';
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
  select usage.agent_id, usage.organization_id, usage.date, usage.user_id,
    sum(usage.interactions) as interactions, sum(usage.failed) as failed,
    sum(usage.total_cost) as total_cost, sum(usage.recorded_cost) as recorded_cost,
    sum(usage.input_tokens) as input_tokens, sum(usage.output_tokens) as output_tokens
  from public.daily_usage usage
  where usage.agent_id is not null
  group by usage.agent_id, usage.organization_id, usage.date, usage.user_id
  having sum(usage.interactions) > 0
) people
group by people.agent_id, people.organization_id, people.date;
comment on view public.agent_usage_daily is
  'Figures per agent, paying organization and day, exact at every moment, as far as the caller '
  'sees them.';
comment on column public.agent_usage_daily.agent_id is 'The agent.';
comment on column public.agent_usage_daily.organization_id is 'The organization that paid.';
comment on column public.agent_usage_daily.date is 'The day, in that organization''s time zone.';
comment on column public.agent_usage_daily.total_interactions is
  'Interactions that began on that day; deleted ones do not count.';
comment on column public.agent_usage_daily.failed_interactions is 'Turns among them that failed.';
comment on column public.agent_usage_daily.unique_users is 'Different people among them.';
comment on column public.agent_usage_daily.total_cost is
  'US dollars that turns cost, as far as prices are known.';
comment on column public.agent_usage_daily.recorded_cost is
  'US dollars that people recorded by hand; no part of total_cost.';
comment on column public.agent_usage_daily.total_input_tokens is 'Prompt tokens.';
comment on column public.agent_usage_daily.total_output_tokens is 'Tokens of the answers.';
grant select on public.agent_usage_daily to authenticated, service_role;
