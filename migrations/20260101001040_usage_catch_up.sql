-- How calendars catch up with the watermark, and how orphaned rollups are removed.

create function private.calendars_to_catch_up()
returns setof private.due_item
language sql
stable
set search_path = ''
as $$
  -- Skips from one organization with deltas to the next, instead of reading all.
  with recursive changed as (
    (
      select deltas.organization_id from public.usage_deltas deltas
      order by deltas.organization_id limit 1
    )
    union all
    select (
      select deltas.organization_id from public.usage_deltas deltas
      where deltas.organization_id > changed.organization_id
      order by deltas.organization_id limit 1
    )
    from changed
    where changed.organization_id is not null
  )
  select calendars.id::text, 1::bigint, min(due.since)
  from (
    select calendars.organization_id, calendars.created_at as since
    from public.usage_calendars calendars
    where calendars.rolled_up_until < 'infinity'
    union all
    select changed.organization_id, late.since
    from changed
    join public.usage_calendars calendars on calendars.organization_id = changed.organization_id
    cross join private.usage_watermark watermark
    cross join lateral (
      select deltas.created_at as since from public.usage_deltas deltas
      where deltas.organization_id = changed.organization_id
        and deltas.started_at < least(watermark.rolled_up_until, calendars.rolled_up_until)
      order by deltas.started_at limit 1
    ) late
  ) due
  join public.usage_calendars calendars on calendars.organization_id = due.organization_id
  group by calendars.id
$$;
comment on function private.calendars_to_catch_up() is
  'Calendars with deltas, or whose time zone changed, for the job catch-up-usage.';

create function private.catch_up_calendar(calendar bigint, batch integer default 20000)
returns bigint
language plpgsql
set search_path = ''
as $$
declare
  deadline constant timestamptz := clock_timestamp() + interval '2 seconds';
  watermark timestamptz := (private.lock_watermark()).rolled_up_until;
  since timestamptz;
  late bigint;
  result record;
begin
  -- Every rollup waits for this transaction, so it does not wait for others.
  select least(calendars.rolled_up_until, watermark) into since
  from public.usage_calendars calendars
  where calendars.id = catch_up_calendar.calendar for update skip locked;
  if since is null then
    return 0;
  end if;
  late := private.roll_up(
    array[catch_up_calendar.calendar], since, since, catch_up_calendar.batch
  );
  if since = watermark and exists (
    select
    from public.usage_calendars calendars
    where calendars.id = catch_up_calendar.calendar and calendars.rolled_up_until = 'infinity'
  ) then
    return late;
  end if;
  select * into result
  from private.roll_up_until(
    catch_up_calendar.calendar, since, watermark, catch_up_calendar.batch, deadline
  );
  update public.usage_calendars
  set rolled_up_until = case
    when result.reached >= watermark then 'infinity' else result.reached
  end
  where usage_calendars.id = catch_up_calendar.calendar;
  -- Progress was made, even if nothing had to be written.
  return greatest(late + result.written, 1);
end
$$;
comment on function private.catch_up_calendar(bigint, integer) is
  'Rolls up the deltas of a calendar, and its whole ledger after its time zone changed, for about '
  'batch written rows and two seconds at most. Returns how many rows it wrote; 0 when nothing was '
  'left.';

create function private.orphaned_usage()
returns setof private.due_item
language sql
stable
set search_path = ''
as $$
  select parts.calendar_id::text, 1::bigint, min(parts.since)
  from (
    select orphaned.calendar_id, orphaned.created_at as since
    from private.orphaned_calendars orphaned
    union all
    select rollup.calendar_id, null from public.usage_daily_rollup rollup
    where rollup.interactions = 0
  ) parts
  group by parts.calendar_id
$$;
comment on function private.orphaned_usage() is
  'Calendars with rollups to remove, because the calendar was deleted or they came to zero, for '
  'the job remove-orphaned-usage.';

create function private.remove_orphaned_usage(calendar bigint, batch integer default 5000)
returns bigint
language plpgsql
set search_path = ''
as $$
declare
  is_orphaned boolean := exists (
    select from private.orphaned_calendars orphaned
    where orphaned.calendar_id = remove_orphaned_usage.calendar
  );
  removed bigint;
begin
  -- A concurrent rollup may be adding to a row that is zero now.
  perform private.lock_watermark();
  delete from public.usage_daily_rollup
  where usage_daily_rollup.calendar_id = remove_orphaned_usage.calendar
    and usage_daily_rollup.id in (
      select rollup.id from public.usage_daily_rollup rollup
      where rollup.calendar_id = remove_orphaned_usage.calendar
        and (is_orphaned or rollup.interactions = 0)
      limit remove_orphaned_usage.batch
    );
  get diagnostics removed = row_count;
  if is_orphaned and removed < remove_orphaned_usage.batch then
    delete from public.usage_agent_rollup
    where usage_agent_rollup.calendar_id = remove_orphaned_usage.calendar;
    delete from private.orphaned_calendars
    where orphaned_calendars.calendar_id = remove_orphaned_usage.calendar;
    removed := removed + 1;
  end if;
  return removed;
end
$$;
comment on function private.remove_orphaned_usage(bigint, integer) is
  'Removes up to batch rollups of a deleted calendar, or rollups that came to zero, and returns '
  'how many.';

create function public.refresh_daily_usage(batch integer default 200000)
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  deadline constant timestamptz := clock_timestamp() + interval '60 seconds';
  written bigint;
  step bigint;
  amount bigint;
  due private.due_item;
begin
  if refresh_daily_usage.batch is null or refresh_daily_usage.batch < 1 then
    perform private.refuse(
      'batch_out_of_range', 'The batch must be at least 1 row.'
    );
  end if;
  written := private.advance_watermark(refresh_daily_usage.batch);
  loop
    step := 0;
    for due in select found.* from private.calendars_to_catch_up() found order by found.item loop
      exit when written >= refresh_daily_usage.batch or clock_timestamp() >= deadline;
      amount := private.catch_up_calendar(
        due.item::bigint, (refresh_daily_usage.batch - written)::integer
      );
      step := step + amount;
      written := written + amount;
    end loop;
    exit when step = 0 or written >= refresh_daily_usage.batch or clock_timestamp() >= deadline;
  end loop;
  for due in select found.* from private.orphaned_usage() found loop
    exit when clock_timestamp() >= deadline;
    perform private.remove_orphaned_usage(due.item::bigint, refresh_daily_usage.batch);
  end loop;
  return written;
end
$$;
comment on function public.refresh_daily_usage(integer) is
  'Rolls up immediately what the jobs refresh-usage and catch-up-usage would: usage older than '
  'half an hour, deltas, calendars whose time zone changed. Writes about batch rows, for about a '
  'minute at most, and returns how many it wrote. Figures are exact without it. Safe to run '
  'concurrently. Backend only. Errors: PT400 batch_out_of_range.';
grant execute on function public.refresh_daily_usage(integer) to service_role;
