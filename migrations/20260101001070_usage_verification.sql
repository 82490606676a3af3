-- Verification of rollups against the ledger, and how a day is rolled up again.

-- Clocks have been set back across midnight. So private.day_difference() reads an hour more than
-- the day, and then compares dates.
create function private.day_difference(day date, watermark timestamptz)
returns setof public.usage_daily_rollup
language plpgsql
stable
set search_path = ''
-- A generic plan, without knowledge of the day, sorts instead of hashing, which is twice as slow.
set plan_cache_mode = 'force_custom_plan'
as $$
begin
  return query
  select
    null::bigint, parts.calendar_id, day_difference.day, parts.organization_id, parts.user_id,
    parts.agent_id, parts.vendor_id, parts.model_name,
    -- each measure: sum(parts.sign * parts.{name})::{type},
    sum(parts.sign * parts.interactions)::bigint, sum(parts.sign * parts.failed)::bigint,
    sum(parts.sign * parts.unpriced)::bigint, sum(parts.sign * parts.recorded)::bigint,
    sum(parts.sign * parts.input_tokens)::numeric, sum(parts.sign * parts.output_tokens)::numeric,
    sum(parts.sign * parts.total_cost)::numeric, sum(parts.sign * parts.recorded_cost)::numeric,
    sum(parts.sign * parts.duration_minutes)::bigint,
    sum(parts.sign * parts.satisfaction_sum)::bigint,
    sum(parts.sign * parts.satisfaction_count)::bigint,
    sum(parts.sign * parts.usefulness_sum)::bigint,
    sum(parts.sign * parts.usefulness_count)::bigint,
    -- end
    null::timestamptz
  from (
    select 1 as sign, calendars.id as calendar_id, usage.*
    from public.usage_calendars calendars cross join lateral (
      select usage.* from private.interaction_usage usage
      where usage.organization_id = calendars.organization_id
        and usage.started_at >= private.day_start(day_difference.day, calendars.timezone)
        and usage.started_at < interval '1 hour'
          + (day_difference.day + 1)::timestamp at time zone calendars.timezone
        and usage.started_at < least(day_difference.watermark, calendars.rolled_up_until)
      offset 0 -- Keeps the planner from reading the whole ledger at once instead.
    ) usage
    where (usage.started_at at time zone calendars.timezone)::date = day_difference.day
    union all
    select
      -1, rollup.calendar_id, null, null, rollup.organization_id, rollup.user_id,
      rollup.agent_id, rollup.vendor_id, rollup.model_name, null,
      -- each measure: rollup.{name}
      rollup.interactions, rollup.failed, rollup.unpriced, rollup.recorded, rollup.input_tokens,
      rollup.output_tokens, rollup.total_cost, rollup.recorded_cost, rollup.duration_minutes,
      rollup.satisfaction_sum, rollup.satisfaction_count, rollup.usefulness_sum,
      rollup.usefulness_count
      -- end
    from public.usage_calendars calendars cross join lateral (
      select rollup.* from public.usage_daily_rollup rollup
      where rollup.calendar_id = calendars.id and rollup.date = day_difference.day offset 0
    ) rollup
  ) parts
  group by 2, 4, 5, 6, 7, 8
  having 0 <> any (array[
    -- each measure: sum(parts.sign * parts.{name})
    sum(parts.sign * parts.interactions), sum(parts.sign * parts.failed),
    sum(parts.sign * parts.unpriced), sum(parts.sign * parts.recorded),
    sum(parts.sign * parts.input_tokens), sum(parts.sign * parts.output_tokens),
    sum(parts.sign * parts.total_cost), sum(parts.sign * parts.recorded_cost),
    sum(parts.sign * parts.duration_minutes), sum(parts.sign * parts.satisfaction_sum),
    sum(parts.sign * parts.satisfaction_count), sum(parts.sign * parts.usefulness_sum),
    sum(parts.sign * parts.usefulness_count)
    -- end
  ]);
end
$$;
comment on function private.day_difference(date, timestamptz) is
  'What usage_daily_rollup lacks of a day: the usage up to the watermark, less what is rolled up, '
  'where that is not zero.';

create function private.roll_up_day(day date, watermark timestamptz)
returns void
language sql
set search_path = ''
as $$
  with taken as (
    delete from public.usage_deltas deltas
    using public.usage_calendars calendars
    where deltas.organization_id = calendars.organization_id
      and deltas.started_at >= roll_up_day.day::timestamp at time zone 'UTC' - interval '15 hours'
      and deltas.started_at
        < (roll_up_day.day + 1)::timestamp at time zone 'UTC' + interval '15 hours'
      and deltas.started_at < least(roll_up_day.watermark, calendars.rolled_up_until)
      and (deltas.started_at at time zone calendars.timezone)::date = roll_up_day.day
  )
  insert into public.usage_daily_rollup as rollup (
    calendar_id, date, organization_id, user_id, agent_id, vendor_id, model_name,
    -- each measure: {name}
    interactions, failed, unpriced, recorded, input_tokens, output_tokens, total_cost,
    recorded_cost, duration_minutes, satisfaction_sum, satisfaction_count, usefulness_sum,
    usefulness_count
    -- end
  )
  select
    difference.calendar_id, difference.date, difference.organization_id, difference.user_id,
    difference.agent_id, difference.vendor_id, difference.model_name,
    -- each measure: difference.{name}
    difference.interactions, difference.failed, difference.unpriced, difference.recorded,
    difference.input_tokens, difference.output_tokens, difference.total_cost,
    difference.recorded_cost, difference.duration_minutes, difference.satisfaction_sum,
    difference.satisfaction_count, difference.usefulness_sum, difference.usefulness_count
    -- end
  from private.day_difference(roll_up_day.day, roll_up_day.watermark) difference
  order by difference.agent_id, difference.calendar_id, difference.user_id
  on conflict (agent_id, calendar_id, date, user_id, vendor_id, model_name) do update set
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
$$;
comment on function private.roll_up_day(date, timestamptz) is
  'Rolls a day up again, up to the watermark, and writes the differences. Removes the deltas of '
  'the day, which these include.';

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
  perform private.roll_up_day(
    update_daily_usage_stats.date, (private.lock_watermark()).rolled_up_until
  );
  perform private.remove_orphaned_usage(due.item::bigint)
  from private.orphaned_usage() due;
end
$$;
comment on function public.update_daily_usage_stats(date) is
  'Rolls a day up again for all organizations; yesterday by default. Figures are exact without it; '
  'it repairs them after the ledger was written with triggers disabled. Idempotent, safe to run '
  'concurrently. Backend only. Errors: PT400 date_required, date_in_future.';
grant execute on function public.update_daily_usage_stats(date) to service_role;

create function private.usage_differences(from_date date, to_date date)
returns setof public.daily_usage
language sql
stable
set search_path = ''
as $$
  select
    parts.date, parts.organization_id, parts.user_id, parts.agent_id, parts.vendor_id,
    parts.model_name,
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
    select 1 as sign, usage.* from public.daily_usage usage
    where usage.date between usage_differences.from_date and usage_differences.to_date
    union all
    select
      -1, days.date, organizations.id, usage.user_id, usage.agent_id, usage.vendor_id,
      usage.model_name,
      -- each measure: usage.{name}
      usage.interactions, usage.failed, usage.unpriced, usage.recorded, usage.input_tokens,
      usage.output_tokens, usage.total_cost, usage.recorded_cost, usage.duration_minutes,
      usage.satisfaction_sum, usage.satisfaction_count, usage.usefulness_sum, usage.usefulness_count
      -- end
    from private.interaction_usage usage
    join public.organizations on organizations.id = usage.organization_id
    cross join lateral (
      select (usage.started_at at time zone organizations.timezone)::date as date
    ) days
    where days.date between usage_differences.from_date and usage_differences.to_date
      and usage.started_at
        >= usage_differences.from_date::timestamp at time zone 'UTC' - interval '15 hours'
      and usage.started_at
        < (usage_differences.to_date + 1)::timestamp at time zone 'UTC' + interval '15 hours'
  ) parts
  group by 1, 2, 3, 4, 5, 6
  having 0 <> any (array[
    -- each measure: sum(parts.sign * parts.{name})
    sum(parts.sign * parts.interactions), sum(parts.sign * parts.failed),
    sum(parts.sign * parts.unpriced), sum(parts.sign * parts.recorded),
    sum(parts.sign * parts.input_tokens), sum(parts.sign * parts.output_tokens),
    sum(parts.sign * parts.total_cost), sum(parts.sign * parts.recorded_cost),
    sum(parts.sign * parts.duration_minutes), sum(parts.sign * parts.satisfaction_sum),
    sum(parts.sign * parts.satisfaction_count), sum(parts.sign * parts.usefulness_sum),
    sum(parts.sign * parts.usefulness_count)
    -- end
  ])
$$;
comment on function private.usage_differences(date, date) is
  'daily_usage of a range of days less the rows of the ledger, where that is not zero.';
grant execute on function private.usage_differences(date, date) to service_role;

create function public.verify_daily_usage(from_date date, to_date date)
returns setof public.daily_usage
language plpgsql
stable
set search_path = ''
as $$
begin
  perform private.refuse_days(verify_daily_usage.from_date, verify_daily_usage.to_date);
  return query
  select differences.*
  from private.usage_differences(
    verify_daily_usage.from_date, verify_daily_usage.to_date
  ) differences;
end
$$;
comment on function public.verify_daily_usage(date, date) is
  'Compares daily_usage with the ledger, from the first to the last day, and returns the '
  'differences, daily_usage minus ledger. There should be none. Backend only. Errors: PT400 '
  'date_required, range_backwards, date_in_future.';
grant execute on function public.verify_daily_usage(date, date) to service_role;
