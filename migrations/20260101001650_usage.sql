-- Usage: how much of what was used on which day, exact at every moment although
-- nobody who writes the ledger pays for it. docs/decisions/usage-counts.md says how.

-- What one interaction adds to the figures ----------------------------------------

create view private.interaction_usage with (security_invoker = true) as
select
  interactions.id as interaction_id,
  interactions.organization_id,
  interactions.started_at,
  interactions.user_id,
  interactions.agent_id,
  interactions.vendor_id,
  -- An index entry has room for this much; what people record by hand may be longer.
  left(interactions.model_name, 255) as model_name,
  interactions.access_key_id,
  1 as interactions,
  case when interactions.turn_state = 'failed' then 1 else 0 end as failed,
  case
    when interactions.source <> 'manual' and interactions.total_cost is null
      and interactions.input_tokens + interactions.output_tokens > 0
    then 1 else 0
  end as unpriced,
  case when interactions.source = 'manual' then 1 else 0 end as recorded,
  interactions.input_tokens,
  interactions.output_tokens,
  case when interactions.source = 'manual' then 0 else coalesce(interactions.total_cost, 0) end
    as total_cost,
  case when interactions.source = 'manual' then coalesce(interactions.total_cost, 0) else 0 end
    as recorded_cost,
  coalesce(interactions.duration_minutes, 0) as duration_minutes,
  coalesce(interactions.satisfaction_rating, 0) as satisfaction_sum,
  case when interactions.satisfaction_rating is null then 0 else 1 end as satisfaction_count,
  coalesce(interactions.usefulness_rating, 0) as usefulness_sum,
  case when interactions.usefulness_rating is null then 0 else 1 end as usefulness_count
from public.ai_interactions interactions
where interactions.status <> 'deleted'
union all
select
  null, past.organization_id, past.started_at, past.user_id, past.agent_id, past.vendor_id, past.model_name,
  past.access_key_id, past.interactions, past.failed, past.unpriced, past.recorded,
  past.input_tokens, past.output_tokens, past.total_cost, past.recorded_cost,
  past.duration_minutes, past.satisfaction_sum, past.satisfaction_count, past.usefulness_sum, past.usefulness_count
from public.past_usage past;
comment on view private.interaction_usage is 'What each interaction that the caller sees adds to the figures; deleted ones add nothing, removed ones are summed up. The one definition that counting, reading and checking share; private.add_usage_change() says the same of a single row, without a look at the table, and tests hold them together.';
comment on column private.interaction_usage.interaction_id is 'The interaction; null for the sums of those that were removed.';
comment on column private.interaction_usage.organization_id is 'The organization that pays.';
comment on column private.interaction_usage.started_at is 'When it began; the organization''s time zone makes a day of it.';
comment on column private.interaction_usage.user_id is 'The person; null once the account is gone.';
comment on column private.interaction_usage.agent_id is 'The agent; null once it is gone.';
comment on column private.interaction_usage.vendor_id is 'Who was called; null where nobody is known.';
comment on column private.interaction_usage.model_name is 'The model that answered, its first 255 characters; null where none is known.';
comment on column private.interaction_usage.access_key_id is 'The access key that it came with; null for a person''s token.';
comment on column private.interaction_usage.interactions is 'Interactions; deleted ones do not count.';
comment on column private.interaction_usage.failed is 'Turns among them that failed.';
comment on column private.interaction_usage.unpriced is 'Turns among them that used tokens and have no cost, because no price is known.';
comment on column private.interaction_usage.recorded is 'Those among them that a person recorded by hand.';
comment on column private.interaction_usage.input_tokens is 'Prompt tokens.';
comment on column private.interaction_usage.output_tokens is 'Tokens of the answers.';
comment on column private.interaction_usage.total_cost is 'US dollars that turns cost, as far as prices are known.';
comment on column private.interaction_usage.recorded_cost is 'US dollars that people recorded by hand; no part of total_cost.';
comment on column private.interaction_usage.duration_minutes is 'Minutes, where they are known.';
comment on column private.interaction_usage.satisfaction_sum is 'Sum of the ratings given.';
comment on column private.interaction_usage.satisfaction_count is 'How many were given.';
comment on column private.interaction_usage.usefulness_sum is 'Sum of the ratings given.';
comment on column private.interaction_usage.usefulness_count is 'How many were given.';
grant select on private.interaction_usage to authenticated, service_role;

-- Calendars -------------------------------------------------------------------------

create table public.usage_calendars (
  organization_id uuid primary key references public.organizations (id) on delete cascade,
  id bigint not null generated always as identity unique,
  timezone text not null,
  counted_until timestamptz not null default 'infinity',
  recent_changes timestamptz[] not null default '{}',
  created_at timestamptz not null default now()
);
comment on table public.usage_calendars is 'In which time zone an organization''s usage is counted, and whether it must be counted anew. One row for each organization.';
comment on column public.usage_calendars.organization_id is 'The organization.';
comment on column public.usage_calendars.id is 'What the counts belong to; a new one when the time zone changes, which leaves the old counts behind.';
comment on column public.usage_calendars.timezone is 'The organization''s time zone.';
comment on column public.usage_calendars.counted_until is 'Interactions that began before are counted, as far as private.usage_boundary() allows; infinity for a calendar that keeps up with it.';
comment on column public.usage_calendars.recent_changes is 'When the time zone was changed within the last day; an organization''s people may do so five times.';
comment on column public.usage_calendars.created_at is 'When the row was made.';

alter table public.usage_calendars enable row level security;
create policy "Members read their organizations' calendars" on public.usage_calendars
  for select to authenticated using (organization_id = any (array(select private.my_organizations('viewer'))));
grant select on public.usage_calendars to authenticated, service_role;
create index usage_calendars_counted_until_idx on public.usage_calendars (counted_until) where counted_until < 'infinity';

create table private.usage_leftovers (
  calendar_id bigint primary key,
  created_at timestamptz not null default now()
);
comment on table private.usage_leftovers is 'Calendars that are gone, while their counts are not.';
comment on column private.usage_leftovers.calendar_id is 'The id that the calendar had.';
comment on column private.usage_leftovers.created_at is 'When it went.';

create function private.leave_usage_counts()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  insert into private.usage_leftovers (calendar_id) values (old.id);
  return null;
end
$$;
comment on function private.leave_usage_counts() is 'Trigger: the counts of a calendar that goes are removed in the background; there may be very many.';
create trigger leave_usage_counts after delete on public.usage_calendars
  for each row execute function private.leave_usage_counts();

create function private.keep_usage_calendar()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  changes timestamptz[];
begin
  -- The row takes a new id: what was counted under the old one means other days.
  delete from public.usage_calendars where usage_calendars.organization_id = new.id
  returning array(select change from unnest(recent_changes) as change where change > now() - interval '1 day') into changes;
  -- Each change has the whole ledger of the organization counted anew.
  if tg_op = 'UPDATE' and cardinality(changes) >= 5 and auth.uid() is not null then
    perform private.refuse(
      429, 'timezone_changed_too_often', 'The time zone of this organization was changed five times within a day.',
      'Change it tomorrow.'
    );
  end if;
  insert into public.usage_calendars (organization_id, timezone, counted_until, recent_changes)
  values (
    new.id, new.timezone, case when tg_op = 'INSERT' then 'infinity' else '-infinity' end::timestamptz,
    case when tg_op = 'INSERT' then '{}' else coalesce(changes, '{}') || now() end
  );
  return null;
end
$$;
comment on function private.keep_usage_calendar() is 'Trigger: gives each organization its calendar, and another one when its time zone changes. Errors: PT429 timezone_changed_too_often.';
create trigger keep_usage_calendar after insert on public.organizations
  for each row execute function private.keep_usage_calendar();
create trigger change_usage_calendar after update of timezone on public.organizations
  for each row when (old.timezone <> new.timezone) execute function private.keep_usage_calendar();

create function private.my_calendars()
returns setof bigint
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return query
  select calendars.id
  from public.usage_calendars calendars
  where calendars.organization_id = any (array(select private.my_organizations('viewer')));
end
$$;
comment on function private.my_calendars() is 'Ids of the calendars of the caller''s organizations.';
grant execute on function private.my_calendars() to authenticated, service_role;

create function private.gone_calendars()
returns setof bigint
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return query select leftovers.calendar_id from private.usage_leftovers leftovers;
end
$$;
comment on function private.gone_calendars() is 'Calendars whose counts are still there and mean nothing any more.';
grant execute on function private.gone_calendars() to authenticated, service_role;

-- Counts ----------------------------------------------------------------------------

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
comment on table public.usage_counts is 'What is counted so far, summed up per calendar, day, person, agent, vendor and model. Alone it is incomplete: read daily_usage.';
comment on column public.usage_counts.id is 'Number of the row.';
comment on column public.usage_counts.calendar_id is 'The calendar of the organization that paid. No foreign key: the counts of a calendar that is gone are removed in the background.';
comment on column public.usage_counts.organization_id is 'The organization that paid: the calendar''s.';
comment on column public.usage_counts.date is 'The day, in the calendar''s time zone.';
comment on column public.usage_counts.user_id is 'The person; null once the account is gone.';
comment on column public.usage_counts.agent_id is 'The agent; null once it is gone.';
comment on column public.usage_counts.vendor_id is 'Who was called; null where nobody is known.';
comment on column public.usage_counts.model_name is 'The model that answered, its first 255 characters; null where none is known.';
comment on column public.usage_counts.interactions is 'Interactions; deleted ones do not count.';
comment on column public.usage_counts.failed is 'Turns among them that failed.';
comment on column public.usage_counts.unpriced is 'Turns among them that used tokens and have no cost, because no price is known.';
comment on column public.usage_counts.recorded is 'Those among them that a person recorded by hand.';
comment on column public.usage_counts.input_tokens is 'Prompt tokens.';
comment on column public.usage_counts.output_tokens is 'Tokens of the answers.';
comment on column public.usage_counts.total_cost is 'US dollars that turns cost, as far as prices are known.';
comment on column public.usage_counts.recorded_cost is 'US dollars that people recorded by hand; no part of total_cost.';
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
comment on table public.usage_totals is 'usage_counts, summed up per agent over all days. Alone it is incomplete: read agent_usage.';
comment on column public.usage_totals.agent_id is 'The agent.';
comment on column public.usage_totals.calendar_id is 'The calendar of the organization that paid.';
comment on column public.usage_totals.organization_id is 'The organization that paid: the calendar''s.';
comment on column public.usage_totals.interactions is 'Interactions; deleted ones do not count.';
comment on column public.usage_totals.total_cost is 'US dollars that turns cost, as far as prices are known.';
comment on column public.usage_totals.recorded_cost is 'US dollars that people recorded by hand; no part of total_cost.';
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
    sum(added.satisfaction_sum), sum(added.satisfaction_count), sum(added.usefulness_sum), sum(added.usefulness_count)
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
    totals.satisfaction_sum + excluded.satisfaction_sum, totals.satisfaction_count + excluded.satisfaction_count, totals.usefulness_sum + excluded.usefulness_sum, totals.usefulness_count + excluded.usefulness_count
  );
  return null;
end
$$;
comment on function private.add_new_counts() is 'Trigger: keeps usage_totals in step with new rows of usage_counts.';
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
    sum(parts.satisfaction_sum), sum(parts.satisfaction_count), sum(parts.usefulness_sum), sum(parts.usefulness_count)
  from (
    -- Not a join of the two: nobody can tell the planner beforehand how large they will be.
    select
      added.agent_id, added.calendar_id, added.organization_id, added.interactions,
      added.total_cost, added.recorded_cost, added.input_tokens,
      added.output_tokens, added.satisfaction_sum, added.satisfaction_count, added.usefulness_sum, added.usefulness_count
    from added
    union all
    select
      removed.agent_id, removed.calendar_id, removed.organization_id, -removed.interactions,
      -removed.total_cost, -removed.recorded_cost, -removed.input_tokens,
      -removed.output_tokens, -removed.satisfaction_sum, -removed.satisfaction_count, -removed.usefulness_sum, -removed.usefulness_count
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
    totals.satisfaction_sum + excluded.satisfaction_sum, totals.satisfaction_count + excluded.satisfaction_count, totals.usefulness_sum + excluded.usefulness_sum, totals.usefulness_count + excluded.usefulness_count
  );
  return null;
end
$$;
comment on function private.add_changed_counts() is 'Trigger: keeps usage_totals in step with changed rows of usage_counts, whose keys do not change.';
create trigger add_changed_counts after update on public.usage_counts
  referencing old table as removed new table as added
  for each statement execute function private.add_changed_counts();

create table public.usage_changes (
  id bigint primary key generated always as identity,
  organization_id uuid not null references public.organizations (id) on delete cascade,
  started_at timestamptz not null,
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
  created_at timestamptz not null default now()
-- Rows come and go: without a vacuum soon after, each look at them would meet all that are gone.
) with (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);
comment on table public.usage_changes is 'What changed in the ledger so late that it may have been counted already: a row to take away what was, a row to add what is. Read through daily_usage.';
comment on column public.usage_changes.id is 'Primary key.';
comment on column public.usage_changes.organization_id is 'The organization that pays.';
comment on column public.usage_changes.started_at is 'When the interaction began.';
comment on column public.usage_changes.user_id is 'The person; null once the account is gone.';
comment on column public.usage_changes.agent_id is 'The agent; null once it is gone.';
comment on column public.usage_changes.vendor_id is 'Who was called; null where nobody is known.';
comment on column public.usage_changes.model_name is 'The model that answered, its first 255 characters; null where none is known.';
comment on column public.usage_changes.interactions is 'Interactions; deleted ones do not count.';
comment on column public.usage_changes.failed is 'Turns among them that failed.';
comment on column public.usage_changes.unpriced is 'Turns among them that used tokens and have no cost, because no price is known.';
comment on column public.usage_changes.recorded is 'Those among them that a person recorded by hand.';
comment on column public.usage_changes.input_tokens is 'Prompt tokens.';
comment on column public.usage_changes.output_tokens is 'Tokens of the answers.';
comment on column public.usage_changes.total_cost is 'US dollars that turns cost, as far as prices are known.';
comment on column public.usage_changes.recorded_cost is 'US dollars that people recorded by hand; no part of total_cost.';
comment on column public.usage_changes.duration_minutes is 'Minutes, where they are known.';
comment on column public.usage_changes.satisfaction_sum is 'Sum of the ratings given.';
comment on column public.usage_changes.satisfaction_count is 'How many were given.';
comment on column public.usage_changes.usefulness_sum is 'Sum of the ratings given.';
comment on column public.usage_changes.usefulness_count is 'How many were given.';
comment on column public.usage_changes.created_at is 'When the row was made.';

alter table public.usage_changes enable row level security;
create policy "Members read their organizations' late changes" on public.usage_changes
  for select to authenticated using (organization_id = any (array(select private.my_organizations('viewer'))));
grant select on public.usage_changes to authenticated, service_role;
create index usage_changes_organization_id_idx on public.usage_changes (organization_id, started_at);
create index usage_changes_agent_id_idx on public.usage_changes (agent_id);
create index usage_changes_user_id_idx on public.usage_changes (user_id);

create table private.usage_progress (
  is_only boolean primary key default true,
  counted_until timestamptz not null default '-infinity',
  next_until timestamptz,
  next_transaction xid8,
  created_at timestamptz not null default now(),
  constraint there_is_one_progress check (is_only)
);
comment on table private.usage_progress is 'How far the ledger is counted. One row; whoever counts locks it.';
comment on column private.usage_progress.is_only is 'True: there is no second row.';
comment on column private.usage_progress.counted_until is 'Interactions that began before are in usage_counts, late changes in usage_changes; the others are read from the ledger.';
comment on column private.usage_progress.next_until is 'How far it may be counted once every transaction before next_transaction is over.';
comment on column private.usage_progress.next_transaction is 'See next_until.';
comment on column private.usage_progress.created_at is 'When the row was made.';
insert into private.usage_progress default values;

create function private.usage_boundary()
returns timestamptz
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return (select progress.counted_until from private.usage_progress progress);
end
$$;
comment on function private.usage_boundary() is 'Interactions that began before this moment are counted; the others are read from the ledger.';
grant execute on function private.usage_boundary() to authenticated, service_role;

-- Late changes ----------------------------------------------------------------------

create function private.add_usage_change(interaction public.ai_interactions, sign integer)
returns void
language plpgsql
set search_path = ''
as $$
begin
  insert into public.usage_changes (
    organization_id, started_at, user_id, agent_id, vendor_id, model_name,
    interactions, failed, unpriced, recorded, input_tokens, output_tokens, total_cost,
    recorded_cost, duration_minutes, satisfaction_sum,
    satisfaction_count, usefulness_sum, usefulness_count
  )
  select
    interaction.organization_id, interaction.started_at, interaction.user_id, interaction.agent_id, interaction.vendor_id,
    left(interaction.model_name, 255), sign, sign * (interaction.turn_state is not distinct from 'failed')::integer,
    sign * (
      interaction.source <> 'manual' and interaction.total_cost is null
      and interaction.input_tokens + interaction.output_tokens > 0
    )::integer,
    sign * (interaction.source = 'manual')::integer,
    sign * interaction.input_tokens, sign * interaction.output_tokens,
    case when interaction.source = 'manual' then 0 else sign * coalesce(interaction.total_cost, 0) end,
    case when interaction.source = 'manual' then sign * coalesce(interaction.total_cost, 0) else 0 end,
    sign * coalesce(interaction.duration_minutes, 0),
    sign * coalesce(interaction.satisfaction_rating, 0), sign * (interaction.satisfaction_rating is not null)::integer,
    sign * coalesce(interaction.usefulness_rating, 0), sign * (interaction.usefulness_rating is not null)::integer
  from public.organizations
  -- An organization that is being deleted is not counted any more.
  where organizations.id = interaction.organization_id and interaction.status <> 'deleted';
end
$$;
comment on function private.add_usage_change(public.ai_interactions, integer) is 'Notes that an interaction adds to the figures (1) or no longer does (-1).';

create function private.note_late_change()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if tg_op <> 'INSERT' then
    perform private.add_usage_change(old, -1);
  end if;
  if tg_op <> 'DELETE' then
    perform private.add_usage_change(new, 1);
  end if;
  return null;
end
$$;
comment on function private.note_late_change() is 'Trigger: notes changes of interactions that began a while ago. What is younger costs no more than a look at the clock, and private.advance_usage() leaves it alone.';

-- Twenty minutes, by the clock and not by the transaction: private.advance_usage() relies on it.
create trigger note_late_insert after insert on public.ai_interactions
  for each row when (
    new.started_at < clock_timestamp() - interval '20 minutes'
    and current_setting('agentbase.keeps_figures', true) is distinct from 'on'
  )
  execute function private.note_late_change();
create trigger note_late_update after update on public.ai_interactions
  for each row when (
    (old.started_at < clock_timestamp() - interval '20 minutes' or new.started_at < clock_timestamp() - interval '20 minutes')
    and (
      old.organization_id, old.started_at, old.user_id, old.agent_id, old.vendor_id, old.model_name, old.source,
      old.status, old.turn_state, old.input_tokens, old.output_tokens, old.total_cost, old.duration_minutes, old.satisfaction_rating, old.usefulness_rating
    ) is distinct from (
      new.organization_id, new.started_at, new.user_id, new.agent_id, new.vendor_id, new.model_name, new.source,
      new.status, new.turn_state, new.input_tokens, new.output_tokens, new.total_cost, new.duration_minutes, new.satisfaction_rating, new.usefulness_rating
    )
  )
  execute function private.note_late_change();
create trigger note_late_delete after delete on public.ai_interactions
  for each row when (
    old.started_at < clock_timestamp() - interval '20 minutes'
    -- What retention removes is in past_usage.
    and current_setting('agentbase.keeps_figures', true) is distinct from 'on'
  )
  execute function private.note_late_change();

-- Counting --------------------------------------------------------------------------

create function private.take_usage(
  calendar bigint, since timestamptz, until timestamptz, change_limit integer
)
returns setof public.usage_counts
language plpgsql
set search_path = ''
as $$
declare
  organization uuid := (select calendars.organization_id from public.usage_calendars calendars where calendars.id = calendar);
begin
  -- One statement, one snapshot: what it reads of the ledger and what it removes of the notes agree.
  return query
  with calendars as materialized (
    select calendars.* from public.usage_calendars calendars
    where case when calendar is null then calendars.counted_until = 'infinity' else calendars.id = calendar end
  ),
  taken as (
    delete from public.usage_changes changes using calendars
    where changes.organization_id = calendars.organization_id and changes.started_at < take_usage.until
      and (
        changes.started_at >= since
        or changes.id in (
          select late.id from public.usage_changes late
          where late.organization_id = organization and late.started_at < since
          order by late.started_at limit change_limit
        )
      )
    returning calendars.id as calendar_id, calendars.timezone, changes.*
  ),
  parts as (
    select calendars.id as calendar_id, (usage.started_at at time zone calendars.timezone)::date as date, usage.*
    from calendars
    cross join lateral (
      select usage.* from private.interaction_usage usage
      where usage.organization_id = calendars.organization_id and usage.started_at >= since and usage.started_at < take_usage.until
      offset 0 -- Keeps the planner from reading the whole ledger at once instead.
    ) usage
    union all
    select
      taken.calendar_id, (taken.started_at at time zone taken.timezone)::date, null, taken.organization_id, taken.started_at,
      taken.user_id, taken.agent_id, taken.vendor_id, taken.model_name, null,
      taken.interactions, taken.failed, taken.unpriced, taken.recorded, taken.input_tokens,
      taken.output_tokens, taken.total_cost, taken.recorded_cost,
      taken.duration_minutes, taken.satisfaction_sum, taken.satisfaction_count, taken.usefulness_sum,
      taken.usefulness_count
    from taken where taken.started_at < since -- The younger ones are in what was just read.
  )
  select
    null::bigint, parts.calendar_id, parts.organization_id, parts.date, parts.user_id, parts.agent_id,
    parts.vendor_id, parts.model_name, sum(parts.interactions)::integer, sum(parts.failed)::integer,
    sum(parts.unpriced)::integer, sum(parts.recorded)::integer, sum(parts.input_tokens)::bigint,
    sum(parts.output_tokens)::bigint, sum(parts.total_cost), sum(parts.recorded_cost),
    sum(parts.duration_minutes)::bigint, sum(parts.satisfaction_sum)::integer,
    sum(parts.satisfaction_count)::integer, sum(parts.usefulness_sum)::integer,
    sum(parts.usefulness_count)::integer, null::timestamptz
  from parts
  group by
    parts.calendar_id, parts.organization_id, parts.date, parts.user_id, parts.agent_id,
    parts.vendor_id, parts.model_name;
end
$$;
comment on function private.take_usage(bigint, timestamptz, timestamptz, integer) is 'What the ledger says of a calendar, or of all that keep up, in a range of time, and the late changes from before it, which are removed: to be added to usage_counts in the same statement.';

create function private.count_usage(
  calendar bigint, since timestamptz, until timestamptz, change_limit integer
)
returns bigint
language plpgsql
set search_path = ''
as $$
declare
  written bigint;
begin
  insert into public.usage_counts as counts (
    calendar_id, organization_id, date, user_id, agent_id, vendor_id, model_name,
    interactions, failed, unpriced, recorded, input_tokens, output_tokens, total_cost,
    recorded_cost, duration_minutes, satisfaction_sum,
    satisfaction_count, usefulness_sum, usefulness_count
  )
  select
    taken.calendar_id, taken.organization_id, taken.date, taken.user_id, taken.agent_id,
    taken.vendor_id, taken.model_name, taken.interactions, taken.failed, taken.unpriced,
    taken.recorded, taken.input_tokens, taken.output_tokens, taken.total_cost, taken.recorded_cost,
    taken.duration_minutes, taken.satisfaction_sum, taken.satisfaction_count,
    taken.usefulness_sum, taken.usefulness_count
  from private.take_usage(calendar, since, count_usage.until, change_limit) taken
  order by taken.agent_id, taken.calendar_id, taken.date, taken.user_id
  on conflict (agent_id, calendar_id, date, user_id, vendor_id, model_name) do update set (
    interactions, failed, unpriced, recorded, input_tokens, output_tokens, total_cost,
    recorded_cost, duration_minutes, satisfaction_sum,
    satisfaction_count, usefulness_sum, usefulness_count
  ) = (
    counts.interactions + excluded.interactions, counts.failed + excluded.failed,
    counts.unpriced + excluded.unpriced, counts.recorded + excluded.recorded,
    counts.input_tokens + excluded.input_tokens, counts.output_tokens + excluded.output_tokens,
    counts.total_cost + excluded.total_cost, counts.recorded_cost + excluded.recorded_cost,
    counts.duration_minutes + excluded.duration_minutes,
    counts.satisfaction_sum + excluded.satisfaction_sum, counts.satisfaction_count + excluded.satisfaction_count,
    counts.usefulness_sum + excluded.usefulness_sum, counts.usefulness_count + excluded.usefulness_count
  );
  get diagnostics written = row_count;
  return written;
end
$$;
comment on function private.count_usage(bigint, timestamptz, timestamptz, integer) is
  'Counts the ledger of a calendar, or of all that keep up, in a range of time, and, of one calendar, so many late changes from before it; returns how many counts it wrote. The caller moves the boundary in the same transaction.';

create function private.next_usage_start(calendar bigint, since timestamptz)
returns timestamptz
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    -- Each from an index; of both together it would read everything since.
    select min(least(
      (
        select min(interactions.started_at) from public.ai_interactions interactions
        where interactions.organization_id = calendars.organization_id and interactions.started_at >= since
      ),
      (
        select min(past.started_at) from public.past_usage past
        where past.organization_id = calendars.organization_id and past.started_at >= since
      )
    ))
    from public.usage_calendars calendars
    where case when calendar is null then calendars.counted_until = 'infinity' else calendars.id = calendar end
  );
end
$$;
comment on function private.next_usage_start(bigint, timestamptz) is 'The first interaction since a moment, in a calendar or in all that keep up: no need to count the days before it.';

create function private.next_usage_end(calendar bigint, since timestamptz)
returns timestamptz
language plpgsql
stable
set search_path = ''
as $$
declare
  share constant integer := 5000;
  organization uuid := (select calendars.organization_id from public.usage_calendars calendars where calendars.id = calendar);
begin
  if calendar is null then
    return private.next_usage_start(null, since) + interval '1 day';
  end if;
  return least(
    (
      select interactions.started_at from public.ai_interactions interactions
      where interactions.organization_id = organization and interactions.started_at >= since
      order by interactions.started_at offset share limit 1
    ),
    (
      select past.started_at from public.past_usage past
      where past.organization_id = organization and past.started_at >= since
      order by past.started_at offset share limit 1
    )
  ) + interval '1 microsecond';
end
$$;
comment on function private.next_usage_end(bigint, timestamptz) is 'How far to count from a moment in one statement: 5,000 interactions of a calendar, whatever time they took, or a day of all that keep up. Null: to the end.';

create function private.count_usage_until(
  calendar bigint, since timestamptz, until timestamptz, batch integer, deadline timestamptz, out reached timestamptz, out counted bigint
)
language plpgsql
set search_path = ''
as $$
declare
  next_end timestamptz;
begin
  counted := 0;
  reached := since;
  while reached < count_usage_until.until and counted < batch and clock_timestamp() < deadline loop
    next_end := least(coalesce(private.next_usage_end(calendar, reached), 'infinity'), count_usage_until.until);
    counted := counted + private.count_usage(calendar, reached, next_end, 0);
    reached := next_end;
  end loop;
end
$$;
comment on function private.count_usage_until(bigint, timestamptz, timestamptz, integer, timestamptz) is 'private.count_usage() in steps until the end, as many counts as wanted, or a time on the clock; returns how far it came.';

create function private.safe_usage_end(progress private.usage_progress)
returns timestamptz
language plpgsql
set search_path = ''
as $$
declare
  this_transaction xid8 := pg_current_xact_id();
  ended_before xid8;
begin
  ended_before := pg_snapshot_xmin(pg_current_snapshot());
  -- A row that began half an hour before a transaction started and was written without a note of it,
  -- was so by an earlier transaction. Once all of those are over, whatever is not in sight yet leaves notes.
  if ended_before >= this_transaction then
    return greatest(progress.counted_until, now() - interval '30 minutes');
  elsif ended_before >= progress.next_transaction then
    return greatest(progress.counted_until, progress.next_until);
  end if;
  return progress.counted_until;
end
$$;
comment on function private.safe_usage_end(private.usage_progress) is 'Up to which moment the ledger may be counted: no transaction that may still write an earlier interaction without a note is under way. Once for every transaction, before it counts.';

create function private.lock_usage_progress()
returns private.usage_progress
language plpgsql
set search_path = ''
as $$
declare
  progress private.usage_progress;
begin
  select usage_progress.* into progress from private.usage_progress for update;
  return progress;
end
$$;
comment on function private.lock_usage_progress() is 'Makes whoever counts wait for whoever is counting.';

create function private.advance_usage(batch integer default 200000)
returns bigint
language plpgsql
set search_path = ''
as $$
declare
  deadline constant timestamptz := clock_timestamp() + interval '60 seconds';
  progress private.usage_progress := private.lock_usage_progress();
  safe timestamptz := private.safe_usage_end(progress);
  result record;
begin
  select * into result from private.count_usage_until(null, progress.counted_until, safe, batch, deadline);
  update private.usage_progress
  set counted_until = result.reached;
  -- What may be counted next time, unless something is waited for already. A number from the future
  -- is another server's, from which this database was restored.
  if progress.next_transaction is null or progress.next_until <= safe or progress.next_transaction > pg_current_xact_id() then
    update private.usage_progress
    set next_until = now() - interval '30 minutes', next_transaction = pg_current_xact_id();
  end if;
  return result.counted;
end
$$;
comment on function private.advance_usage(integer) is 'Counts what became old enough, of all calendars that keep up, about as many counts as wanted and for a minute at most, and moves the boundary.';

-- Late changes and calendars that are counted anew, one at a time

create function private.usage_to_catch_up()
returns setof private.due_item
language sql
stable
set search_path = ''
as $$
  select calendars.id::text, 1::bigint, coalesce(late.since, calendars.created_at)
  from public.usage_calendars calendars
  cross join private.usage_progress progress
  left join lateral (
    select changes.created_at as since from public.usage_changes changes
    where changes.organization_id = calendars.organization_id
      and changes.started_at < least(progress.counted_until, calendars.counted_until)
    order by changes.started_at limit 1
  ) late on true
  where calendars.counted_until < 'infinity' or late.since is not null
$$;
comment on function private.usage_to_catch_up() is 'Calendars with late changes, or that are counted anew, for the job catch-up-usage.';

create function private.catch_up_usage(calendar bigint, batch integer default 20000)
returns bigint
language plpgsql
set search_path = ''
as $$
declare
  deadline constant timestamptz := clock_timestamp() + interval '2 seconds';
  boundary timestamptz := (private.lock_usage_progress()).counted_until;
  since timestamptz;
  late bigint;
  result record;
begin
  -- Everybody's counting waits for this transaction: it waits for nobody.
  select least(calendars.counted_until, boundary) into since
  from public.usage_calendars calendars where calendars.id = calendar for update skip locked;
  if since is null then
    return 0;
  end if;
  late := private.count_usage(calendar, since, since, batch);
  if since = boundary and exists (
    select from public.usage_calendars calendars where calendars.id = calendar and calendars.counted_until = 'infinity'
  ) then
    return late;
  end if;
  select * into result from private.count_usage_until(calendar, since, boundary, batch, deadline);
  update public.usage_calendars
  set counted_until = case when result.reached >= boundary then 'infinity' else result.reached end
  where usage_calendars.id = calendar;
  -- Something was done, even where all that was counted came to nothing.
  return greatest(late + result.counted, 1);
end
$$;
comment on function private.catch_up_usage(bigint, integer) is 'Counts late changes of a calendar, and what is counted anew since its time zone changed, about as many counts as wanted and for two seconds at most. Returns how many it wrote; 0 when nothing was left.';

create function private.usage_leftovers_to_remove()
returns setof private.due_item
language sql
stable
set search_path = ''
as $$
  select parts.calendar_id::text, 1::bigint, min(parts.since)
  from (
    select leftovers.calendar_id, leftovers.created_at as since from private.usage_leftovers leftovers
    union all
    select counts.calendar_id, null from public.usage_counts counts where counts.interactions = 0
  ) parts
  group by parts.calendar_id
$$;
comment on function private.usage_leftovers_to_remove() is 'Calendars that are gone while their counts are not, or with counts that came to nothing, for the job remove-usage-leftovers.';

create function private.remove_usage_leftovers(calendar bigint, batch integer default 5000)
returns bigint
language plpgsql
set search_path = ''
as $$
declare
  is_gone boolean := exists (select from private.usage_leftovers leftovers where leftovers.calendar_id = calendar);
  removed bigint;
begin
  -- Whoever counts may be adding to one that is nothing now.
  perform private.lock_usage_progress();
  delete from public.usage_counts
  where usage_counts.calendar_id = calendar
    and usage_counts.id in (
      select counts.id from public.usage_counts counts
      where counts.calendar_id = calendar and (is_gone or counts.interactions = 0)
      limit batch
    );
  get diagnostics removed = row_count;
  if is_gone and removed < batch then
    delete from public.usage_totals where usage_totals.calendar_id = calendar;
    delete from private.usage_leftovers where usage_leftovers.calendar_id = calendar;
    removed := removed + 1;
  end if;
  return removed;
end
$$;
comment on function private.remove_usage_leftovers(bigint, integer) is 'Removes counts of a calendar that is gone, or that came to nothing, at most so many, and returns how many rows it removed.';

create function public.refresh_daily_usage(batch integer default 200000)
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  deadline constant timestamptz := clock_timestamp() + interval '60 seconds';
  counted bigint;
  step bigint;
  amount bigint;
  due private.due_item;
begin
  if batch is null or batch < 1 then
    perform private.refuse(400, 'batch_out_of_range', 'The number of counts to write must be at least 1.');
  end if;
  counted := private.advance_usage(batch);
  loop
    step := 0;
    for due in select found.* from private.usage_to_catch_up() found order by found.item loop
      exit when counted >= batch or clock_timestamp() >= deadline;
      amount := private.catch_up_usage(due.item::bigint, (batch - counted)::integer);
      step := step + amount;
      counted := counted + amount;
    end loop;
    exit when step = 0 or counted >= batch or clock_timestamp() >= deadline;
  end loop;
  for due in select found.* from private.usage_leftovers_to_remove() found loop
    exit when clock_timestamp() >= deadline;
    perform private.remove_usage_leftovers(due.item::bigint, batch);
  end loop;
  return counted;
end
$$;
comment on function public.refresh_daily_usage(integer) is
  'Counts what changed since the last run: what became older than half an hour, late changes, organizations whose time zone changed; about so many counts, and returns how many it wrote. Figures are exact without it, and the jobs refresh-usage and catch-up-usage do the same in shares; this is for whoever does not want to wait for them. Ends after a minute or so, with what it has done. Safe twice at once. Backend only. Errors: PT400 batch_out_of_range.';
grant execute on function public.refresh_daily_usage(integer) to service_role;

-- Reading ---------------------------------------------------------------------------

create view private.uncounted_usage with (security_invoker = true) as
-- What changed since it was counted,
select
  calendars.organization_id, (changes.started_at at time zone calendars.timezone)::date as date, changes.user_id,
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
  calendars.organization_id, (usage.started_at at time zone calendars.timezone)::date, usage.user_id, usage.agent_id,
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
  calendars.organization_id, (usage.started_at at time zone calendars.timezone)::date, usage.user_id, usage.agent_id,
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
  and (select exists (select from public.usage_calendars behind where behind.counted_until < 'infinity'));
comment on view private.uncounted_usage is 'What usage_counts lacks: late changes, what is too young, what is being counted anew. Read daily_usage.';
comment on column private.uncounted_usage.organization_id is 'The organization that paid.';
comment on column private.uncounted_usage.date is 'The day, in that organization''s time zone.';
comment on column private.uncounted_usage.user_id is 'The person; null once the account is gone.';
comment on column private.uncounted_usage.agent_id is 'The agent; null once it is gone.';
comment on column private.uncounted_usage.vendor_id is 'Who was called; null where nobody is known.';
comment on column private.uncounted_usage.model_name is 'The model that answered, its first 255 characters; null where none is known.';
comment on column private.uncounted_usage.interactions is 'Interactions; deleted ones do not count.';
comment on column private.uncounted_usage.failed is 'Turns among them that failed.';
comment on column private.uncounted_usage.unpriced is 'Turns among them that used tokens and have no cost, because no price is known.';
comment on column private.uncounted_usage.recorded is 'Those among them that a person recorded by hand.';
comment on column private.uncounted_usage.input_tokens is 'Prompt tokens.';
comment on column private.uncounted_usage.output_tokens is 'Tokens of the answers.';
comment on column private.uncounted_usage.total_cost is 'US dollars that turns cost, as far as prices are known.';
comment on column private.uncounted_usage.recorded_cost is 'US dollars that people recorded by hand; no part of total_cost.';
comment on column private.uncounted_usage.duration_minutes is 'Minutes, where they are known.';
comment on column private.uncounted_usage.satisfaction_sum is 'Sum of the ratings given.';
comment on column private.uncounted_usage.satisfaction_count is 'How many were given.';
comment on column private.uncounted_usage.usefulness_sum is 'Sum of the ratings given.';
comment on column private.uncounted_usage.usefulness_count is 'How many were given.';
grant select on private.uncounted_usage to authenticated, service_role;

create view public.daily_usage with (security_invoker = true) as
select
  counts.organization_id, counts.date, counts.user_id, counts.agent_id, counts.vendor_id, counts.model_name,
  counts.interactions, counts.failed, counts.unpriced, counts.recorded, counts.input_tokens,
  counts.output_tokens, counts.total_cost, counts.recorded_cost,
  counts.duration_minutes, counts.satisfaction_sum, counts.satisfaction_count, counts.usefulness_sum,
  counts.usefulness_count
from public.usage_counts counts
where counts.calendar_id <> all (array(select private.gone_calendars()))
union all
select * from private.uncounted_usage;
comment on view public.daily_usage is 'Usage per organization, day, person, agent, vendor and model, exact at every moment, as far as the caller sees it. To be summed up: it may have several rows for the same, and negative ones that correct others.';
comment on column public.daily_usage.organization_id is 'The organization that paid.';
comment on column public.daily_usage.date is 'The day, in that organization''s time zone.';
comment on column public.daily_usage.user_id is 'The person; null once the account is gone.';
comment on column public.daily_usage.agent_id is 'The agent; null once it is gone.';
comment on column public.daily_usage.vendor_id is 'Who was called; null where nobody is known.';
comment on column public.daily_usage.model_name is 'The model that answered, its first 255 characters; null where none is known.';
comment on column public.daily_usage.interactions is 'Interactions; deleted ones do not count.';
comment on column public.daily_usage.failed is 'Turns among them that failed.';
comment on column public.daily_usage.unpriced is 'Turns among them that used tokens and have no cost, because no price is known.';
comment on column public.daily_usage.recorded is 'Those among them that a person recorded by hand.';
comment on column public.daily_usage.input_tokens is 'Prompt tokens.';
comment on column public.daily_usage.output_tokens is 'Tokens of the answers.';
comment on column public.daily_usage.total_cost is 'US dollars that turns cost, as far as prices are known.';
comment on column public.daily_usage.recorded_cost is 'US dollars that people recorded by hand; no part of total_cost.';
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
  totals.satisfaction_sum, totals.satisfaction_count, totals.usefulness_sum, totals.usefulness_count
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
comment on view public.agent_usage is 'Usage per agent and organization over all days, exact at every moment, as far as the caller sees it. To be summed up: it may have several rows for the same, and negative ones that correct others.';
comment on column public.agent_usage.agent_id is 'The agent.';
comment on column public.agent_usage.organization_id is 'The organization that paid.';
comment on column public.agent_usage.interactions is 'Interactions; deleted ones do not count.';
comment on column public.agent_usage.total_cost is 'US dollars that turns cost, as far as prices are known.';
comment on column public.agent_usage.recorded_cost is 'US dollars that people recorded by hand; no part of total_cost.';
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
    (sum(parts.satisfaction_sum)::numeric / nullif(sum(parts.satisfaction_count), 0))::real as avg_satisfaction,
    (sum(parts.usefulness_sum)::numeric / nullif(sum(parts.usefulness_count), 0))::real as avg_usefulness,
    array_agg(parts.agent_id) as agents,
    array_agg(parts.vendor_id) as vendors,
    array_agg(parts.interactions) as interactions,
    array_agg(parts.total_cost) as costs
  from (
    select usage.date, usage.agent_id, usage.vendor_id,
      sum(usage.interactions) as interactions, sum(usage.total_cost) as total_cost,
      sum(usage.recorded_cost) as recorded_cost,
      sum(usage.input_tokens) as input_tokens, sum(usage.output_tokens) as output_tokens,
      sum(usage.duration_minutes) as duration_minutes, sum(usage.satisfaction_sum) as satisfaction_sum,
      sum(usage.satisfaction_count) as satisfaction_count, sum(usage.usefulness_sum) as usefulness_sum,
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
    per_vendor.vendor_id, jsonb_build_object('interactions', per_vendor.interactions, 'cost', trim_scale(per_vendor.cost))
  ) as usage
  from (
    select parts.vendor_id, sum(parts.interactions) as interactions, sum(parts.cost) as cost
    from unnest(days.vendors, days.interactions, days.costs) as parts (vendor_id, interactions, cost)
    where parts.vendor_id is not null
    group by parts.vendor_id
  ) per_vendor
) vendors on true;
comment on view public.ai_usage_stats is 'Figures per person and day, exact at every moment: a person''s own, in the organizations that the person is in. Seed 002.';
comment on column public.ai_usage_stats.id is 'Made of person and day: the same whenever it is read.';
comment on column public.ai_usage_stats.user_id is 'The person.';
comment on column public.ai_usage_stats.date is 'The day, in the time zone of the organization that paid.';
comment on column public.ai_usage_stats.total_interactions is 'Interactions that began on that day; deleted ones do not count.';
comment on column public.ai_usage_stats.unique_agents_used is 'Different agents among them.';
comment on column public.ai_usage_stats.total_duration_minutes is 'Minutes, where they are known.';
comment on column public.ai_usage_stats.feature_usage is 'Interactions per feature of the agents used, {"coding": 3}.';
comment on column public.ai_usage_stats.vendor_usage is 'Per vendor, {"openai": {"interactions": 3, "cost": 0.02}}.';
comment on column public.ai_usage_stats.total_cost is 'US dollars that turns cost, as far as prices are known.';
comment on column public.ai_usage_stats.recorded_cost is 'US dollars that people recorded by hand; no part of total_cost.';
comment on column public.ai_usage_stats.total_input_tokens is 'Prompt tokens.';
comment on column public.ai_usage_stats.total_output_tokens is 'Tokens of the answers.';
comment on column public.ai_usage_stats.avg_satisfaction is 'Mean of the ratings given; null without any.';
comment on column public.ai_usage_stats.avg_usefulness is 'Mean of the ratings given; null without any.';
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
comment on view public.agent_usage_daily is 'Figures per agent, paying organization and day, exact at every moment, as far as the caller sees them.';
comment on column public.agent_usage_daily.agent_id is 'The agent.';
comment on column public.agent_usage_daily.organization_id is 'The organization that paid.';
comment on column public.agent_usage_daily.date is 'The day, in that organization''s time zone.';
comment on column public.agent_usage_daily.total_interactions is 'Interactions that began on that day; deleted ones do not count.';
comment on column public.agent_usage_daily.failed_interactions is 'Turns among them that failed.';
comment on column public.agent_usage_daily.unique_users is 'Different people among them.';
comment on column public.agent_usage_daily.total_cost is 'US dollars that turns cost, as far as prices are known.';
comment on column public.agent_usage_daily.recorded_cost is 'US dollars that people recorded by hand; no part of total_cost.';
comment on column public.agent_usage_daily.total_input_tokens is 'Prompt tokens.';
comment on column public.agent_usage_daily.total_output_tokens is 'Tokens of the answers.';
grant select on public.agent_usage_daily to authenticated, service_role;

-- Days, counted anew and checked ----------------------------------------------------

create function private.refuse_days(from_date date, to_date date)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  if from_date is null or to_date is null then
    perform private.refuse(400, 'date_required', 'A day is missing.');
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
comment on function private.refuse_days(date, date) is 'Refuses a range of days that is incomplete, runs backwards or reaches into the future. Errors: PT400 date_required, range_backwards, date_in_future.';
grant execute on function private.refuse_days(date, date) to authenticated, service_role;

create function private.missing_of_day(day date, boundary timestamptz)
returns setof public.usage_counts
language plpgsql
stable
set search_path = ''
-- A plan for a day of which nothing is known sorts where it should hash, and takes twice as long.
set plan_cache_mode = 'force_custom_plan'
as $$
begin
  return query
  select
    null::bigint, parts.calendar_id, parts.organization_id, day, parts.user_id, parts.agent_id, parts.vendor_id, parts.model_name,
    sum(parts.interactions)::integer, sum(parts.failed)::integer, sum(parts.unpriced)::integer,
    sum(parts.recorded)::integer,
    sum(parts.input_tokens)::bigint, sum(parts.output_tokens)::bigint, sum(parts.total_cost),
    sum(parts.recorded_cost), sum(parts.duration_minutes)::bigint,
    sum(parts.satisfaction_sum)::integer, sum(parts.satisfaction_count)::integer, sum(parts.usefulness_sum)::integer,
    sum(parts.usefulness_count)::integer,
    null::timestamptz
  from (
    select
      calendars.id as calendar_id, usage.organization_id, usage.user_id, usage.agent_id, usage.vendor_id, usage.model_name,
      usage.interactions, usage.failed, usage.unpriced, usage.recorded, usage.input_tokens,
      usage.output_tokens, usage.total_cost, usage.recorded_cost,
      usage.duration_minutes, usage.satisfaction_sum, usage.satisfaction_count, usage.usefulness_sum, usage.usefulness_count
    from public.usage_calendars calendars
    cross join lateral (
      select usage.* from private.interaction_usage usage
      where usage.organization_id = calendars.organization_id
        -- An hour more at the end, and the exact test below: clocks have been set back across midnight.
        and usage.started_at >= private.day_start(day, calendars.timezone)
        and usage.started_at < (day + 1)::timestamp at time zone calendars.timezone + interval '1 hour'
        and usage.started_at < least(boundary, calendars.counted_until)
      offset 0 -- Keeps the planner from reading the whole ledger at once instead.
    ) usage
    where (usage.started_at at time zone calendars.timezone)::date = day
    union all
    select
      counts.calendar_id, counts.organization_id, counts.user_id, counts.agent_id, counts.vendor_id, counts.model_name,
      -counts.interactions, -counts.failed, -counts.unpriced, -counts.recorded,
      -counts.input_tokens, -counts.output_tokens, -counts.total_cost, -counts.recorded_cost,
      -counts.duration_minutes, -counts.satisfaction_sum, -counts.satisfaction_count, -counts.usefulness_sum, -counts.usefulness_count
    from public.usage_calendars calendars
    cross join lateral (
      select counts.* from public.usage_counts counts where counts.calendar_id = calendars.id and counts.date = day offset 0
    ) counts
  ) parts
  group by parts.calendar_id, parts.organization_id, parts.user_id, parts.agent_id, parts.vendor_id, parts.model_name
  having (
    sum(parts.interactions), sum(parts.failed), sum(parts.unpriced), sum(parts.recorded),
    sum(parts.input_tokens),
    sum(parts.output_tokens), sum(parts.total_cost), sum(parts.recorded_cost),
    sum(parts.duration_minutes), sum(parts.satisfaction_sum),
    sum(parts.satisfaction_count), sum(parts.usefulness_sum), sum(parts.usefulness_count)
  ) <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
end
$$;
comment on function private.missing_of_day(date, timestamptz) is 'What usage_counts lacks of a day: what the ledger says up to a moment, less what is counted, where that is not nothing.';

create function private.recount_day(day date, boundary timestamptz)
returns void
language sql
set search_path = ''
as $$
  with noted as (
    delete from public.usage_changes changes
    using public.usage_calendars calendars
    where changes.organization_id = calendars.organization_id
      and changes.started_at >= day::timestamp at time zone 'UTC' - interval '15 hours'
      and changes.started_at < (day + 1)::timestamp at time zone 'UTC' + interval '15 hours'
      and changes.started_at < least(boundary, calendars.counted_until)
      and (changes.started_at at time zone calendars.timezone)::date = day
  )
  insert into public.usage_counts as counts (
    calendar_id, organization_id, date, user_id, agent_id, vendor_id, model_name,
    interactions, failed, unpriced, recorded, input_tokens, output_tokens, total_cost,
    recorded_cost, duration_minutes, satisfaction_sum,
    satisfaction_count, usefulness_sum, usefulness_count
  )
  select
    missing.calendar_id, missing.organization_id, missing.date, missing.user_id, missing.agent_id, missing.vendor_id, missing.model_name,
    missing.interactions, missing.failed, missing.unpriced, missing.recorded, missing.input_tokens,
    missing.output_tokens, missing.total_cost, missing.recorded_cost,
    missing.duration_minutes, missing.satisfaction_sum, missing.satisfaction_count, missing.usefulness_sum, missing.usefulness_count
  from private.missing_of_day(day, boundary) missing
  order by missing.agent_id, missing.calendar_id, missing.user_id
  on conflict (agent_id, calendar_id, date, user_id, vendor_id, model_name) do update set (
    interactions, failed, unpriced, recorded, input_tokens, output_tokens, total_cost,
    recorded_cost, duration_minutes, satisfaction_sum,
    satisfaction_count, usefulness_sum, usefulness_count
  ) = (
    counts.interactions + excluded.interactions, counts.failed + excluded.failed,
    counts.unpriced + excluded.unpriced, counts.recorded + excluded.recorded,
    counts.input_tokens + excluded.input_tokens, counts.output_tokens + excluded.output_tokens,
    counts.total_cost + excluded.total_cost, counts.recorded_cost + excluded.recorded_cost,
    counts.duration_minutes + excluded.duration_minutes,
    counts.satisfaction_sum + excluded.satisfaction_sum, counts.satisfaction_count + excluded.satisfaction_count,
    counts.usefulness_sum + excluded.usefulness_sum, counts.usefulness_count + excluded.usefulness_count
  )
$$;
comment on function private.recount_day(date, timestamptz) is 'Counts a day anew and writes what is different, up to the boundary; the late changes noted until then are in it.';

create function public.update_daily_usage_stats(date date default (now() at time zone 'UTC')::date - 1)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform private.refuse_days(update_daily_usage_stats.date, update_daily_usage_stats.date);
  perform private.recount_day(update_daily_usage_stats.date, (private.lock_usage_progress()).counted_until);
  perform private.remove_usage_leftovers(due.item::bigint)
  from private.usage_leftovers_to_remove() due;
end
$$;
comment on function public.update_daily_usage_stats(date) is
  'Counts a day anew, yesterday where none is given, for everyone. Figures are exact without it; it repairs them after the ledger was written with its triggers off. Idempotent, safe twice at once. Backend only. Errors: PT400 date_required, date_in_future.';
grant execute on function public.update_daily_usage_stats(date) to service_role;

create function private.usage_differences(from_date date, to_date date)
returns setof public.daily_usage
language sql
stable
set search_path = ''
as $$
  select
    parts.organization_id, parts.date, parts.user_id, parts.agent_id, parts.vendor_id, parts.model_name,
    sum(parts.interactions), sum(parts.failed), sum(parts.unpriced), sum(parts.recorded),
    sum(parts.input_tokens),
    sum(parts.output_tokens), sum(parts.total_cost), sum(parts.recorded_cost),
    sum(parts.duration_minutes), sum(parts.satisfaction_sum),
    sum(parts.satisfaction_count), sum(parts.usefulness_sum), sum(parts.usefulness_count)
  from (
    select usage.* from public.daily_usage usage where usage.date between from_date and to_date
    union all
    select
      organizations.id, days.date, usage.user_id, usage.agent_id, usage.vendor_id, usage.model_name,
      -usage.interactions, -usage.failed, -usage.unpriced, -usage.recorded, -usage.input_tokens,
      -usage.output_tokens,
      -usage.total_cost, -usage.recorded_cost, -usage.duration_minutes, -usage.satisfaction_sum,
      -usage.satisfaction_count,
      -usage.usefulness_sum, -usage.usefulness_count
    from private.interaction_usage usage
    join public.organizations on organizations.id = usage.organization_id
    cross join lateral (select (usage.started_at at time zone organizations.timezone)::date as date) days
    where days.date between from_date and to_date
      and usage.started_at >= from_date::timestamp at time zone 'UTC' - interval '15 hours'
      and usage.started_at < (to_date + 1)::timestamp at time zone 'UTC' + interval '15 hours'
  ) parts
  group by parts.organization_id, parts.date, parts.user_id, parts.agent_id, parts.vendor_id, parts.model_name
  having (
    sum(parts.interactions), sum(parts.failed), sum(parts.unpriced), sum(parts.recorded),
    sum(parts.input_tokens),
    sum(parts.output_tokens), sum(parts.total_cost), sum(parts.recorded_cost),
    sum(parts.duration_minutes), sum(parts.satisfaction_sum),
    sum(parts.satisfaction_count), sum(parts.usefulness_sum), sum(parts.usefulness_count)
  ) <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
$$;
comment on function private.usage_differences(date, date) is 'What daily_usage says of a range of days less what the rows of the ledger say, where that is not nothing.';
grant execute on function private.usage_differences(date, date) to service_role;

create function public.verify_daily_usage(from_date date, to_date date)
returns setof public.daily_usage
language plpgsql
stable
set search_path = ''
as $$
begin
  perform private.refuse_days(from_date, to_date);
  return query select differences.* from private.usage_differences(from_date, to_date) differences;
end
$$;
comment on function public.verify_daily_usage(date, date) is
  'Compares what is read with the rows of the ledger, from the first to the last day, and returns the differences, what is read less what is there: always none. Backend only. Errors: PT400 date_required, range_backwards, date_in_future.';
grant execute on function public.verify_daily_usage(date, date) to service_role;

-- Usage by any measure --------------------------------------------------------------

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

create function private.refuse_question(by text, from_date date, to_date date, organization_id uuid)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  if refuse_question.by is null or refuse_question.by not in ('day', 'organization', 'user', 'agent', 'model', 'vendor', 'feature') then
    perform private.refuse(
      400, 'measure_unknown', format('Usage is not counted by "%s".', refuse_question.by),
      'Ask for day, organization, user, agent, model, vendor or feature.'
    );
  end if;
  perform private.refuse_days(from_date, to_date);
  if refuse_question.organization_id is not null
    and not exists (select from public.organizations where organizations.id = refuse_question.organization_id) then
    perform private.refuse(404, 'organization_not_found', 'There is no such organization, or it is not yours to see.');
  end if;
end
$$;
comment on function private.refuse_question(text, date, date, uuid) is 'Refuses what get_usage() cannot answer.';
grant execute on function private.refuse_question(text, date, date, uuid) to authenticated, service_role;

create function public.get_usage(by text, from_date date, to_date date, organization_id uuid default null)
returns table (
  key text,
  label text,
  interactions bigint,
  failed bigint,
  input_tokens numeric,
  output_tokens numeric,
  total_cost numeric,
  recorded_cost numeric,
  unpriced bigint,
  recorded bigint,
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
  perform private.refuse_question(get_usage.by, from_date, to_date, get_usage.organization_id);
  return query
  with keys as (
    select
      usage.*,
      case get_usage.by
        when 'day' then usage.date::text
        when 'organization' then usage.organization_id::text
        when 'user' then usage.user_id::text
        when 'agent' then usage.agent_id::text
        when 'model' then usage.model_name
        when 'vendor' then usage.vendor_id
        when 'feature' then mappings.feature_id
      end as key
    from public.daily_usage usage
    left join public.agent_feature_mappings mappings on get_usage.by = 'feature' and mappings.agent_id = usage.agent_id
    where usage.date between from_date and to_date
      and (get_usage.organization_id is null or usage.organization_id = get_usage.organization_id)
  )
  select
    keys.key, coalesce(max(labels.label), keys.key), sum(keys.interactions), sum(keys.failed), sum(keys.input_tokens),
    sum(keys.output_tokens), sum(keys.total_cost), sum(keys.recorded_cost), sum(keys.unpriced),
    sum(keys.recorded),
    round(sum(keys.satisfaction_sum)::numeric / nullif(sum(keys.satisfaction_count), 0), 2),
    round(sum(keys.usefulness_sum)::numeric / nullif(sum(keys.usefulness_count), 0), 2),
    sum(keys.satisfaction_count), sum(keys.usefulness_count)
  from keys
  left join private.usage_labels(get_usage.by) labels on labels.key = keys.key
  group by keys.key
  having sum(keys.interactions) > 0
  order by case when get_usage.by = 'day' then keys.key end, sum(keys.total_cost) desc, sum(keys.interactions) desc, keys.key;
end
$$;
comment on function public.get_usage(text, date, date, uuid) is
  'Usage from the first to the last day, both counted, as far as the caller sees it: a row per day, organization, user, agent, model, vendor or feature, as "by" says; of one organization if given. key is null for what has none. Days come in order, all else by falling cost. total_cost is what turns cost; recorded_cost, what people recorded by hand, is no part of it. unpriced counts turns that used tokens and have no cost, recorded counts interactions recorded by hand. The averages come with the number of ratings behind them, so that they can be put together. An interaction counts for each feature of its agent. Errors: PT400 measure_unknown, date_required, range_backwards, date_in_future, PT404 organization_not_found.';
grant execute on function public.get_usage(text, date, date, uuid) to authenticated, service_role;
