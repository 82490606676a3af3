-- Analytics: measurements, activity scores, and the views that dashboards read.
-- Seeds 002 and 003. Everything here is derived from the ledger, but for
-- agent_metrics and api_usage, which are measured.

create table public.agent_metrics (
  id uuid not null default gen_random_uuid(),
  agent_id uuid not null references public.agents (id) on delete cascade,
  metric_type text not null,
  value numeric(30, 10) not null,
  unit text,
  metadata jsonb not null default '{}',
  recorded_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  primary key (id, created_at),
  constraint metric_type_is_1_to_100_characters check (char_length(metric_type) between 1 and 100),
  constraint metric_unit_is_at_most_50_characters check (char_length(unit) <= 50),
  -- What clients write is bounded.
  constraint metric_type_has_no_control_characters check (private.is_plain(metric_type)),
  constraint metric_unit_has_no_control_characters check (private.is_plain(unit)),
  constraint metric_metadata_is_at_most_256_kib_and_64_levels check (private.is_document(metadata)),
  constraint metric_recorded_at_is_from_1970_to_2199 check (private.is_calendar_time(recorded_at))
) partition by range (created_at);
comment on table public.agent_metrics is 'Measurements of an agent, such as response_time, accuracy, cost, success_rate. Seed 003.';
comment on column public.agent_metrics.id is 'Primary key, with created_at: the table is partitioned by it.';
comment on column public.agent_metrics.agent_id is 'The agent.';
comment on column public.agent_metrics.metric_type is 'What was measured.';
comment on column public.agent_metrics.value is 'How much.';
comment on column public.agent_metrics.unit is 'Of what, such as ms, usd, percent, count.';
comment on column public.agent_metrics.metadata is 'Circumstances of the measurement.';
comment on column public.agent_metrics.recorded_at is 'When it was measured.';
comment on column public.agent_metrics.created_at is 'When the row was made.';

alter table public.agent_metrics enable row level security;
-- What the platform's agents cost everybody together is the operator's to know.
create policy "People read the metrics of agents that they see" on public.agent_metrics
  for select to authenticated
  using (
    agent_id in (
      select agents.id from public.agents where not agents.is_platform
    )
  );
create policy "Those who edit an agent record its metrics" on public.agent_metrics
  for insert to authenticated with check (agent_id in (select private.editable_agents()));
grant select on public.agent_metrics to authenticated;
grant insert (agent_id, metric_type, value, unit, metadata, recorded_at) on public.agent_metrics to authenticated;
grant select, insert, update, delete on public.agent_metrics to service_role;
create index idx_agent_metrics_agent_id on public.agent_metrics (agent_id, metric_type, recorded_at desc);
create index idx_agent_metrics_type on public.agent_metrics (metric_type);
create index idx_agent_metrics_recorded_at on public.agent_metrics (recorded_at);

create table public.api_usage (
  id uuid not null default gen_random_uuid(),
  user_id uuid references public.profiles (id) on delete cascade,
  agent_id uuid references public.agents (id) on delete set null,
  endpoint text not null,
  method text not null,
  status_code integer not null,
  response_time_ms integer,
  cost_usd numeric(20, 10),
  created_at timestamptz not null default now(),
  primary key (id, created_at),
  constraint endpoint_is_1_to_255_characters check (char_length(endpoint) between 1 and 255),
  constraint method_is_an_http_method check (method ~ '^[A-Z]{1,10}$'),
  constraint status_code_is_an_http_status check (status_code between 100 and 599),
  constraint response_time_is_not_negative check (response_time_ms >= 0),
  constraint api_cost_is_not_negative check (cost_usd >= 0)
) partition by range (created_at);
comment on table public.api_usage is 'Calls of the API. Seed 003.';
comment on column public.api_usage.id is 'Primary key, with created_at: the table is partitioned by it.';
comment on column public.api_usage.user_id is 'Who called; null for a caller without an account.';
comment on column public.api_usage.agent_id is 'The agent that was called.';
comment on column public.api_usage.endpoint is 'Path as the function declares it, such as /chat/completions or /models/*; nothing that a caller wrote is in it.';
comment on column public.api_usage.method is 'HTTP method.';
comment on column public.api_usage.status_code is 'HTTP status of the answer.';
comment on column public.api_usage.response_time_ms is 'Milliseconds until the answer was complete.';
comment on column public.api_usage.cost_usd is 'US dollars that the call cost.';
comment on column public.api_usage.created_at is 'When.';

alter table public.api_usage enable row level security;
create policy "People read their own calls" on public.api_usage
  for select to authenticated using (user_id = (select auth.uid()));
grant select on public.api_usage to authenticated;
grant select, insert, update, delete on public.api_usage to service_role;
create index idx_api_usage_user_id on public.api_usage (user_id, created_at desc);
create index idx_api_usage_agent_id on public.api_usage (agent_id);
create index idx_api_usage_created_at on public.api_usage (created_at);

create function public.record_api_usage(calls jsonb)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  recorded integer;
begin
  insert into public.api_usage (
    user_id, agent_id, endpoint, method, status_code, response_time_ms, cost_usd, created_at
  )
  select
    profiles.id, agents.id, left(call.endpoint, 255), call.method, call.status_code, call.response_time_ms, call.cost_usd,
    -- The clock of a function is its own; a call that it reports now was made just now.
    least(greatest(call.created_at, now() - interval '1 hour'), now())
  from jsonb_to_recordset(calls) as call (
    user_id uuid, agent_id uuid, endpoint text, method text, status_code integer, response_time_ms integer,
    cost_usd numeric, created_at timestamptz
  )
  -- Who called, or what was called, may be gone by now: the call still counts.
  left join public.profiles on profiles.id = call.user_id
  left join public.agents on agents.id = call.agent_id;
  get diagnostics recorded = row_count;
  return recorded;
end
$$;
comment on function public.record_api_usage(jsonb) is 'Records calls of the edge functions, a list of {"user_id", "agent_id", "endpoint", "method", "status_code", "response_time_ms", "cost_usd", "created_at"}, and returns how many. Backend only.';
grant execute on function public.record_api_usage(jsonb) to service_role;

-- Performance of agents -------------------------------------------------------------

create function private.performance_of_day(day date)
returns table (agent_id uuid, metric_type text, value numeric, unit text)
language sql
stable
set search_path = ''
as $$
  with figures as (
    select
      i.agent_id,
      count(*) as messages,
      sum(i.input_tokens + i.output_tokens) as tokens,
      sum(i.total_cost) filter (where i.source <> 'manual') as cost,
      100.0 * count(*) filter (where i.turn_state in ('succeeded', 'partial'))
        / nullif(count(*) filter (where i.turn_state in ('succeeded', 'partial', 'failed')), 0) as success_rate,
      percentile_disc(array[0.5, 0.95, 0.99]) within group (order by i.latency_ms) as latencies
    from public.usage_calendars calendars
    cross join lateral (
      select interactions.* from public.ai_interactions interactions
      where interactions.organization_id = calendars.organization_id
        and interactions.started_at >= private.day_start(day, calendars.timezone)
        and interactions.started_at < (day + 1)::timestamp at time zone calendars.timezone + interval '1 hour'
      -- Keeps the planner from reading the whole ledger at once instead.
      offset 0
    ) i
    where (i.started_at at time zone calendars.timezone)::date = day and i.status <> 'deleted' and i.agent_id is not null
    group by i.agent_id
  )
  select figures.agent_id, metrics.metric_type, metrics.value, metrics.unit
  from figures
  -- What was deleted since has figures, and no metrics.
  join public.agents on agents.id = figures.agent_id
  cross join lateral (
    values
      ('messages', figures.messages::numeric, 'count'),
      ('tokens', figures.tokens, 'count'),
      ('cost', figures.cost, 'usd'),
      ('success_rate', round(figures.success_rate, 4), 'percent'),
      ('latency_p50', figures.latencies[1], 'ms'),
      ('latency_p95', figures.latencies[2], 'ms'),
      ('latency_p99', figures.latencies[3], 'ms')
  ) as metrics (metric_type, value, unit)
  where metrics.value is not null
$$;
comment on function private.performance_of_day(date) is 'How each agent did on a day, as each paying organization''s calendar has it; deleted interactions left out, a metric without any value too.';
grant execute on function private.performance_of_day(date) to service_role;

create table private.measured_days (
  date date primary key,
  measured_at timestamptz not null default now()
);
comment on table private.measured_days is 'Days of which agent_metrics has how each agent did. Clients write metrics too, so the rows themselves do not prove it.';
comment on column private.measured_days.date is 'The day.';
comment on column private.measured_days.measured_at is 'When it was measured last.';
grant select, insert, update on private.measured_days to service_role;

create function public.record_agent_metrics(date date default (now() at time zone 'UTC')::date - 1)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  moment timestamptz := record_agent_metrics.date::timestamp at time zone 'UTC';
  stamp jsonb := jsonb_build_object('period', 'day', 'date', record_agent_metrics.date);
  recorded integer;
begin
  perform private.refuse_days(record_agent_metrics.date, record_agent_metrics.date);
  -- Two runs for one day wait for each other; the second replaces what the first has written.
  perform pg_advisory_xact_lock(private.lock_namespace('agent_metrics'), record_agent_metrics.date - date '2000-01-01');
  delete from public.agent_metrics metrics
  where metrics.recorded_at = moment
    and metrics.metadata = stamp
    and metrics.metric_type in ('messages', 'tokens', 'cost', 'success_rate', 'latency_p50', 'latency_p95', 'latency_p99');
  insert into public.agent_metrics (agent_id, metric_type, value, unit, metadata, recorded_at)
  select performance.agent_id, performance.metric_type, performance.value, performance.unit, stamp, moment
  from private.performance_of_day(record_agent_metrics.date) performance
  order by performance.agent_id, performance.metric_type;
  get diagnostics recorded = row_count;
  insert into private.measured_days as measured (date) values (record_agent_metrics.date)
  on conflict on constraint measured_days_pkey do update set measured_at = excluded.measured_at;
  return recorded;
end
$$;
comment on function public.record_agent_metrics(date) is
  'Writes into agent_metrics how each agent did on a day, yesterday where none is given, and returns how many metrics: messages, tokens, cost, success_rate, latency_p50, latency_p95, latency_p99, with metadata {"period": "day", "date": …}. Another run for the day replaces them. Backend only. Errors: PT400 date_required, date_in_future.';
grant execute on function public.record_agent_metrics(date) to service_role;

create function private.unmeasured_days()
returns setof private.due_item
language sql
stable
set search_path = ''
as $$
  select days.day::text, 1::bigint, (days.day + 1)::timestamp at time zone 'UTC' + interval '12 hours'
  from (
    select (now() at time zone 'UTC')::date - ago as day from generate_series(1, 7) as ago
  ) days
  where not exists (select from private.measured_days where measured_days.date = days.day)
$$;
comment on function private.unmeasured_days() is 'The last seven days, as far as they are not measured yet, for the job record-agent-metrics.';
grant execute on function private.unmeasured_days() to service_role;

create function public.record_missing_agent_metrics()
returns integer
language sql
set search_path = ''
as $$
  select coalesce(sum(public.record_agent_metrics(days.item::date)), 0)::integer from private.unmeasured_days() days
$$;
comment on function public.record_missing_agent_metrics() is 'record_agent_metrics() for each of the last seven days that is not measured yet. Backend only.';
grant execute on function public.record_missing_agent_metrics() to service_role;

-- Activity scores -------------------------------------------------------------------

create function private.activity_score(days_since_use double precision, recent_uses bigint, average_rating numeric)
returns real
language sql
immutable
set search_path = ''
as $$
  select case
    when days_since_use is null then 0
    else (
      0.5 * power(0.5, least(greatest(days_since_use, 0), 365) / 7)
      + 0.3 * recent_uses / (recent_uses + 20.0)
      + 0.2 * coalesce((average_rating - 1) / 4, 0.5)
    )
  end::real
$$;
comment on function private.activity_score(double precision, bigint, numeric) is
  'The activity score, 0 to 1: half of it recency (halved every 7 days without use), three tenths frequency (uses of the last 30 days, half reached at 20), two tenths ratings (1 to 5; none counts as 3). Never used is 0. It grows with each of the three.';
grant execute on function private.activity_score(double precision, bigint, numeric) to service_role;

create function private.score_each(agents uuid[])
returns integer
language sql
set search_path = ''
as $$
  with uses as (
    select
      agents.id,
      agents.last_used_at,
      count(i.id) as recent,
      avg((coalesce(i.satisfaction_rating, i.usefulness_rating) + coalesce(i.usefulness_rating, i.satisfaction_rating)) / 2.0) as rating
    from public.agents
    left join public.ai_interactions i
      on i.agent_id = agents.id and i.started_at > now() - interval '30 days' and i.status <> 'deleted'
      and private.is_use_of(agents, i.source, i.organization_id, i.user_id)
    where agents.id = any (score_each.agents)
    group by agents.id
  ),
  scores as (
    select uses.id, private.activity_score(extract(epoch from now() - uses.last_used_at)::double precision / 86400, uses.recent, uses.rating) as score
    from uses
  ),
  changed as (
    update public.agents
    set activity_score = scores.score
    from scores
    where agents.id = scores.id and agents.activity_score <> scores.score
    returning agents.id
  )
  select count(*)::integer from changed
$$;
comment on function private.score_each(uuid[]) is 'Writes the activity scores of agents, and returns how many changed.';

create function private.score_agents(agent_id uuid default null)
returns integer
language sql
security definer
set search_path = ''
as $$
  select private.score_each(array(
    select agents.id from public.agents
    where agents.id = coalesce(score_agents.agent_id, agents.id) and (agents.last_used_at is not null or agents.activity_score > 0)
  ))
$$;
comment on function private.score_agents(uuid) is 'Writes the activity score of one agent, or of all that were ever used, and returns how many changed.';
grant execute on function private.score_agents(uuid) to authenticated, service_role;

create function private.agents_to_score()
returns setof private.due_item
language sql
stable
set search_path = ''
as $$
  select
    coalesce(agents.organization_id, agents.created_by, '00000000-0000-0000-0000-000000000000')::text, 1::bigint, null::timestamptz
  from public.agents
  where agents.last_used_at is not null or agents.activity_score > 0
  group by 1
$$;
comment on function private.agents_to_score() is 'Organizations and people with agents that were ever used, and the platform, of id 0, for the job score-agents.';

create function private.score_agents_of(owner uuid)
returns integer
language sql
set search_path = ''
as $$
  select private.score_each(array(
    select agents.id from public.agents
    where coalesce(agents.organization_id, agents.created_by, '00000000-0000-0000-0000-000000000000') = score_agents_of.owner
      and (agents.last_used_at is not null or agents.activity_score > 0)
  ))
$$;
comment on function private.score_agents_of(uuid) is 'Writes the activity scores of the agents of an organization or a person, or, of id 0, of the platform, and returns how many changed.';

create function public.update_agent_activity_score(agent_id uuid)
returns real
language plpgsql
set search_path = ''
as $$
declare
  score real;
begin
  -- Whoever does not see the agent learns nothing of it here either.
  if not exists (select from public.agents where agents.id = update_agent_activity_score.agent_id) then
    perform private.refuse(404, 'agent_not_found', 'There is no such agent, or it is not yours to see.');
  end if;
  perform private.score_agents(update_agent_activity_score.agent_id);
  select agents.activity_score into score from public.agents where agents.id = update_agent_activity_score.agent_id;
  return score;
end
$$;
comment on function public.update_agent_activity_score(uuid) is 'Computes an agent''s activity score anew (see private.activity_score), stores and returns it. Errors: PT404 agent_not_found.';
grant execute on function public.update_agent_activity_score(uuid) to authenticated, service_role;

create function public.refresh_agent_activity_scores()
returns integer
language sql
set search_path = ''
as $$
  select private.score_agents()
$$;
comment on function public.refresh_agent_activity_scores() is 'Computes the activity scores of all agents that were ever used and returns how many changed. Backend only.';
grant execute on function public.refresh_agent_activity_scores() to service_role;

-- What dashboards read -----------------------------------------------------------------

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
comment on function private.uses_of_day(uuid, uuid, text, date) is 'When an agent was first and last used on a day, as far as the caller sees it.';
grant execute on function private.uses_of_day(uuid, uuid, text, date) to authenticated, service_role;

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
as $$
begin
  if days is null or days not between 1 and 3660 then
    perform private.refuse(400, 'days_out_of_range', 'The number of days must be between 1 and 3660.');
  end if;
  if not exists (select from public.agents where agents.id = get_agent_usage_summary.agent_id) then
    perform private.refuse(404, 'agent_not_found', 'There is no such agent, or it is not yours to see.');
  end if;
  return query
  with days as (
    select
      usage.organization_id, calendars.timezone, usage.date, sum(usage.interactions) as interactions,
      sum(usage.failed) as failed, sum(usage.total_cost) as total_cost,
      sum(usage.recorded_cost) as recorded_cost, sum(usage.input_tokens) as input_tokens,
      sum(usage.output_tokens) as output_tokens, sum(usage.duration_minutes) as duration_minutes,
      sum(usage.satisfaction_sum) as satisfaction_sum, sum(usage.satisfaction_count) as satisfaction_count,
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
      cross join private.uses_of_day(get_agent_usage_summary.agent_id, ends.organization_id, ends.timezone, ends.date) uses
      where ends.date <= (select min(days.date) + 1 from days)
    ),
    (
      select max(uses.last_use)
      from days ends
      cross join private.uses_of_day(get_agent_usage_summary.agent_id, ends.organization_id, ends.timezone, ends.date) uses
      where ends.date >= (select max(days.date) - 1 from days)
    )
  from days;
end
$$;
comment on function public.get_agent_usage_summary(uuid, integer) is 'What an agent was used for over the last so many days, today included and each organization''s own, as far as the caller sees its interactions: one row. Errors: PT400 days_out_of_range, PT404 agent_not_found.';
grant execute on function public.get_agent_usage_summary(uuid, integer) to authenticated, service_role;

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
    round(sum(counted.satisfaction_sum)::numeric / nullif(sum(counted.satisfaction_count), 0), 2) as avg_satisfaction,
    round(sum(counted.usefulness_sum)::numeric / nullif(sum(counted.usefulness_count), 0), 2) as avg_usefulness
  from public.agent_usage counted
  where counted.agent_id = agents.id
) usage on true;
comment on view public.agent_summary is 'Agents that the caller sees, with features, use and cost. The figures cover the interactions that the caller sees. Seed 002.';
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
comment on column public.agent_summary.last_used_at is 'Start of its latest interaction, by anyone.';
comment on column public.agent_summary.user_id is 'Who made it.';
comment on column public.agent_summary.organization_id is 'The organization that owns it.';
comment on column public.agent_summary.features is 'Ids of its features, the primary one first.';
comment on column public.agent_summary.primary_feature is 'What it is mainly for.';
comment on column public.agent_summary.total_interactions is 'Interactions that the caller sees; deleted ones do not count.';
comment on column public.agent_summary.total_cost is 'US dollars that turns among them cost, as far as prices are known.';
comment on column public.agent_summary.recorded_cost is 'US dollars that people recorded by hand; no part of total_cost.';
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
comment on view public.recent_interactions is 'Interactions that the caller sees, latest first, with the names of agent, vendor and kind. Ask for those of one organization, person or agent: without a filter all that the caller sees are sorted. Seed 002.';
comment on column public.recent_interactions.id is 'The interaction.';
comment on column public.recent_interactions.title is 'Title to show.';
comment on column public.recent_interactions.description is 'What it was about.';
comment on column public.recent_interactions.content_preview is 'Beginning of its content, recorded by hand.';
comment on column public.recent_interactions.interaction_type_id is 'Kind of interaction.';
comment on column public.recent_interactions.interaction_type is 'Name of the kind.';
comment on column public.recent_interactions.interaction_icon is 'Icon of the kind.';
comment on column public.recent_interactions.interaction_color is 'Colour of the kind.';
comment on column public.recent_interactions.agent_id is 'The agent.';
comment on column public.recent_interactions.agent_name is 'Name of the agent, where the caller sees it.';
comment on column public.recent_interactions.vendor_id is 'Who was called.';
comment on column public.recent_interactions.vendor_name is 'Name of the vendor.';
comment on column public.recent_interactions.model_name is 'The model that answered.';
comment on column public.recent_interactions.input_tokens is 'Prompt tokens.';
comment on column public.recent_interactions.output_tokens is 'Tokens of the answer.';
comment on column public.recent_interactions.total_cost is 'US dollars; null while no price is known. Where source is manual, what the person recorded, which figures have as recorded_cost.';
comment on column public.recent_interactions.source is 'chat or embedding for turns, manual for what people recorded by hand.';
comment on column public.recent_interactions.satisfaction_rating is '1 to 5.';
comment on column public.recent_interactions.usefulness_rating is '1 to 5.';
comment on column public.recent_interactions.tags is 'Words to find it by.';
comment on column public.recent_interactions.external_link is 'Where it happened, if elsewhere.';
comment on column public.recent_interactions.session_id is 'The conversation.';
comment on column public.recent_interactions.started_at is 'When it began.';
comment on column public.recent_interactions.ended_at is 'When it ended.';
comment on column public.recent_interactions.duration_minutes is 'Full minutes from start to end.';
comment on column public.recent_interactions.status is 'active, completed or archived.';
comment on column public.recent_interactions.turn_state is 'Of a turn: running, succeeded, partial or failed.';
comment on column public.recent_interactions.user_id is 'Who had it.';
comment on column public.recent_interactions.organization_id is 'The organization that pays.';
comment on column public.recent_interactions.created_at is 'When the row was made.';
grant select on public.recent_interactions to authenticated, service_role;
