-- Counts of each day, and their sums for each agent.

create table public.usage_counts (
  id bigint not null generated always as identity,
  calendar_id bigint not null,
  organization_id uuid not null,
  date date not null,
  user_id uuid,
  agent_id uuid,
  vendor_id text,
  model_name text,
  interactions integer not null default 0,
  failed integer not null default 0,
  unpriced integer not null default 0,
  recorded integer not null default 0,
  input_tokens bigint not null default 0,
  output_tokens bigint not null default 0,
  total_cost numeric not null default 0,
  recorded_cost numeric not null default 0,
  duration_minutes bigint not null default 0,
  satisfaction_sum integer not null default 0,
  satisfaction_count integer not null default 0,
  usefulness_sum integer not null default 0,
  usefulness_count integer not null default 0,
  created_at timestamptz not null default now(),
  -- By calendar and day, for whoever reads a range; the number makes it unique.
  primary key (calendar_id, date, id),
  unique nulls not distinct (agent_id, calendar_id, date, user_id, vendor_id, model_name)
) with (fillfactor = 80);
comment on table public.usage_counts is
  'What is counted so far, summed up per calendar, day, person, agent, vendor and model. Alone '
  'it is incomplete: read daily_usage.';
comment on column public.usage_counts.id is 'Number of the row.';
comment on column public.usage_counts.calendar_id is
  'The calendar of the organization that paid. No foreign key: the counts of a calendar that is '
  'gone are removed in the background.';
comment on column public.usage_counts.organization_id is
  'The organization that paid: the calendar''s.';
comment on column public.usage_counts.date is 'The day, in the calendar''s time zone.';
comment on column public.usage_counts.user_id is 'The person; null once the account is gone.';
comment on column public.usage_counts.agent_id is 'The agent; null once it is gone.';
comment on column public.usage_counts.vendor_id is 'Who was called; null where nobody is known.';
comment on column public.usage_counts.model_name is
  'The model that answered, its first 255 characters; null where none is known.';
comment on column public.usage_counts.interactions is 'Interactions; deleted ones do not count.';
comment on column public.usage_counts.failed is 'Turns among them that failed.';
comment on column public.usage_counts.unpriced is
  'Turns among them that used tokens and have no cost, because no price is known.';
comment on column public.usage_counts.recorded is
  'Those among them that a person recorded by hand.';
comment on column public.usage_counts.input_tokens is 'Prompt tokens.';
comment on column public.usage_counts.output_tokens is 'Tokens of the answers.';
comment on column public.usage_counts.total_cost is
  'US dollars that turns cost, as far as prices are known.';
comment on column public.usage_counts.recorded_cost is
  'US dollars that people recorded by hand; no part of total_cost.';
comment on column public.usage_counts.duration_minutes is 'Minutes, where they are known.';
comment on column public.usage_counts.satisfaction_sum is 'Sum of the ratings given.';
comment on column public.usage_counts.satisfaction_count is 'How many were given.';
comment on column public.usage_counts.usefulness_sum is 'Sum of the ratings given.';
comment on column public.usage_counts.usefulness_count is 'How many were given.';
comment on column public.usage_counts.created_at is 'When the row was made.';

alter table public.usage_counts enable row level security;
create policy "Members read their organizations' counts" on public.usage_counts
  for select to authenticated using (calendar_id = any (array(select private.my_calendars())));
grant select on public.usage_counts to authenticated, service_role;
create index idx_ai_usage_stats_user_date on public.usage_counts (user_id, date desc);
create index usage_counts_empty_idx on public.usage_counts (calendar_id) where interactions = 0;

create table public.usage_totals (
  agent_id uuid not null,
  calendar_id bigint not null,
  organization_id uuid not null,
  interactions bigint not null default 0,
  total_cost numeric not null default 0,
  recorded_cost numeric not null default 0,
  input_tokens numeric not null default 0,
  output_tokens numeric not null default 0,
  satisfaction_sum bigint not null default 0,
  satisfaction_count bigint not null default 0,
  usefulness_sum bigint not null default 0,
  usefulness_count bigint not null default 0,
  created_at timestamptz not null default now(),
  primary key (agent_id, calendar_id)
) with (fillfactor = 80);
comment on table public.usage_totals is
  'usage_counts, summed up per agent over all days. Alone it is incomplete: read agent_usage.';
comment on column public.usage_totals.agent_id is 'The agent.';
comment on column public.usage_totals.calendar_id is 'The calendar of the organization that paid.';
comment on column public.usage_totals.organization_id is
  'The organization that paid: the calendar''s.';
comment on column public.usage_totals.interactions is 'Interactions; deleted ones do not count.';
comment on column public.usage_totals.total_cost is
  'US dollars that turns cost, as far as prices are known.';
comment on column public.usage_totals.recorded_cost is
  'US dollars that people recorded by hand; no part of total_cost.';
comment on column public.usage_totals.input_tokens is 'Prompt tokens.';
comment on column public.usage_totals.output_tokens is 'Tokens of the answers.';
comment on column public.usage_totals.satisfaction_sum is 'Sum of the ratings given.';
comment on column public.usage_totals.satisfaction_count is 'How many were given.';
comment on column public.usage_totals.usefulness_sum is 'Sum of the ratings given.';
comment on column public.usage_totals.usefulness_count is 'How many were given.';
comment on column public.usage_totals.created_at is 'When the row was made.';

alter table public.usage_totals enable row level security;
create policy "Members read their organizations' totals" on public.usage_totals
  for select to authenticated using (calendar_id = any (array(select private.my_calendars())));
grant select on public.usage_totals to authenticated, service_role;
create index usage_totals_calendar_id_idx on public.usage_totals (calendar_id);

create function private.add_new_counts()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  insert into public.usage_totals as totals (
    agent_id, calendar_id, organization_id,
    interactions, total_cost, recorded_cost, input_tokens, output_tokens,
    satisfaction_sum, satisfaction_count, usefulness_sum, usefulness_count
  )
  select
    added.agent_id, added.calendar_id, added.organization_id,
    sum(added.interactions), sum(added.total_cost), sum(added.recorded_cost),
    sum(added.input_tokens), sum(added.output_tokens),
    sum(added.satisfaction_sum), sum(added.satisfaction_count), sum(added.usefulness_sum),
    sum(added.usefulness_count)
  from added
  where added.agent_id is not null
  group by added.agent_id, added.calendar_id, added.organization_id
  order by added.agent_id, added.calendar_id
  on conflict (agent_id, calendar_id) do update set (
    interactions, total_cost, recorded_cost, input_tokens, output_tokens,
    satisfaction_sum, satisfaction_count, usefulness_sum, usefulness_count
  ) = (
    totals.interactions + excluded.interactions, totals.total_cost + excluded.total_cost,
    totals.recorded_cost + excluded.recorded_cost, totals.input_tokens + excluded.input_tokens,
    totals.output_tokens + excluded.output_tokens,
    totals.satisfaction_sum + excluded.satisfaction_sum,
    totals.satisfaction_count + excluded.satisfaction_count,
    totals.usefulness_sum + excluded.usefulness_sum,
    totals.usefulness_count + excluded.usefulness_count
  );
  return null;
end
$$;
comment on function private.add_new_counts() is
  'Trigger: keeps usage_totals in step with new rows of usage_counts.';
create trigger add_new_counts after insert on public.usage_counts
  referencing new table as added
  for each statement execute function private.add_new_counts();

create function private.add_changed_counts()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  insert into public.usage_totals as totals (
    agent_id, calendar_id, organization_id,
    interactions, total_cost, recorded_cost, input_tokens, output_tokens,
    satisfaction_sum, satisfaction_count, usefulness_sum, usefulness_count
  )
  select
    parts.agent_id, parts.calendar_id, parts.organization_id,
    sum(parts.interactions), sum(parts.total_cost), sum(parts.recorded_cost),
    sum(parts.input_tokens), sum(parts.output_tokens),
    sum(parts.satisfaction_sum), sum(parts.satisfaction_count), sum(parts.usefulness_sum),
    sum(parts.usefulness_count)
  from (
    -- Not a join of the two: nobody can tell the planner beforehand how large they will be.
    select
      added.agent_id, added.calendar_id, added.organization_id, added.interactions,
      added.total_cost, added.recorded_cost, added.input_tokens,
      added.output_tokens, added.satisfaction_sum, added.satisfaction_count, added.usefulness_sum,
      added.usefulness_count
    from added
    union all
    select
      removed.agent_id, removed.calendar_id, removed.organization_id, -removed.interactions,
      -removed.total_cost, -removed.recorded_cost, -removed.input_tokens,
      -removed.output_tokens, -removed.satisfaction_sum, -removed.satisfaction_count,
      -removed.usefulness_sum, -removed.usefulness_count
    from removed
  ) parts
  where parts.agent_id is not null
  group by parts.agent_id, parts.calendar_id, parts.organization_id
  order by parts.agent_id, parts.calendar_id
  on conflict (agent_id, calendar_id) do update set (
    interactions, total_cost, recorded_cost, input_tokens, output_tokens,
    satisfaction_sum, satisfaction_count, usefulness_sum, usefulness_count
  ) = (
    totals.interactions + excluded.interactions, totals.total_cost + excluded.total_cost,
    totals.recorded_cost + excluded.recorded_cost, totals.input_tokens + excluded.input_tokens,
    totals.output_tokens + excluded.output_tokens,
    totals.satisfaction_sum + excluded.satisfaction_sum,
    totals.satisfaction_count + excluded.satisfaction_count,
    totals.usefulness_sum + excluded.usefulness_sum,
    totals.usefulness_count + excluded.usefulness_count
  );
  return null;
end
$$;
comment on function private.add_changed_counts() is
  'Trigger: keeps usage_totals in step with changed rows of usage_counts, whose keys do not '
  'change.';
create trigger add_changed_counts after update on public.usage_counts
  referencing old table as removed new table as added
  for each statement execute function private.add_changed_counts();
