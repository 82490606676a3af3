-- How counts catch up after a change of time zone, and what is left over is removed.

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
comment on function private.usage_to_catch_up() is
  'Calendars with late changes, or that are counted anew, for the job catch-up-usage.';

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
    select
    from public.usage_calendars calendars
    where calendars.id = calendar and calendars.counted_until = 'infinity'
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
comment on function private.catch_up_usage(bigint, integer) is
  'Counts late changes of a calendar, and what is counted anew since its time zone changed, '
  'about as many counts as wanted and for two seconds at most. Returns how many it wrote; 0 when '
  'nothing was left.';

create function private.usage_leftovers_to_remove()
returns setof private.due_item
language sql
stable
set search_path = ''
as $$
  select parts.calendar_id::text, 1::bigint, min(parts.since)
  from (
    select leftovers.calendar_id, leftovers.created_at as since
    from private.usage_leftovers leftovers
    union all
    select counts.calendar_id, null from public.usage_counts counts where counts.interactions = 0
  ) parts
  group by parts.calendar_id
$$;
comment on function private.usage_leftovers_to_remove() is
  'Calendars that are gone while their counts are not, or with counts that came to nothing, for '
  'the job remove-usage-leftovers.';

create function private.remove_usage_leftovers(calendar bigint, batch integer default 5000)
returns bigint
language plpgsql
set search_path = ''
as $$
declare
  is_gone boolean := exists (
    select from private.usage_leftovers leftovers where leftovers.calendar_id = calendar
  );
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
comment on function private.remove_usage_leftovers(bigint, integer) is
  'Removes counts of a calendar that is gone, or that came to nothing, at most so many, and '
  'returns how many rows it removed.';

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
    perform private.refuse(
      400, 'batch_out_of_range', 'The number of counts to write must be at least 1.'
    );
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
  'Counts what changed since the last run: what became older than half an hour, late changes, '
  'organizations whose time zone changed; about so many counts, and returns how many it wrote. '
  'Figures are exact without it, and the jobs refresh-usage and catch-up-usage do the same in '
  'shares; this is for whoever does not want to wait for them. Ends after a minute or so, with '
  'what it has done. Safe twice at once. Backend only. Errors: PT400 batch_out_of_range.';
grant execute on function public.refresh_daily_usage(integer) to service_role;
