-- Usage per day, user, agent and model: exact at any moment, without slowing down writes to the
-- ledger. docs/decisions/usage-rollups.md describes it.

create view private.interaction_usage with (security_invoker = true) as
select
  interaction.id as interaction_id,
  interaction.started_at,
  interaction.organization_id,
  interaction.user_id,
  interaction.agent_id,
  interaction.vendor_id,
  -- Index entries have a maximum size, and names recorded by hand may be longer.
  left(interaction.model_name, 255) as model_name,
  interaction.access_key_id,
  -- definition of each measure
  1::bigint as interactions,
  (interaction.turn_state is not distinct from 'failed')::integer::bigint as failed,
  (
    interaction.source <> 'manual' and interaction.total_cost is null
    and interaction.input_tokens + interaction.output_tokens > 0
  )::integer::bigint as unpriced,
  (interaction.source = 'manual')::integer::bigint as recorded,
  interaction.input_tokens::numeric as input_tokens,
  interaction.output_tokens::numeric as output_tokens,
  case when interaction.source = 'manual' then 0 else coalesce(interaction.total_cost, 0) end
    as total_cost,
  case when interaction.source = 'manual' then coalesce(interaction.total_cost, 0) else 0 end
    as recorded_cost,
  coalesce(interaction.duration_minutes, 0)::bigint as duration_minutes,
  coalesce(interaction.satisfaction_rating, 0)::bigint as satisfaction_sum,
  (interaction.satisfaction_rating is not null)::integer::bigint as satisfaction_count,
  coalesce(interaction.usefulness_rating, 0)::bigint as usefulness_sum,
  (interaction.usefulness_rating is not null)::integer::bigint as usefulness_count
  -- end
from public.ai_interactions interaction
where interaction.status <> 'deleted'
union all
select
  null, archived.started_at, archived.organization_id, archived.user_id, archived.agent_id,
  archived.vendor_id, archived.model_name, archived.access_key_id,
  -- each measure: archived.{name}
  archived.interactions, archived.failed, archived.unpriced, archived.recorded,
  archived.input_tokens, archived.output_tokens, archived.total_cost, archived.recorded_cost,
  archived.duration_minutes, archived.satisfaction_sum, archived.satisfaction_count,
  archived.usefulness_sum, archived.usefulness_count
  -- end
from public.usage_archive_rollup archived;
comment on view private.interaction_usage is
  'What each interaction that the caller may read adds to usage, and what those that retention '
  'removed had added; deleted ones add nothing. The single definition of the measures, used by '
  'rollup, reads, verification and archive.';
comment on column private.interaction_usage.interaction_id is
  'The interaction; null for the sums of those that were removed.';
comment on column private.interaction_usage.started_at is
  'When it began; the organization''s time zone decides on which day.';
comment on column private.interaction_usage.access_key_id is
  'The access key; null for calls with a user''s token.';
select private.inherit_comments(
  'private.interaction_usage', 'private.usage_dimensions', 'private.usage_measures'
);
grant select on private.interaction_usage to authenticated, service_role;

create table public.usage_calendars (
  organization_id uuid primary key references public.organizations (id) on delete cascade,
  id bigint not null generated always as identity unique,
  timezone text not null,
  rolled_up_until timestamptz not null default 'infinity',
  recent_changes timestamptz[] not null default '{}',
  created_at timestamptz not null default now()
);
comment on table public.usage_calendars is
  'The time zone by which an organization''s usage is rolled up into days. One row per '
  'organization.';
comment on column public.usage_calendars.organization_id is
  'The organization whose days the calendar defines.';
comment on column public.usage_calendars.id is
  'The id in rollups; replaced when the time zone changes, which orphans the old rollups.';
comment on column public.usage_calendars.timezone is
  'Time zone, as in organizations.timezone, in which its days are counted.';
comment on column public.usage_calendars.rolled_up_until is
  'The calendar''s own watermark, below private.current_watermark(), while it catches up; '
  'infinity once it has.';
comment on column public.usage_calendars.recent_changes is
  'When the time zone was changed within the last day; members may change it five times.';
comment on column public.usage_calendars.created_at is 'When the usage calendar was created.';

alter table public.usage_calendars enable row level security;
create policy "Members read their organizations' calendars" on public.usage_calendars
  for select to authenticated
    using (organization_id = any (array(select private.my_organizations('viewer'))));
grant select on public.usage_calendars to authenticated, service_role;
create index usage_calendars_rolled_up_until_idx
  on public.usage_calendars (rolled_up_until)
  where rolled_up_until < 'infinity';

create table private.orphaned_calendars (
  calendar_id bigint primary key,
  created_at timestamptz not null default now()
);
comment on table private.orphaned_calendars is
  'Deleted calendars that still have rows in the rollups.';
comment on column private.orphaned_calendars.calendar_id is 'The id that the calendar had.';
comment on column private.orphaned_calendars.created_at is
  'When the organization of the calendar was deleted.';

create function private.orphan_calendar()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  insert into private.orphaned_calendars (calendar_id) values (old.id);
  return null;
end
$$;
comment on function private.orphan_calendar() is
  'Trigger: queues the rollups of a deleted calendar for removal; there may be very many rows.';
create trigger orphan_calendar after delete on public.usage_calendars
  for each row execute function private.orphan_calendar();

create function private.maintain_usage_calendar()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  changes timestamptz[];
begin
  -- A new row with a new id: the old rollups have other days.
  delete from public.usage_calendars where usage_calendars.organization_id = new.id
  returning array(
    select changed.at from unnest(recent_changes) as changed (at)
    where changed.at > now() - interval '1 day'
  ) into changes;
  -- Each change rolls up the organization's whole ledger again.
  if tg_op = 'UPDATE' and cardinality(changes) >= 5 and auth.uid() is not null then
    perform private.refuse(
      'timezone_changed_too_often',
      'The time zone of this organization was changed five times within a day, the maximum.'
    );
  end if;
  insert into public.usage_calendars (organization_id, timezone, rolled_up_until, recent_changes)
  values (
    new.id,
    new.timezone,
    case when tg_op = 'INSERT' then 'infinity' else '-infinity' end::timestamptz,
    case when tg_op = 'INSERT' then '{}' else coalesce(changes, '{}') || now() end
  );
  return null;
end
$$;
comment on function private.maintain_usage_calendar() is
  'Trigger: gives each organization a calendar, and a new one when its time zone changes. '
  'Errors: PT429 timezone_changed_too_often.';
create trigger maintain_usage_calendar after insert on public.organizations
  for each row execute function private.maintain_usage_calendar();
create trigger replace_usage_calendar after update of timezone on public.organizations
  for each row when (old.timezone <> new.timezone)
  execute function private.maintain_usage_calendar();

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

create function private.stale_calendars()
returns setof bigint
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return query select orphaned_calendars.calendar_id from private.orphaned_calendars;
end
$$;
comment on function private.stale_calendars() is
  'Ids of deleted calendars that still have rows in the rollups, which readers ignore.';
grant execute on function private.stale_calendars() to authenticated, service_role;
