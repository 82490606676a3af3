-- How the ledger is counted, a day at a time.

create function private.take_usage(
  calendar bigint, since timestamptz, until timestamptz, change_limit integer
)
returns setof public.usage_counts
language sql
set search_path = ''
as $$
  -- One statement, one snapshot: what it reads of the ledger and what it removes of the notes
  -- agree.
  with calendars as materialized (
    select calendars.* from public.usage_calendars calendars
    where case
      when calendar is null then calendars.counted_until = 'infinity'
      else calendars.id = calendar
    end
  ),
  taken as (
    delete from public.usage_changes changes using calendars
    where changes.organization_id = calendars.organization_id
      and changes.started_at < take_usage.until
      and (
        changes.started_at >= since
        or changes.id in (
          select late.id from public.usage_changes late
          where late.organization_id = (
              select calendars.organization_id
              from public.usage_calendars calendars
              where calendars.id = take_usage.calendar
            )
            and late.started_at < since
          order by late.started_at limit change_limit
        )
      )
    returning calendars.id as calendar_id, calendars.timezone, changes.*
  ),
  parts as (
    select
      calendars.id as calendar_id,
      (usage.started_at at time zone calendars.timezone)::date as date,
      usage.*
    from calendars
    cross join lateral (
      select usage.* from private.interaction_usage usage
      where usage.organization_id = calendars.organization_id
        and usage.started_at >= since
        and usage.started_at < take_usage.until
      offset 0 -- Keeps the planner from reading the whole ledger at once instead.
    ) usage
    union all
    select
      taken.calendar_id,
      (taken.started_at at time zone taken.timezone)::date,
      null,
      taken.organization_id,
      taken.started_at,
      taken.user_id, taken.agent_id, taken.vendor_id, taken.model_name, null,
      taken.interactions, taken.failed, taken.unpriced, taken.recorded, taken.input_tokens,
      taken.output_tokens, taken.total_cost, taken.recorded_cost,
      taken.duration_minutes, taken.satisfaction_sum, taken.satisfaction_count,
      taken.usefulness_sum,
      taken.usefulness_count
    from taken where taken.started_at < since -- The younger ones are in what was just read.
  )
  select
    null::bigint, parts.calendar_id, parts.organization_id, parts.date, parts.user_id,
    parts.agent_id,
    parts.vendor_id, parts.model_name, sum(parts.interactions)::integer, sum(parts.failed)::integer,
    sum(parts.unpriced)::integer, sum(parts.recorded)::integer, sum(parts.input_tokens)::bigint,
    sum(parts.output_tokens)::bigint, sum(parts.total_cost), sum(parts.recorded_cost),
    sum(parts.duration_minutes)::bigint, sum(parts.satisfaction_sum)::integer,
    sum(parts.satisfaction_count)::integer, sum(parts.usefulness_sum)::integer,
    sum(parts.usefulness_count)::integer, null::timestamptz
  from parts
  group by
    parts.calendar_id, parts.organization_id, parts.date, parts.user_id, parts.agent_id,
    parts.vendor_id, parts.model_name
$$;
comment on function private.take_usage(bigint, timestamptz, timestamptz, integer) is
  'What the ledger says of a calendar, or of all that keep up, in a range of time, and the late '
  'changes from before it, which are removed: to be added to usage_counts in the same statement.';

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
    counts.satisfaction_sum + excluded.satisfaction_sum,
    counts.satisfaction_count + excluded.satisfaction_count,
    counts.usefulness_sum + excluded.usefulness_sum,
    counts.usefulness_count + excluded.usefulness_count
  );
  get diagnostics written = row_count;
  return written;
end
$$;
comment on function private.count_usage(bigint, timestamptz, timestamptz, integer) is
  'Counts the ledger of a calendar, or of all that keep up, in a range of time, and, of one '
  'calendar, so many late changes from before it; returns how many counts it wrote. The caller '
  'moves the boundary in the same transaction.';

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
        where interactions.organization_id = calendars.organization_id
          and interactions.started_at >= since
      ),
      (
        select min(past.started_at) from public.past_usage past
        where past.organization_id = calendars.organization_id and past.started_at >= since
      )
    ))
    from public.usage_calendars calendars
    where case
      when calendar is null then calendars.counted_until = 'infinity'
      else calendars.id = calendar
    end
  );
end
$$;
comment on function private.next_usage_start(bigint, timestamptz) is
  'The first interaction since a moment, in a calendar or in all that keep up: no need to count '
  'the days before it.';

create function private.next_usage_end(calendar bigint, since timestamptz)
returns timestamptz
language plpgsql
stable
set search_path = ''
as $$
declare
  share constant integer := 5000;
  organization uuid := (
    select calendars.organization_id
    from public.usage_calendars calendars
    where calendars.id = calendar
  );
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
comment on function private.next_usage_end(bigint, timestamptz) is
  'How far to count from a moment in one statement: 5,000 interactions of a calendar, whatever '
  'time they took, or a day of all that keep up. Null: to the end.';

create function private.count_usage_until(
  calendar bigint, since timestamptz, until timestamptz, batch integer, deadline timestamptz,
  out reached timestamptz, out counted bigint
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
    next_end := least(
      coalesce(private.next_usage_end(calendar, reached), 'infinity'), count_usage_until.until
    );
    counted := counted + private.count_usage(calendar, reached, next_end, 0);
    reached := next_end;
  end loop;
end
$$;
comment on function private.count_usage_until(
  bigint, timestamptz, timestamptz, integer, timestamptz
) is
  'private.count_usage() in steps until the end, as many counts as wanted, or a time on the '
  'clock; returns how far it came.';

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
  -- A row that began half an hour before a transaction started and was written without a note of
  -- it, was so by an earlier transaction. Once all of those are over, whatever is not in sight yet
  -- leaves notes.
  if ended_before >= this_transaction then
    return greatest(progress.counted_until, now() - interval '30 minutes');
  elsif ended_before >= progress.next_transaction then
    return greatest(progress.counted_until, progress.next_until);
  end if;
  return progress.counted_until;
end
$$;
comment on function private.safe_usage_end(private.usage_progress) is
  'Up to which moment the ledger may be counted: no transaction that may still write an earlier '
  'interaction without a note is under way. Once for every transaction, before it counts.';

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
comment on function private.lock_usage_progress() is
  'Makes whoever counts wait for whoever is counting.';

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
  select * into result
  from private.count_usage_until(null, progress.counted_until, safe, batch, deadline);
  update private.usage_progress
  set counted_until = result.reached;
  -- What may be counted next time, unless something is waited for already. A number from the future
  -- is another server's, from which this database was restored.
  if progress.next_transaction is null
    or progress.next_until <= safe
    or progress.next_transaction > pg_current_xact_id()
  then
    update private.usage_progress
    set next_until = now() - interval '30 minutes', next_transaction = pg_current_xact_id();
  end if;
  return result.counted;
end
$$;
comment on function private.advance_usage(integer) is
  'Counts what became old enough, of all calendars that keep up, about as many counts as wanted '
  'and for a minute at most, and moves the boundary.';
