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
  -- Sizes of columns that clients write.
  constraint metric_type_has_no_control_characters check (private.is_plain(metric_type)),
  constraint metric_unit_has_no_control_characters check (private.is_plain(unit)),
  constraint metric_metadata_is_at_most_256_kib_and_64_levels check (private.is_document(metadata)),
  constraint metric_recorded_at_is_from_1970_to_2199 check (private.is_calendar_time(recorded_at))
) partition by range (created_at);
comment on table public.agent_metrics is
  'Measurements of an agent, such as response_time, accuracy, cost, success_rate. Seed 003.';
comment on column public.agent_metrics.id is
  'Primary key together with created_at; see agent_health_checks.id.';
comment on column public.agent_metrics.agent_id is 'The agent that was measured.';
comment on column public.agent_metrics.metric_type is 'What was measured.';
comment on column public.agent_metrics.value is 'How much.';
comment on column public.agent_metrics.unit is 'Of what, such as ms, usd, percent, count.';
comment on column public.agent_metrics.metadata is 'Circumstances of the measurement.';
comment on column public.agent_metrics.recorded_at is 'When it was measured.';
comment on column public.agent_metrics.created_at is 'When the agent metric was recorded.';

alter table public.agent_metrics enable row level security;
-- The total cost of platform agents is for the operator only.
create policy "People read the metrics of agents that they see" on public.agent_metrics
  for select to authenticated
  using (
    exists (
      select from public.agents
      where agents.id = agent_metrics.agent_id and not agents.is_platform
    )
  );
create policy "Those who edit an agent record its metrics" on public.agent_metrics
  for insert to authenticated
  with check (
    exists (select from private.editable_agents where editable_agents.id = agent_metrics.agent_id)
  );
grant select on public.agent_metrics to authenticated;
grant insert (agent_id, metric_type, value, unit, metadata, recorded_at)
  on public.agent_metrics
  to authenticated;
grant select, insert, update, delete on public.agent_metrics to service_role;
create index idx_agent_metrics_agent_id
  on public.agent_metrics (agent_id, metric_type, recorded_at desc);
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
comment on column public.api_usage.id is
  'Primary key together with created_at: a partitioned table has no key without that column.';
comment on column public.api_usage.user_id is 'The caller; null for one without an account.';
comment on column public.api_usage.agent_id is 'The agent that was called.';
comment on column public.api_usage.endpoint is
  'Path as the function declares it, such as /chat/completions or /models/*; it contains nothing '
  'that a caller wrote.';
comment on column public.api_usage.method is 'HTTP method.';
comment on column public.api_usage.status_code is 'HTTP status that the caller got.';
comment on column public.api_usage.response_time_ms is
  'Milliseconds until the answer was complete.';
comment on column public.api_usage.cost_usd is 'US dollars that the call cost.';
comment on column public.api_usage.created_at is 'When the call was answered.';

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
    profiles.id, agents.id, left(call.endpoint, 255), call.method, call.status_code,
    call.response_time_ms, call.cost_usd,
    -- The clock of a function may differ; a reported call is recent.
    least(greatest(call.created_at, now() - interval '1 hour'), now())
  from jsonb_to_recordset(record_api_usage.calls) as call (
    user_id uuid, agent_id uuid, endpoint text, method text, status_code integer,
    response_time_ms integer,
    cost_usd numeric, created_at timestamptz
  )
  -- Caller and agent may have been deleted; the call still counts.
  left join public.profiles on profiles.id = call.user_id
  left join public.agents on agents.id = call.agent_id;
  get diagnostics recorded = row_count;
  return recorded;
end
$$;
comment on function public.record_api_usage(jsonb) is
  'Records calls of the edge functions, a list of {"user_id", "agent_id", "endpoint", "method", '
  '"status_code", "response_time_ms", "cost_usd", "created_at"}, and returns how many. Backend '
  'only.';
grant execute on function public.record_api_usage(jsonb) to service_role;

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
        / nullif(
          count(*) filter (where i.turn_state in ('succeeded', 'partial', 'failed')), 0
        ) as success_rate,
      percentile_disc(array[0.5, 0.95, 0.99]) within group (order by i.latency_ms) as latencies
    from public.usage_calendars calendars
    cross join lateral (
      select interactions.* from public.ai_interactions interactions
      where interactions.organization_id = calendars.organization_id
        and interactions.started_at >= private.day_start(
          performance_of_day.day, calendars.timezone
        )
        and interactions.started_at
          < (
            performance_of_day.day + 1
          )::timestamp at time zone calendars.timezone + interval '1 hour'
      -- Keeps the planner from reading the whole ledger at once instead.
      offset 0
    ) i
    where (i.started_at at time zone calendars.timezone)::date = performance_of_day.day
      and i.status <> 'deleted'
      and i.agent_id is not null
    group by i.agent_id
  )
  select figures.agent_id, metrics.metric_type, metrics.value, metrics.unit
  from figures
  -- Agents that were deleted since have figures, but no metrics.
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
comment on function private.performance_of_day(date) is
  'The metrics of each agent on a day of each paying organization''s calendar, without deleted '
  'interactions and metrics without a value.';
grant execute on function private.performance_of_day(date) to service_role;

create table private.measured_days (
  date date primary key,
  measured_at timestamptz not null default now()
);
comment on table private.measured_days is
  'Days that were recorded in agent_metrics. Clients write metrics too, so the rows themselves do '
  'not prove it.';
comment on column private.measured_days.date is 'The day.';
comment on column private.measured_days.measured_at is 'When it was measured last.';
grant select, insert, update on private.measured_days to service_role;

create function private.unmeasured_days()
returns setof private.due_item
language sql
stable
set search_path = ''
as $$
  select
    days.day::text,
    1::bigint,
    (days.day + 1)::timestamp at time zone 'UTC' + interval '12 hours'
  from (
    select (now() at time zone 'UTC')::date - ago as day from generate_series(1, 7) as ago
  ) days
  where not exists (select from private.measured_days where measured_days.date = days.day)
$$;
comment on function private.unmeasured_days() is
  'The last seven days, as far as they are not measured yet, for the job record-agent-metrics.';
grant execute on function private.unmeasured_days() to service_role;

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
  -- Runs for one day are serialized; the second replaces the result of the first.
  perform pg_advisory_xact_lock(
    private.lock_namespace('agent_metrics'), record_agent_metrics.date - date '2000-01-01'
  );
  delete from public.agent_metrics metrics
  where metrics.recorded_at = moment
    and metrics.metadata = stamp
    and metrics.metric_type in (
      'messages', 'tokens', 'cost', 'success_rate', 'latency_p50', 'latency_p95', 'latency_p99'
    );
  insert into public.agent_metrics (agent_id, metric_type, value, unit, metadata, recorded_at)
  select
    performance.agent_id, performance.metric_type, performance.value, performance.unit, stamp,
    moment
  from private.performance_of_day(record_agent_metrics.date) performance
  order by performance.agent_id, performance.metric_type;
  get diagnostics recorded = row_count;
  insert into private.measured_days as measured (date) values (record_agent_metrics.date)
  on conflict on constraint measured_days_pkey do update set measured_at = excluded.measured_at;
  return recorded;
end
$$;
comment on function public.record_agent_metrics(date) is
  'Records the metrics of each agent on a day, by default yesterday, in agent_metrics, and returns '
  'how many: messages, tokens, cost, success_rate, latency_p50, latency_p95, latency_p99, with '
  'metadata {"period": "day", "date": …}. Another run for the day replaces them. Backend only. '
  'Errors: PT400 date_required, date_in_future.';
grant execute on function public.record_agent_metrics(date) to service_role;

create function public.record_missing_agent_metrics()
returns integer
language sql
set search_path = ''
as $$
  select coalesce(sum(public.record_agent_metrics(days.item::date)), 0)::integer
  from private.unmeasured_days() days
$$;
comment on function public.record_missing_agent_metrics() is
  'record_agent_metrics() for each of the last seven days that is not measured yet. Backend only.';
grant execute on function public.record_missing_agent_metrics() to service_role;
