-- Usage: what is measured of an interaction, and the calendars by which days are counted.

-- Usage: how much of what was used on which day, exact at every moment although
-- nobody who writes the ledger pays for it. docs/decisions/usage-counts.md says how.


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
  null, past.organization_id, past.started_at, past.user_id, past.agent_id, past.vendor_id,
  past.model_name,
  past.access_key_id, past.interactions, past.failed, past.unpriced, past.recorded,
  past.input_tokens, past.output_tokens, past.total_cost, past.recorded_cost,
  past.duration_minutes, past.satisfaction_sum, past.satisfaction_count, past.usefulness_sum,
  past.usefulness_count
from public.past_usage past;
comment on view private.interaction_usage is
  'What each interaction that the caller sees adds to the figures; deleted ones add nothing, '
  'removed ones are summed up. The one definition that counting, reading and checking share; '
  'private.add_usage_change() says the same of a single row, without a look at the table, and '
  'tests hold them together.';
comment on column private.interaction_usage.interaction_id is
  'The interaction; null for the sums of those that were removed.';
comment on column private.interaction_usage.organization_id is 'The organization that pays.';
comment on column private.interaction_usage.started_at is
  'When it began; the organization''s time zone makes a day of it.';
comment on column private.interaction_usage.user_id is
  'The person; null once the account is gone.';
comment on column private.interaction_usage.agent_id is 'The agent; null once it is gone.';
comment on column private.interaction_usage.vendor_id is
  'Who was called; null where nobody is known.';
comment on column private.interaction_usage.model_name is
  'The model that answered, its first 255 characters; null where none is known.';
comment on column private.interaction_usage.access_key_id is
  'The access key that it came with; null for a person''s token.';
comment on column private.interaction_usage.interactions is
  'Interactions; deleted ones do not count.';
comment on column private.interaction_usage.failed is 'Turns among them that failed.';
comment on column private.interaction_usage.unpriced is
  'Turns among them that used tokens and have no cost, because no price is known.';
comment on column private.interaction_usage.recorded is
  'Those among them that a person recorded by hand.';
comment on column private.interaction_usage.input_tokens is 'Prompt tokens.';
comment on column private.interaction_usage.output_tokens is 'Tokens of the answers.';
comment on column private.interaction_usage.total_cost is
  'US dollars that turns cost, as far as prices are known.';
comment on column private.interaction_usage.recorded_cost is
  'US dollars that people recorded by hand; no part of total_cost.';
comment on column private.interaction_usage.duration_minutes is 'Minutes, where they are known.';
comment on column private.interaction_usage.satisfaction_sum is 'Sum of the ratings given.';
comment on column private.interaction_usage.satisfaction_count is 'How many were given.';
comment on column private.interaction_usage.usefulness_sum is 'Sum of the ratings given.';
comment on column private.interaction_usage.usefulness_count is 'How many were given.';
grant select on private.interaction_usage to authenticated, service_role;

create table public.usage_calendars (
  organization_id uuid primary key references public.organizations (id) on delete cascade,
  id bigint not null generated always as identity unique,
  timezone text not null,
  counted_until timestamptz not null default 'infinity',
  recent_changes timestamptz[] not null default '{}',
  created_at timestamptz not null default now()
);
comment on table public.usage_calendars is
  'In which time zone an organization''s usage is counted, and whether it must be counted anew. '
  'One row for each organization.';
comment on column public.usage_calendars.organization_id is 'The organization.';
comment on column public.usage_calendars.id is
  'What the counts belong to; a new one when the time zone changes, which leaves the old counts '
  'behind.';
comment on column public.usage_calendars.timezone is 'The organization''s time zone.';
comment on column public.usage_calendars.counted_until is
  'Interactions that began before are counted, as far as private.usage_boundary() allows; '
  'infinity for a calendar that keeps up with it.';
comment on column public.usage_calendars.recent_changes is
  'When the time zone was changed within the last day; an organization''s people may do so five '
  'times.';
comment on column public.usage_calendars.created_at is 'When the row was made.';

alter table public.usage_calendars enable row level security;
create policy "Members read their organizations' calendars" on public.usage_calendars
  for select to authenticated
    using (organization_id = any (array(select private.my_organizations('viewer'))));
grant select on public.usage_calendars to authenticated, service_role;
create index usage_calendars_counted_until_idx
  on public.usage_calendars (counted_until)
  where counted_until < 'infinity';

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
comment on function private.leave_usage_counts() is
  'Trigger: the counts of a calendar that goes are removed in the background; there may be very '
  'many.';
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
  returning array(
    select change from unnest(recent_changes) as change where change > now() - interval '1 day'
  ) into changes;
  -- Each change has the whole ledger of the organization counted anew.
  if tg_op = 'UPDATE' and cardinality(changes) >= 5 and auth.uid() is not null then
    perform private.refuse(
      429, 'timezone_changed_too_often',
      'The time zone of this organization was changed five times within a day.',
      'Change it tomorrow.'
    );
  end if;
  insert into public.usage_calendars (organization_id, timezone, counted_until, recent_changes)
  values (
    new.id,
    new.timezone,
    case when tg_op = 'INSERT' then 'infinity' else '-infinity' end::timestamptz,
    case when tg_op = 'INSERT' then '{}' else coalesce(changes, '{}') || now() end
  );
  return null;
end
$$;
comment on function private.keep_usage_calendar() is
  'Trigger: gives each organization its calendar, and another one when its time zone changes. '
  'Errors: PT429 timezone_changed_too_often.';
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
comment on function private.my_calendars() is
  'Ids of the calendars of the caller''s organizations.';
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
comment on function private.gone_calendars() is
  'Calendars whose counts are still there and mean nothing any more.';
grant execute on function private.gone_calendars() to authenticated, service_role;
