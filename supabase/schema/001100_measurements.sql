-- The current state of what 001100_measurements.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table private.measured_days (
  date date not null,
  measured_at timestamp with time zone default now() not null,
  constraint measured_days_pkey PRIMARY KEY (date)
);
grant insert, select, update on private.measured_days to service_role;

create table public.agent_metrics (
  id uuid default gen_random_uuid() not null,
  agent_id uuid not null,
  metric_type text not null,
  value numeric(30,10) not null,
  unit text,
  metadata jsonb default '{}'::jsonb not null,
  recorded_at timestamp with time zone default now() not null,
  created_at timestamp with time zone default now() not null,
  constraint agent_metrics_pkey PRIMARY KEY (id, created_at),
  constraint agent_metrics_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES public.agents(id) ON DELETE CASCADE,
  constraint metric_metadata_is_at_most_256_kib_and_64_levels CHECK (private.is_document(metadata)),
  constraint metric_recorded_at_is_from_1970_to_2199 CHECK (private.is_calendar_time(recorded_at)),
  constraint metric_type_has_no_control_characters CHECK (private.is_plain(metric_type)),
  constraint metric_type_is_1_to_100_characters CHECK (((char_length(metric_type) >= 1) AND (char_length(metric_type) <= 100))),
  constraint metric_unit_has_no_control_characters CHECK (private.is_plain(unit)),
  constraint metric_unit_is_at_most_50_characters CHECK ((char_length(unit) <= 50))
);
alter table public.agent_metrics enable row level security;
create policy "People read the metrics of agents that they see" on public.agent_metrics
  as permissive for select to authenticated
  using ((EXISTS ( SELECT
   FROM public.agents
  WHERE ((agents.id = agent_metrics.agent_id) AND (NOT agents.is_platform)))));
create policy "Those who edit an agent record its metrics" on public.agent_metrics
  as permissive for insert to authenticated
  with check ((EXISTS ( SELECT
   FROM private.editable_agents
  WHERE (editable_agents.id = agent_metrics.agent_id))));
grant delete, insert, select, update on public.agent_metrics to service_role;
grant insert (agent_id, metric_type, value, unit, metadata, recorded_at), select on public.agent_metrics to authenticated;
CREATE INDEX idx_agent_metrics_agent_id ON ONLY public.agent_metrics USING btree (agent_id, metric_type, recorded_at DESC);
CREATE INDEX idx_agent_metrics_recorded_at ON ONLY public.agent_metrics USING btree (recorded_at);
CREATE INDEX idx_agent_metrics_type ON ONLY public.agent_metrics USING btree (metric_type);
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE OF id, metadata, recorded_at, created_at ON public.agent_metrics FOR EACH ROW WHEN ((num_nulls(new.id, NULLIF(new.metadata, 'null'::jsonb), new.recorded_at, new.created_at) > 0)) EXECUTE FUNCTION private.apply_defaults();

create table public.api_usage (
  id uuid default gen_random_uuid() not null,
  user_id uuid,
  agent_id uuid,
  endpoint text not null,
  method text not null,
  status_code integer not null,
  response_time_ms integer,
  cost_usd numeric(20,10),
  created_at timestamp with time zone default now() not null,
  constraint api_usage_pkey PRIMARY KEY (id, created_at),
  constraint api_usage_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES public.agents(id) ON DELETE SET NULL,
  constraint api_usage_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE,
  constraint api_cost_is_not_negative CHECK ((cost_usd >= (0)::numeric)),
  constraint endpoint_is_1_to_255_characters CHECK (((char_length(endpoint) >= 1) AND (char_length(endpoint) <= 255))),
  constraint method_is_an_http_method CHECK ((method ~ '^[A-Z]{1,10}$'::text)),
  constraint response_time_is_not_negative CHECK ((response_time_ms >= 0)),
  constraint status_code_is_an_http_status CHECK (((status_code >= 100) AND (status_code <= 599)))
);
alter table public.api_usage enable row level security;
create policy "People read their own calls" on public.api_usage
  as permissive for select to authenticated
  using ((user_id = ( SELECT auth.uid() AS uid)));
grant delete, insert, select, update on public.api_usage to service_role;
grant select on public.api_usage to authenticated;
CREATE INDEX idx_api_usage_agent_id ON ONLY public.api_usage USING btree (agent_id);
CREATE INDEX idx_api_usage_created_at ON ONLY public.api_usage USING btree (created_at);
CREATE INDEX idx_api_usage_user_id ON ONLY public.api_usage USING btree (user_id, created_at DESC);
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE OF id, created_at ON public.api_usage FOR EACH ROW WHEN ((num_nulls(new.id, new.created_at) > 0)) EXECUTE FUNCTION private.apply_defaults();

-- Functions --------------------------------------------------------------------------------------

create function private.performance_of_day(day date)
returns TABLE(agent_id uuid, metric_type text, value numeric, unit text)
language sql stable security invoker
set search_path=""
as $body$
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
$body$;
grant execute on function private.performance_of_day(date) to service_role;

create function private.unmeasured_days()
returns SETOF private.due_item
language sql stable security invoker
set search_path=""
as $body$
  select
    days.day::text,
    1::bigint,
    (days.day + 1)::timestamp at time zone 'UTC' + interval '12 hours'
  from (
    select (now() at time zone 'UTC')::date - ago as day from generate_series(1, 7) as ago
  ) days
  where not exists (select from private.measured_days where measured_days.date = days.day)
$body$;
grant execute on function private.unmeasured_days() to service_role;

create function public.record_agent_metrics(date date DEFAULT (((now() AT TIME ZONE 'UTC'::text))::date - 1))
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
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
$body$;
grant execute on function public.record_agent_metrics(date) to service_role;

create function public.record_api_usage(calls jsonb)
returns integer
language plpgsql volatile security definer
set search_path=""
as $body$
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
$body$;
grant execute on function public.record_api_usage(jsonb) to agentbase_functions;

create function public.record_missing_agent_metrics()
returns integer
language sql volatile security invoker
set search_path=""
as $body$
  select coalesce(sum(public.record_agent_metrics(days.item::date)), 0)::integer
  from private.unmeasured_days() days
$body$;
grant execute on function public.record_missing_agent_metrics() to service_role;
