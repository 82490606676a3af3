-- The current state of what 001010_usage_rollup_tables.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table public.usage_agent_rollup (
  agent_id uuid not null,
  calendar_id bigint not null,
  organization_id uuid not null,
  interactions bigint default 0 not null,
  failed bigint default 0 not null,
  unpriced bigint default 0 not null,
  recorded bigint default 0 not null,
  input_tokens numeric default 0 not null,
  output_tokens numeric default 0 not null,
  total_cost numeric default 0 not null,
  recorded_cost numeric default 0 not null,
  duration_minutes bigint default 0 not null,
  satisfaction_sum bigint default 0 not null,
  satisfaction_count bigint default 0 not null,
  usefulness_sum bigint default 0 not null,
  usefulness_count bigint default 0 not null,
  created_at timestamp with time zone default now() not null,
  constraint usage_agent_rollup_pkey PRIMARY KEY (agent_id, calendar_id)
);
alter table public.usage_agent_rollup enable row level security;
create policy "Members read their organizations' usage of agents" on public.usage_agent_rollup
  as permissive for select to authenticated
  using ((calendar_id = ANY (ARRAY( SELECT private.my_calendars() AS my_calendars))));
grant select on public.usage_agent_rollup to authenticated;
grant select on public.usage_agent_rollup to service_role;
CREATE INDEX usage_agent_rollup_calendar_id_idx ON public.usage_agent_rollup USING btree (calendar_id);

create table public.usage_daily_rollup (
  id bigint generated always as identity not null,
  calendar_id bigint not null,
  date date not null,
  organization_id uuid not null,
  user_id uuid,
  agent_id uuid,
  vendor_id text,
  model_name text,
  interactions bigint default 0 not null,
  failed bigint default 0 not null,
  unpriced bigint default 0 not null,
  recorded bigint default 0 not null,
  input_tokens numeric default 0 not null,
  output_tokens numeric default 0 not null,
  total_cost numeric default 0 not null,
  recorded_cost numeric default 0 not null,
  duration_minutes bigint default 0 not null,
  satisfaction_sum bigint default 0 not null,
  satisfaction_count bigint default 0 not null,
  usefulness_sum bigint default 0 not null,
  usefulness_count bigint default 0 not null,
  created_at timestamp with time zone default now() not null,
  constraint usage_daily_rollup_pkey PRIMARY KEY (calendar_id, date, id),
  constraint usage_daily_rollup_agent_id_calendar_id_date_user_id_vendor_key UNIQUE NULLS NOT DISTINCT (agent_id, calendar_id, date, user_id, vendor_id, model_name)
);
alter table public.usage_daily_rollup enable row level security;
create policy "Members read their organizations' daily usage" on public.usage_daily_rollup
  as permissive for select to authenticated
  using ((calendar_id = ANY (ARRAY( SELECT private.my_calendars() AS my_calendars))));
grant select on public.usage_daily_rollup to authenticated;
grant select on public.usage_daily_rollup to service_role;
CREATE INDEX idx_ai_usage_stats_user_date ON public.usage_daily_rollup USING btree (user_id, date DESC);
CREATE INDEX usage_daily_rollup_empty_idx ON public.usage_daily_rollup USING btree (calendar_id) WHERE (interactions = 0);
CREATE TRIGGER add_to_agent_rollup AFTER INSERT ON public.usage_daily_rollup REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION private.add_to_agent_rollup();
CREATE TRIGGER update_agent_rollup AFTER UPDATE ON public.usage_daily_rollup REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION private.update_agent_rollup();

-- Functions --------------------------------------------------------------------------------------

create function private.add_to_agent_rollup()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  insert into public.usage_agent_rollup as rollup (
    agent_id, calendar_id, organization_id,
    -- each measure: {name}
    interactions, failed, unpriced, recorded, input_tokens, output_tokens, total_cost,
    recorded_cost, duration_minutes, satisfaction_sum, satisfaction_count, usefulness_sum,
    usefulness_count
    -- end
  )
  select
    added.agent_id, added.calendar_id, added.organization_id,
    -- each measure: sum(added.{name})
    sum(added.interactions), sum(added.failed), sum(added.unpriced), sum(added.recorded),
    sum(added.input_tokens), sum(added.output_tokens), sum(added.total_cost),
    sum(added.recorded_cost), sum(added.duration_minutes), sum(added.satisfaction_sum),
    sum(added.satisfaction_count), sum(added.usefulness_sum), sum(added.usefulness_count)
    -- end
  from added
  where added.agent_id is not null
  group by added.agent_id, added.calendar_id, added.organization_id
  order by added.agent_id, added.calendar_id
  on conflict (agent_id, calendar_id) do update set
    -- each measure: {name} = rollup.{name} + excluded.{name}
    interactions = rollup.interactions + excluded.interactions,
    failed = rollup.failed + excluded.failed, unpriced = rollup.unpriced + excluded.unpriced,
    recorded = rollup.recorded + excluded.recorded,
    input_tokens = rollup.input_tokens + excluded.input_tokens,
    output_tokens = rollup.output_tokens + excluded.output_tokens,
    total_cost = rollup.total_cost + excluded.total_cost,
    recorded_cost = rollup.recorded_cost + excluded.recorded_cost,
    duration_minutes = rollup.duration_minutes + excluded.duration_minutes,
    satisfaction_sum = rollup.satisfaction_sum + excluded.satisfaction_sum,
    satisfaction_count = rollup.satisfaction_count + excluded.satisfaction_count,
    usefulness_sum = rollup.usefulness_sum + excluded.usefulness_sum,
    usefulness_count = rollup.usefulness_count + excluded.usefulness_count
    -- end
  ;
  return null;
end
$body$;

create function private.update_agent_rollup()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  insert into public.usage_agent_rollup as rollup (
    agent_id, calendar_id, organization_id,
    -- each measure: {name}
    interactions, failed, unpriced, recorded, input_tokens, output_tokens, total_cost,
    recorded_cost, duration_minutes, satisfaction_sum, satisfaction_count, usefulness_sum,
    usefulness_count
    -- end
  )
  select
    parts.agent_id, parts.calendar_id, parts.organization_id,
    -- each measure: sum(parts.sign * parts.{name})
    sum(parts.sign * parts.interactions), sum(parts.sign * parts.failed),
    sum(parts.sign * parts.unpriced), sum(parts.sign * parts.recorded),
    sum(parts.sign * parts.input_tokens), sum(parts.sign * parts.output_tokens),
    sum(parts.sign * parts.total_cost), sum(parts.sign * parts.recorded_cost),
    sum(parts.sign * parts.duration_minutes), sum(parts.sign * parts.satisfaction_sum),
    sum(parts.sign * parts.satisfaction_count), sum(parts.sign * parts.usefulness_sum),
    sum(parts.sign * parts.usefulness_count)
    -- end
  from (
    -- Not a join of the two: the planner cannot know how large they are.
    select added.*, 1 as sign from added
    union all
    select removed.*, -1 from removed
  ) parts
  where parts.agent_id is not null
  group by parts.agent_id, parts.calendar_id, parts.organization_id
  order by parts.agent_id, parts.calendar_id
  on conflict (agent_id, calendar_id) do update set
    -- each measure: {name} = rollup.{name} + excluded.{name}
    interactions = rollup.interactions + excluded.interactions,
    failed = rollup.failed + excluded.failed, unpriced = rollup.unpriced + excluded.unpriced,
    recorded = rollup.recorded + excluded.recorded,
    input_tokens = rollup.input_tokens + excluded.input_tokens,
    output_tokens = rollup.output_tokens + excluded.output_tokens,
    total_cost = rollup.total_cost + excluded.total_cost,
    recorded_cost = rollup.recorded_cost + excluded.recorded_cost,
    duration_minutes = rollup.duration_minutes + excluded.duration_minutes,
    satisfaction_sum = rollup.satisfaction_sum + excluded.satisfaction_sum,
    satisfaction_count = rollup.satisfaction_count + excluded.satisfaction_count,
    usefulness_sum = rollup.usefulness_sum + excluded.usefulness_sum,
    usefulness_count = rollup.usefulness_count + excluded.usefulness_count
    -- end
  ;
  return null;
end
$body$;
