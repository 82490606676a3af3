-- Analytics: measurements, daily figures, activity scores, and the views that
-- dashboards read. Seeds 002 and 003. Everything here is derived from the
-- ledger, but for agent_metrics and api_usage, which are measured.

create table public.agent_metrics (
  id uuid primary key default gen_random_uuid(),
  agent_id uuid not null references public.agents (id) on delete cascade,
  metric_type text not null,
  value numeric(20, 10) not null,
  unit text,
  metadata jsonb not null default '{}',
  recorded_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  constraint metric_type_is_1_to_100_characters check (char_length(metric_type) between 1 and 100),
  constraint metric_unit_is_at_most_50_characters check (char_length(unit) <= 50)
);
comment on table public.agent_metrics is 'Measurements of an agent, such as response_time, accuracy, cost, success_rate. Seed 003.';
comment on column public.agent_metrics.id is 'Primary key.';
comment on column public.agent_metrics.agent_id is 'The agent.';
comment on column public.agent_metrics.metric_type is 'What was measured.';
comment on column public.agent_metrics.value is 'How much.';
comment on column public.agent_metrics.unit is 'Of what, such as ms, usd, percent, count.';
comment on column public.agent_metrics.metadata is 'Circumstances of the measurement.';
comment on column public.agent_metrics.recorded_at is 'When it was measured.';
comment on column public.agent_metrics.created_at is 'When the row was made.';

alter table public.agent_metrics enable row level security;
create policy "People read the metrics of agents that they see" on public.agent_metrics
  for select to authenticated using (agent_id in (select agents.id from public.agents));
create policy "Those who edit an agent record its metrics" on public.agent_metrics
  for insert to authenticated with check (agent_id in (select private.editable_agents()));
grant select on public.agent_metrics to authenticated;
grant insert (agent_id, metric_type, value, unit, metadata, recorded_at) on public.agent_metrics to authenticated;
grant select, insert, update, delete on public.agent_metrics to service_role;
create index idx_agent_metrics_agent_id on public.agent_metrics (agent_id, metric_type, recorded_at desc);
create index idx_agent_metrics_type on public.agent_metrics (metric_type);
create index idx_agent_metrics_recorded_at on public.agent_metrics (recorded_at);

create table public.api_usage (
  id uuid primary key default gen_random_uuid(),
  user_id uuid references public.profiles (id) on delete cascade,
  agent_id uuid references public.agents (id) on delete set null,
  endpoint text not null,
  method text not null,
  status_code integer not null,
  response_time_ms integer,
  cost_usd numeric(20, 10),
  created_at timestamptz not null default now(),
  constraint endpoint_is_1_to_255_characters check (char_length(endpoint) between 1 and 255),
  constraint method_is_an_http_method check (method ~ '^[A-Z]{1,10}$'),
  constraint status_code_is_an_http_status check (status_code between 100 and 599),
  constraint response_time_is_not_negative check (response_time_ms >= 0),
  constraint api_cost_is_not_negative check (cost_usd >= 0)
);
comment on table public.api_usage is 'Calls of the API. Seed 003.';
comment on column public.api_usage.id is 'Primary key.';
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

-- Daily figures ------------------------------------------------------------------

create table public.ai_usage_stats (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references public.profiles (id) on delete cascade,
  date date not null,
  total_interactions integer not null default 0,
  unique_agents_used integer not null default 0,
  total_duration_minutes integer not null default 0,
  feature_usage jsonb not null default '{}',
  vendor_usage jsonb not null default '{}',
  total_cost numeric(20, 10) not null default 0,
  total_input_tokens bigint not null default 0,
  total_output_tokens bigint not null default 0,
  avg_satisfaction real,
  avg_usefulness real,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (user_id, date)
);
comment on table public.ai_usage_stats is 'Figures per person and day. Seed 002. Written by update_daily_usage_stats().';
comment on column public.ai_usage_stats.id is 'Primary key.';
comment on column public.ai_usage_stats.user_id is 'The person.';
comment on column public.ai_usage_stats.date is 'The day, in the time zone of the organization that paid.';
comment on column public.ai_usage_stats.total_interactions is 'Interactions that began on that day; deleted ones do not count.';
comment on column public.ai_usage_stats.unique_agents_used is 'Different agents among them.';
comment on column public.ai_usage_stats.total_duration_minutes is 'Minutes, where they are known.';
comment on column public.ai_usage_stats.feature_usage is 'Interactions per feature of the agents used, {"coding": 3}.';
comment on column public.ai_usage_stats.vendor_usage is 'Per vendor, {"openai": {"interactions": 3, "cost": 0.02}}.';
comment on column public.ai_usage_stats.total_cost is 'US dollars, as far as prices are known.';
comment on column public.ai_usage_stats.total_input_tokens is 'Prompt tokens.';
comment on column public.ai_usage_stats.total_output_tokens is 'Tokens of the answers.';
comment on column public.ai_usage_stats.avg_satisfaction is 'Mean of the ratings given; null without any.';
comment on column public.ai_usage_stats.avg_usefulness is 'Mean of the ratings given; null without any.';
comment on column public.ai_usage_stats.created_at is 'When the row was made.';
comment on column public.ai_usage_stats.updated_at is 'Last change.';

alter table public.ai_usage_stats enable row level security;
create policy "People read their own figures" on public.ai_usage_stats
  for select to authenticated using (user_id = (select auth.uid()));
grant select on public.ai_usage_stats to authenticated;
grant select, insert, update, delete on public.ai_usage_stats to service_role;
create index idx_ai_usage_stats_user_date on public.ai_usage_stats (user_id, date desc);
create index ai_usage_stats_date_idx on public.ai_usage_stats (date);
create trigger update_ai_usage_stats_updated_at before update on public.ai_usage_stats
  for each row execute function public.update_updated_at_column();

create table public.agent_usage_daily (
  id uuid primary key default gen_random_uuid(),
  agent_id uuid not null references public.agents (id) on delete cascade,
  organization_id uuid not null references public.organizations (id) on delete cascade,
  date date not null,
  total_interactions integer not null default 0,
  failed_interactions integer not null default 0,
  unique_users integer not null default 0,
  total_cost numeric(20, 10) not null default 0,
  total_input_tokens bigint not null default 0,
  total_output_tokens bigint not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (agent_id, organization_id, date)
);
comment on table public.agent_usage_daily is 'Figures per agent, paying organization and day. Written by update_daily_usage_stats().';
comment on column public.agent_usage_daily.id is 'Primary key.';
comment on column public.agent_usage_daily.agent_id is 'The agent.';
comment on column public.agent_usage_daily.organization_id is 'The organization that paid.';
comment on column public.agent_usage_daily.date is 'The day, in that organization''s time zone.';
comment on column public.agent_usage_daily.total_interactions is 'Interactions that began on that day; deleted ones do not count.';
comment on column public.agent_usage_daily.failed_interactions is 'Turns among them that failed.';
comment on column public.agent_usage_daily.unique_users is 'Different people among them.';
comment on column public.agent_usage_daily.total_cost is 'US dollars, as far as prices are known.';
comment on column public.agent_usage_daily.total_input_tokens is 'Prompt tokens.';
comment on column public.agent_usage_daily.total_output_tokens is 'Tokens of the answers.';
comment on column public.agent_usage_daily.created_at is 'When the row was made.';
comment on column public.agent_usage_daily.updated_at is 'Last change.';

alter table public.agent_usage_daily enable row level security;
create policy "Members read their organizations' figures" on public.agent_usage_daily
  for select to authenticated using (organization_id in (select private.my_organizations('viewer')));
grant select on public.agent_usage_daily to authenticated;
grant select, insert, update, delete on public.agent_usage_daily to service_role;
create index agent_usage_daily_organization_id_idx on public.agent_usage_daily (organization_id, date desc);
create index agent_usage_daily_date_idx on public.agent_usage_daily (date);
create trigger update_agent_usage_daily_updated_at before update on public.agent_usage_daily
  for each row execute function public.update_updated_at_column();

create function private.interactions_of_day(day date)
returns setof public.ai_interactions
language sql
stable
set search_path = ''
as $$
  select interactions.*
  from public.ai_interactions interactions
  join public.organizations on organizations.id = interactions.organization_id
  -- No time zone is further from UTC than 14 hours: the range lets an index do
  -- most of the work, the exact test follows.
  where interactions.started_at >= interactions_of_day.day::timestamp at time zone 'UTC' - interval '14 hours'
    and interactions.started_at < (interactions_of_day.day + 1)::timestamp at time zone 'UTC' + interval '14 hours'
    and (interactions.started_at at time zone organizations.timezone)::date = interactions_of_day.day
    and interactions.status <> 'deleted'
$$;
comment on function private.interactions_of_day(date) is 'Interactions that began on a day, as the paying organization''s calendar has it; deleted ones left out.';
grant execute on function private.interactions_of_day(date) to service_role;

create function private.write_usage_stats(day date)
returns void
language sql
set search_path = ''
as $$
  with interactions as materialized (
    select * from private.interactions_of_day(write_usage_stats.day) where user_id is not null
  ),
  vendors as (
    select per_vendor.user_id, jsonb_object_agg(
      per_vendor.vendor_id, jsonb_build_object('interactions', per_vendor.interactions, 'cost', per_vendor.cost)
    ) as usage
    from (
      select i.user_id, coalesce(i.vendor_id, agents.vendor_id) as vendor_id, count(*) as interactions,
        trim_scale(coalesce(sum(i.total_cost), 0)) as cost
      from interactions i
      left join public.agents on agents.id = i.agent_id
      where coalesce(i.vendor_id, agents.vendor_id) is not null
      group by i.user_id, coalesce(i.vendor_id, agents.vendor_id)
    ) per_vendor
    group by per_vendor.user_id
  ),
  features as (
    select per_feature.user_id, jsonb_object_agg(per_feature.feature_id, per_feature.interactions) as usage
    from (
      select i.user_id, mappings.feature_id, count(*) as interactions
      from interactions i
      join public.agent_feature_mappings mappings on mappings.agent_id = i.agent_id
      group by i.user_id, mappings.feature_id
    ) per_feature
    group by per_feature.user_id
  )
  insert into public.ai_usage_stats as stats (
    user_id, date, total_interactions, unique_agents_used, total_duration_minutes, feature_usage, vendor_usage,
    total_cost, total_input_tokens, total_output_tokens, avg_satisfaction, avg_usefulness
  )
  select
    i.user_id, write_usage_stats.day, count(*), count(distinct i.agent_id), coalesce(sum(i.duration_minutes), 0),
    coalesce((select features.usage from features where features.user_id = i.user_id), '{}'),
    coalesce((select vendors.usage from vendors where vendors.user_id = i.user_id), '{}'),
    coalesce(sum(i.total_cost), 0), sum(i.input_tokens), sum(i.output_tokens),
    avg(i.satisfaction_rating), avg(i.usefulness_rating)
  from interactions i
  group by i.user_id
  order by i.user_id
  on conflict (user_id, date) do update set
    total_interactions = excluded.total_interactions,
    unique_agents_used = excluded.unique_agents_used,
    total_duration_minutes = excluded.total_duration_minutes,
    feature_usage = excluded.feature_usage,
    vendor_usage = excluded.vendor_usage,
    total_cost = excluded.total_cost,
    total_input_tokens = excluded.total_input_tokens,
    total_output_tokens = excluded.total_output_tokens,
    avg_satisfaction = excluded.avg_satisfaction,
    avg_usefulness = excluded.avg_usefulness
$$;
comment on function private.write_usage_stats(date) is 'Writes ai_usage_stats of a day from the ledger.';
grant execute on function private.write_usage_stats(date) to service_role;

create function private.write_agent_usage(day date)
returns void
language sql
set search_path = ''
as $$
  insert into public.agent_usage_daily as stats (
    agent_id, organization_id, date, total_interactions, failed_interactions, unique_users, total_cost,
    total_input_tokens, total_output_tokens
  )
  select
    i.agent_id, i.organization_id, write_agent_usage.day, count(*), count(*) filter (where i.turn_state = 'failed'),
    count(distinct i.user_id), coalesce(sum(i.total_cost), 0), sum(i.input_tokens), sum(i.output_tokens)
  from private.interactions_of_day(write_agent_usage.day) i
  where i.agent_id is not null
  group by i.agent_id, i.organization_id
  order by i.agent_id, i.organization_id
  on conflict (agent_id, organization_id, date) do update set
    total_interactions = excluded.total_interactions,
    failed_interactions = excluded.failed_interactions,
    unique_users = excluded.unique_users,
    total_cost = excluded.total_cost,
    total_input_tokens = excluded.total_input_tokens,
    total_output_tokens = excluded.total_output_tokens
$$;
comment on function private.write_agent_usage(date) is 'Writes agent_usage_daily of a day from the ledger.';
grant execute on function private.write_agent_usage(date) to service_role;

create function public.update_daily_usage_stats(date date default (now() at time zone 'UTC')::date - 1)
returns void
language plpgsql
set search_path = ''
as $$
begin
  if update_daily_usage_stats.date is null then
    perform private.refuse(400, 'date_required', 'The day to count is missing.');
  end if;
  -- A day begins in the easternmost time zone 14 hours before it does in UTC.
  if update_daily_usage_stats.date > (now() at time zone 'UTC' + interval '14 hours')::date then
    perform private.refuse(400, 'date_in_future', format('The day %s has not begun anywhere.', update_daily_usage_stats.date));
  end if;

  -- Two runs for one day wait for each other; the second finds nothing to change.
  perform pg_advisory_xact_lock(hashtext('update_daily_usage_stats'), update_daily_usage_stats.date - date '2000-01-01');
  delete from public.ai_usage_stats stats
  where stats.date = update_daily_usage_stats.date
    and not exists (
      select from private.interactions_of_day(update_daily_usage_stats.date) i where i.user_id = stats.user_id
    );
  delete from public.agent_usage_daily stats
  where stats.date = update_daily_usage_stats.date
    and not exists (
      select from private.interactions_of_day(update_daily_usage_stats.date) i
      where i.agent_id = stats.agent_id and i.organization_id = stats.organization_id
    );
  perform private.write_usage_stats(update_daily_usage_stats.date);
  perform private.write_agent_usage(update_daily_usage_stats.date);
end
$$;
comment on function public.update_daily_usage_stats(date) is
  'Counts a day anew, yesterday where none is given, for everyone: afterwards ai_usage_stats and agent_usage_daily of that day equal the ledger. Idempotent, safe twice at once. Backend only. Errors: PT400 date_required, date_in_future.';
grant execute on function public.update_daily_usage_stats(date) to service_role;

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

create function private.score_agents(agent_id uuid default null)
returns integer
language sql
security definer
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
    where agents.id = coalesce(score_agents.agent_id, agents.id)
      and (agents.last_used_at is not null or agents.activity_score > 0)
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
comment on function private.score_agents(uuid) is 'Writes the activity score of one agent, or of all that were ever used, and returns how many changed.';
grant execute on function private.score_agents(uuid) to authenticated, service_role;

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

-- Usage by any measure --------------------------------------------------------------

create function private.check_days(from_date date, to_date date)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  if from_date is null or to_date is null then
    perform private.refuse(400, 'date_required', 'The days to count are missing.', 'Name the first and the last day.');
  end if;
  if from_date > to_date then
    perform private.refuse(400, 'range_backwards', format('The range ends on %s, before it begins on %s.', to_date, from_date));
  end if;
  -- A day begins in the easternmost time zone 14 hours before it does in UTC.
  if to_date > (now() at time zone 'UTC' + interval '14 hours')::date then
    perform private.refuse(400, 'date_in_future', format('The day %s has not begun anywhere.', to_date));
  end if;
end
$$;
comment on function private.check_days(date, date) is 'Refuses a range of days that is incomplete, runs backwards or reaches into the future. Errors: PT400 date_required, range_backwards, date_in_future.';
grant execute on function private.check_days(date, date) to authenticated, service_role;

create function private.usage_labels(by text)
returns table (key text, label text)
language sql
stable
set search_path = ''
as $$
  select organizations.id::text, organizations.name from public.organizations where usage_labels.by = 'organization'
  union all
  select agents.id::text, agents.name from public.agents where usage_labels.by = 'agent'
  union all
  select vendors.id, vendors.name from public.vendors where usage_labels.by = 'vendor'
  union all
  select features.id, features.name from public.agent_features features where usage_labels.by = 'feature'
  union all
  select people.id::text, max(coalesce(people.full_name, people.email))
  from (
    select profiles.id, profiles.full_name, profiles.email from public.profiles
    union all
    select people.user_id, people.full_name, people.email from private.people_of_my_organizations() people
  ) people
  where usage_labels.by = 'user'
  group by people.id
$$;
comment on function private.usage_labels(text) is 'Names of what usage is counted by, as far as the caller sees them.';
grant execute on function private.usage_labels(text) to authenticated, service_role;

create function public.get_usage(by text, from_date date, to_date date, organization_id uuid default null)
returns table (
  key text,
  label text,
  interactions bigint,
  failed bigint,
  input_tokens numeric,
  output_tokens numeric,
  total_cost numeric,
  unpriced bigint,
  avg_satisfaction numeric,
  avg_usefulness numeric,
  satisfaction_ratings bigint,
  usefulness_ratings bigint
)
language plpgsql
stable
set search_path = ''
as $$
begin
  if get_usage.by is null or get_usage.by not in ('day', 'organization', 'user', 'agent', 'model', 'vendor', 'feature') then
    perform private.refuse(
      400, 'measure_unknown', format('Usage is not counted by "%s".', get_usage.by),
      'Ask for day, organization, user, agent, model, vendor or feature.'
    );
  end if;
  perform private.check_days(from_date, to_date);
  if get_usage.organization_id is not null
    and not exists (select from public.organizations where organizations.id = get_usage.organization_id) then
    perform private.refuse(404, 'organization_not_found', 'There is no such organization, or it is not yours to see.');
  end if;
  return query
  with rows as (
    select
      i.*,
      case get_usage.by
        when 'day' then (i.started_at at time zone organizations.timezone)::date::text
        when 'organization' then i.organization_id::text
        when 'user' then i.user_id::text
        when 'agent' then i.agent_id::text
        when 'model' then i.model_name
        when 'vendor' then i.vendor_id
        when 'feature' then mappings.feature_id
      end as key
    from public.ai_interactions i
    join public.organizations on organizations.id = i.organization_id
    left join public.agent_feature_mappings mappings on get_usage.by = 'feature' and mappings.agent_id = i.agent_id
    where organizations.id = coalesce(get_usage.organization_id, organizations.id)
      and i.started_at >= from_date::timestamp at time zone organizations.timezone
      and i.started_at < (to_date + 1)::timestamp at time zone organizations.timezone
      and i.status <> 'deleted'
  )
  select
    rows.key, coalesce(labels.label, rows.key), count(*), count(*) filter (where rows.turn_state = 'failed'),
    sum(rows.input_tokens), sum(rows.output_tokens), coalesce(sum(rows.total_cost), 0),
    count(*) filter (where rows.total_cost is null and rows.input_tokens + rows.output_tokens > 0),
    round(avg(rows.satisfaction_rating), 4), round(avg(rows.usefulness_rating), 4),
    count(rows.satisfaction_rating), count(rows.usefulness_rating)
  from rows
  left join private.usage_labels(get_usage.by) labels on labels.key = rows.key
  group by rows.key, labels.label
  order by case when get_usage.by = 'day' then rows.key end, coalesce(sum(rows.total_cost), 0) desc, count(*) desc, rows.key;
end
$$;
comment on function public.get_usage(text, date, date, uuid) is
  'Usage from the first to the last day, both counted, as far as the caller sees it: a row per day, organization, user, agent, model, vendor or feature, as "by" says; of one organization if given. key is null for what has none. Days come in order, all else by falling cost. unpriced counts interactions that used tokens and have no cost. The averages come with the number of ratings behind them, so that they can be put together. An interaction counts for each feature of its agent. Errors: PT400 measure_unknown, date_required, range_backwards, date_in_future, PT404 organization_not_found.';
grant execute on function public.get_usage(text, date, date, uuid) to authenticated, service_role;

-- What dashboards read -----------------------------------------------------------------

create function public.get_agent_usage_summary(agent_id uuid, days integer default 30)
returns table (
  total_interactions bigint,
  total_cost numeric,
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
  select
    count(*), coalesce(sum(i.total_cost), 0), coalesce(sum(i.input_tokens), 0), coalesce(sum(i.output_tokens), 0),
    coalesce(sum(i.duration_minutes), 0)::bigint, round(avg(i.satisfaction_rating), 2), round(avg(i.usefulness_rating), 2),
    count(*) filter (where i.turn_state = 'failed'), min(i.started_at), max(i.started_at)
  from public.ai_interactions i
  where i.agent_id = get_agent_usage_summary.agent_id
    and i.started_at > now() - make_interval(days => get_agent_usage_summary.days)
    and i.status <> 'deleted';
end
$$;
comment on function public.get_agent_usage_summary(uuid, integer) is 'What an agent was used for over the last so many days, as far as the caller sees its interactions: one row. Errors: PT400 days_out_of_range, PT404 agent_not_found.';
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
    count(*) as total_interactions,
    coalesce(sum(i.total_cost), 0) as total_cost,
    coalesce(sum(i.input_tokens), 0) as total_input_tokens,
    coalesce(sum(i.output_tokens), 0) as total_output_tokens,
    round(avg(i.satisfaction_rating), 2) as avg_satisfaction,
    round(avg(i.usefulness_rating), 2) as avg_usefulness
  from public.ai_interactions i
  where i.agent_id = agents.id and i.status <> 'deleted'
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
comment on column public.agent_summary.total_cost is 'US dollars of those, as far as prices are known.';
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
comment on view public.recent_interactions is 'Interactions that the caller sees, latest first, with the names of agent, vendor and kind. Seed 002.';
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
comment on column public.recent_interactions.total_cost is 'US dollars; null while no price is known.';
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
