-- Whether the counts equal the ledger, and how a day is counted again.

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
    null::bigint, parts.calendar_id, parts.organization_id, day, parts.user_id, parts.agent_id,
    parts.vendor_id, parts.model_name,
    sum(parts.interactions)::integer, sum(parts.failed)::integer, sum(parts.unpriced)::integer,
    sum(parts.recorded)::integer, sum(parts.input_tokens)::bigint,
    sum(parts.output_tokens)::bigint, sum(parts.total_cost), sum(parts.recorded_cost),
    sum(parts.duration_minutes)::bigint, sum(parts.satisfaction_sum)::integer,
    sum(parts.satisfaction_count)::integer, sum(parts.usefulness_sum)::integer,
    sum(parts.usefulness_count)::integer, null::timestamptz
  from (
    select
      calendars.id as calendar_id, usage.organization_id, usage.user_id, usage.agent_id,
      usage.vendor_id, usage.model_name,
      usage.interactions, usage.failed, usage.unpriced, usage.recorded, usage.input_tokens,
      usage.output_tokens, usage.total_cost, usage.recorded_cost,
      usage.duration_minutes, usage.satisfaction_sum, usage.satisfaction_count,
      usage.usefulness_sum, usage.usefulness_count
    from public.usage_calendars calendars
    cross join lateral (
      select usage.* from private.interaction_usage usage
      where usage.organization_id = calendars.organization_id
        -- An hour more at the end, and the exact test below: clocks have been set back across
        -- midnight.
        and usage.started_at >= private.day_start(day, calendars.timezone)
        and usage.started_at
          < (day + 1)::timestamp at time zone calendars.timezone + interval '1 hour'
        and usage.started_at < least(boundary, calendars.counted_until)
      offset 0 -- Keeps the planner from reading the whole ledger at once instead.
    ) usage
    where (usage.started_at at time zone calendars.timezone)::date = day
    union all
    select
      counts.calendar_id, counts.organization_id, counts.user_id, counts.agent_id,
      counts.vendor_id, counts.model_name,
      -counts.interactions, -counts.failed, -counts.unpriced, -counts.recorded,
      -counts.input_tokens, -counts.output_tokens, -counts.total_cost, -counts.recorded_cost,
      -counts.duration_minutes, -counts.satisfaction_sum, -counts.satisfaction_count,
      -counts.usefulness_sum, -counts.usefulness_count
    from public.usage_calendars calendars
    cross join lateral (
      select counts.*
      from public.usage_counts counts
      where counts.calendar_id = calendars.id and counts.date = day offset 0
    ) counts
  ) parts
  group by
    parts.calendar_id, parts.organization_id, parts.user_id, parts.agent_id, parts.vendor_id,
    parts.model_name
  having (
    sum(parts.interactions), sum(parts.failed), sum(parts.unpriced), sum(parts.recorded),
    sum(parts.input_tokens),
    sum(parts.output_tokens), sum(parts.total_cost), sum(parts.recorded_cost),
    sum(parts.duration_minutes), sum(parts.satisfaction_sum),
    sum(parts.satisfaction_count), sum(parts.usefulness_sum), sum(parts.usefulness_count)
  ) <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
end
$$;
comment on function private.missing_of_day(date, timestamptz) is
  'What usage_counts lacks of a day: what the ledger says up to a moment, less what is counted, '
  'where that is not nothing.';

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
    missing.calendar_id, missing.organization_id, missing.date, missing.user_id, missing.agent_id,
    missing.vendor_id, missing.model_name,
    missing.interactions, missing.failed, missing.unpriced, missing.recorded, missing.input_tokens,
    missing.output_tokens, missing.total_cost, missing.recorded_cost,
    missing.duration_minutes, missing.satisfaction_sum, missing.satisfaction_count,
    missing.usefulness_sum, missing.usefulness_count
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
    counts.satisfaction_sum + excluded.satisfaction_sum,
    counts.satisfaction_count + excluded.satisfaction_count,
    counts.usefulness_sum + excluded.usefulness_sum,
    counts.usefulness_count + excluded.usefulness_count
  )
$$;
comment on function private.recount_day(date, timestamptz) is
  'Counts a day anew and writes what is different, up to the boundary; the late changes noted '
  'until then are in it.';

create function public.update_daily_usage_stats(
  date date default (now() at time zone 'UTC')::date - 1
)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform private.refuse_days(update_daily_usage_stats.date, update_daily_usage_stats.date);
  perform private.recount_day(
    update_daily_usage_stats.date, (private.lock_usage_progress()).counted_until
  );
  perform private.remove_usage_leftovers(due.item::bigint)
  from private.usage_leftovers_to_remove() due;
end
$$;
comment on function public.update_daily_usage_stats(date) is
  'Counts a day anew, yesterday where none is given, for everyone. Figures are exact without it; '
  'it repairs them after the ledger was written with its triggers off. Idempotent, safe twice at '
  'once. Backend only. Errors: PT400 date_required, date_in_future.';
grant execute on function public.update_daily_usage_stats(date) to service_role;

create function private.usage_differences(from_date date, to_date date)
returns setof public.daily_usage
language sql
stable
set search_path = ''
as $$
  select
    parts.organization_id, parts.date, parts.user_id, parts.agent_id, parts.vendor_id,
    parts.model_name,
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
    cross join lateral (
      select (usage.started_at at time zone organizations.timezone)::date as date
    ) days
    where days.date between from_date and to_date
      and usage.started_at >= from_date::timestamp at time zone 'UTC' - interval '15 hours'
      and usage.started_at < (to_date + 1)::timestamp at time zone 'UTC' + interval '15 hours'
  ) parts
  group by
    parts.organization_id, parts.date, parts.user_id, parts.agent_id, parts.vendor_id,
    parts.model_name
  having (
    sum(parts.interactions), sum(parts.failed), sum(parts.unpriced), sum(parts.recorded),
    sum(parts.input_tokens),
    sum(parts.output_tokens), sum(parts.total_cost), sum(parts.recorded_cost),
    sum(parts.duration_minutes), sum(parts.satisfaction_sum),
    sum(parts.satisfaction_count), sum(parts.usefulness_sum), sum(parts.usefulness_count)
  ) <> (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
$$;
comment on function private.usage_differences(date, date) is
  'What daily_usage says of a range of days less what the rows of the ledger say, where that is '
  'not nothing.';
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
  'Compares what is read with the rows of the ledger, from the first to the last day, and '
  'returns the differences, what is read less what is there: always none. Backend only. Errors: '
  'PT400 date_required, range_backwards, date_in_future.';
grant execute on function public.verify_daily_usage(date, date) to service_role;
