-- The rollups of usage: per day, and per agent over all days.

create table public.usage_daily_rollup (
  id bigint not null generated always as identity,
  calendar_id bigint not null,
  date date not null,
  like private.usage_dimensions including comments,
  like private.usage_measures including comments including defaults,
  created_at timestamptz not null default now(),
  -- By calendar and day, for reading a range; the id makes it unique.
  primary key (calendar_id, date, id),
  unique nulls not distinct (agent_id, calendar_id, date, user_id, vendor_id, model_name)
) with (fillfactor = 80);
comment on table public.usage_daily_rollup is
  'Usage that is rolled up, per calendar, day, person, agent, vendor and model. Incomplete by '
  'itself: read daily_usage.';
comment on column public.usage_daily_rollup.id is 'Distinguishes the rows of a day.';
comment on column public.usage_daily_rollup.calendar_id is
  'The calendar of the organization that paid. Not a foreign key: the rows of a deleted calendar '
  'are removed in the background.';
comment on column public.usage_daily_rollup.date is 'The day, in the calendar''s time zone.';
comment on column public.usage_daily_rollup.created_at is
  'When the usage daily rollup was created.';

alter table public.usage_daily_rollup enable row level security;
create policy "Members read their organizations' daily usage" on public.usage_daily_rollup
  for select to authenticated using (calendar_id = any (array(select private.my_calendars())));
grant select on public.usage_daily_rollup to authenticated, service_role;
create index idx_ai_usage_stats_user_date on public.usage_daily_rollup (user_id, date desc);
create index usage_daily_rollup_empty_idx
  on public.usage_daily_rollup (calendar_id)
  where interactions = 0;

create table public.usage_agent_rollup (
  agent_id uuid not null,
  calendar_id bigint not null,
  organization_id uuid not null,
  like private.usage_measures including comments including defaults,
  created_at timestamptz not null default now(),
  primary key (agent_id, calendar_id)
) with (fillfactor = 80);
comment on table public.usage_agent_rollup is
  'usage_daily_rollup, summed over all days per agent and calendar. Incomplete by itself: read '
  'agent_usage.';
comment on column public.usage_agent_rollup.agent_id is
  'The agent whose usage of all days the row sums up.';
comment on column public.usage_agent_rollup.calendar_id is
  'The calendar of the organization that paid.';
comment on column public.usage_agent_rollup.organization_id is 'The organization that paid for it.';
comment on column public.usage_agent_rollup.created_at is
  'When the usage agent rollup was created.';

alter table public.usage_agent_rollup enable row level security;
create policy "Members read their organizations' usage of agents" on public.usage_agent_rollup
  for select to authenticated using (calendar_id = any (array(select private.my_calendars())));
grant select on public.usage_agent_rollup to authenticated, service_role;
create index usage_agent_rollup_calendar_id_idx on public.usage_agent_rollup (calendar_id);

create function private.add_to_agent_rollup()
returns trigger
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.add_to_agent_rollup() is
  'Trigger: adds new rows of usage_daily_rollup to usage_agent_rollup.';
create trigger add_to_agent_rollup after insert on public.usage_daily_rollup
  referencing new table as added
  for each statement execute function private.add_to_agent_rollup();

create function private.update_agent_rollup()
returns trigger
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.update_agent_rollup() is
  'Trigger: adds the difference that an update of usage_daily_rollup made, whose dimensions do not '
  'change, to usage_agent_rollup.';
create trigger update_agent_rollup after update on public.usage_daily_rollup
  referencing old table as removed new table as added
  for each statement execute function private.update_agent_rollup();
