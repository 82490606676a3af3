-- How the ledger is rolled up and the watermark advances.

create function private.take_usage_to_roll_up(
  calendar_ids bigint[], since timestamptz, until timestamptz, delta_limit integer
)
returns setof public.usage_daily_rollup
language sql
set search_path = ''
as $$
  -- One statement and so one snapshot: the ledger and the deltas that it reads are consistent.
  with calendars as materialized (
    select calendars.* from public.usage_calendars calendars
    where calendars.id = any (take_usage_to_roll_up.calendar_ids)
  ),
  taken as (
    delete from public.usage_deltas deltas using calendars
    where deltas.organization_id = calendars.organization_id
      and deltas.started_at < take_usage_to_roll_up.until
      and (
        deltas.started_at >= take_usage_to_roll_up.since
        or deltas.id in (
          select late.id from public.usage_deltas late
          where late.organization_id = (
              select calendars.organization_id from public.usage_calendars calendars
              where calendars.id = take_usage_to_roll_up.calendar_ids[1]
            )
            and late.started_at < take_usage_to_roll_up.since
          order by late.started_at limit take_usage_to_roll_up.delta_limit
        )
      )
    returning calendars.id as calendar_id, calendars.timezone, deltas.*
  ),
  parts as (
    select calendars.id as calendar_id, calendars.timezone, usage.*
    from calendars cross join lateral (
      select usage.* from private.interaction_usage usage
      where usage.organization_id = calendars.organization_id
        and usage.started_at >= take_usage_to_roll_up.since
        and usage.started_at < take_usage_to_roll_up.until
      offset 0 -- Keeps the planner from reading the whole ledger at once instead.
    ) usage
    union all
    select
      taken.calendar_id, taken.timezone, null, taken.started_at, taken.organization_id,
      taken.user_id, taken.agent_id, taken.vendor_id, taken.model_name, null,
      -- each measure: taken.{name}
      taken.interactions, taken.failed, taken.unpriced, taken.recorded, taken.input_tokens,
      taken.output_tokens, taken.total_cost, taken.recorded_cost, taken.duration_minutes,
      taken.satisfaction_sum, taken.satisfaction_count, taken.usefulness_sum, taken.usefulness_count
      -- end
    from taken where taken.started_at < take_usage_to_roll_up.since -- Later ones are in usage.
  )
  select
    null::bigint, parts.calendar_id, (parts.started_at at time zone parts.timezone)::date,
    parts.organization_id, parts.user_id, parts.agent_id, parts.vendor_id, parts.model_name,
    -- each measure: sum(parts.{name}),
    sum(parts.interactions), sum(parts.failed), sum(parts.unpriced), sum(parts.recorded),
    sum(parts.input_tokens), sum(parts.output_tokens), sum(parts.total_cost),
    sum(parts.recorded_cost), sum(parts.duration_minutes), sum(parts.satisfaction_sum),
    sum(parts.satisfaction_count), sum(parts.usefulness_sum), sum(parts.usefulness_count),
    -- end
    null::timestamptz
  from parts
  group by 2, 3, 4, 5, 6, 7, 8
$$;
comment on function private.take_usage_to_roll_up(bigint[], timestamptz, timestamptz, integer) is
  'Usage of calendars in a range of time: the ledger''s, and that of the deltas in the range and '
  'of up to delta_limit older deltas of the first calendar. Removes these deltas, so the same '
  'statement has to add the result to usage_daily_rollup.';

create function private.roll_up(
  calendar_ids bigint[], since timestamptz, until timestamptz, delta_limit integer
)
returns bigint
language plpgsql
set search_path = ''
as $$
declare
  written bigint;
begin
  insert into public.usage_daily_rollup as rollup (
    calendar_id, date, organization_id, user_id, agent_id, vendor_id, model_name,
    -- each measure: {name}
    interactions, failed, unpriced, recorded, input_tokens, output_tokens, total_cost,
    recorded_cost, duration_minutes, satisfaction_sum, satisfaction_count, usefulness_sum,
    usefulness_count
    -- end
  )
  select
    taken.calendar_id, taken.date, taken.organization_id, taken.user_id, taken.agent_id,
    taken.vendor_id, taken.model_name,
    -- each measure: taken.{name}
    taken.interactions, taken.failed, taken.unpriced, taken.recorded, taken.input_tokens,
    taken.output_tokens, taken.total_cost, taken.recorded_cost, taken.duration_minutes,
    taken.satisfaction_sum, taken.satisfaction_count, taken.usefulness_sum, taken.usefulness_count
    -- end
  from private.take_usage_to_roll_up(
    roll_up.calendar_ids, roll_up.since, roll_up.until, roll_up.delta_limit
  ) taken
  order by taken.agent_id, taken.calendar_id, taken.date, taken.user_id
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
  ;
  get diagnostics written = row_count;
  return written;
end
$$;
comment on function private.roll_up(bigint[], timestamptz, timestamptz, integer) is
  'Rolls up a range of time of calendars, and up to delta_limit older deltas of the first one; '
  'returns how many rows of the rollup it wrote. The caller moves the watermark in the same '
  'transaction.';

create function private.next_usage(
  calendar_ids bigint[], since timestamptz, until timestamptz
)
returns table (calendar_id bigint, starts_at timestamptz)
language plpgsql
stable
set search_path = ''
as $$
begin
  return query
  with calendars as materialized (
    select calendars.id, calendars.organization_id from public.usage_calendars calendars
    where next_usage.calendar_ids is null and calendars.rolled_up_until = 'infinity'
    union all
    select calendars.id, calendars.organization_id from public.usage_calendars calendars
    where calendars.id = any (next_usage.calendar_ids)
  )
  select calendars.id, least(interactions.started_at, archived.started_at, deltas.started_at)
  from calendars
  left join lateral (
    select interactions.started_at from public.ai_interactions interactions
    where interactions.organization_id = calendars.organization_id
      and interactions.started_at >= next_usage.since
      and interactions.started_at < next_usage.until
    order by interactions.started_at limit 1
  ) interactions on true
  left join lateral (
    select archived.started_at from public.usage_archive_rollup archived
    where archived.organization_id = calendars.organization_id
      and archived.started_at >= next_usage.since
      and archived.started_at < next_usage.until
    order by archived.started_at limit 1
  ) archived on true
  left join (
    select deltas.organization_id, min(deltas.started_at) as started_at
    from public.usage_deltas deltas
    where deltas.started_at >= next_usage.since and deltas.started_at < next_usage.until
    group by deltas.organization_id
  ) deltas on deltas.organization_id = calendars.organization_id
  where num_nonnulls(interactions.started_at, archived.started_at, deltas.started_at) > 0;
end
$$;
comment on function private.next_usage(bigint[], timestamptz, timestamptz) is
  'The first usage in a range of time of each calendar that has any, of these or, with null, of '
  'all that have caught up.';

create function private.next_rollup_end(calendar bigint, since timestamptz)
returns timestamptz
language plpgsql
stable
set search_path = ''
as $$
declare
  share constant integer := 5000;
  organization uuid := (
    select calendars.organization_id from public.usage_calendars calendars
    where calendars.id = next_rollup_end.calendar
  );
begin
  return least(
    (
      select interactions.started_at from public.ai_interactions interactions
      where interactions.organization_id = organization
        and interactions.started_at >= next_rollup_end.since
      order by interactions.started_at offset share limit 1
    ),
    (
      select archived.started_at from public.usage_archive_rollup archived
      where archived.organization_id = organization
        and archived.started_at >= next_rollup_end.since
      order by archived.started_at offset share limit 1
    )
  ) + interval '1 microsecond';
end
$$;
comment on function private.next_rollup_end(bigint, timestamptz) is
  'Up to which moment to roll up a calendar in one statement: 5,000 interactions, however long '
  'they took. Null: to the end.';

create function private.roll_up_until(
  calendar bigint, since timestamptz, until timestamptz, batch integer, deadline timestamptz,
  out reached timestamptz, out written bigint
)
language plpgsql
set search_path = ''
as $$
declare
  next_end timestamptz;
begin
  written := 0;
  reached := roll_up_until.since;
  while reached < roll_up_until.until and written < roll_up_until.batch
    and clock_timestamp() < roll_up_until.deadline
  loop
    next_end := least(
      coalesce(private.next_rollup_end(roll_up_until.calendar, reached), 'infinity'),
      roll_up_until.until
    );
    written := written + private.roll_up(array[roll_up_until.calendar], reached, next_end, 0);
    reached := next_end;
  end loop;
end
$$;
comment on function private.roll_up_until(
  bigint, timestamptz, timestamptz, integer, timestamptz
) is
  'Rolls up a calendar in steps of 5,000 interactions, up to the end of the range, about batch '
  'written rows or the deadline; returns how far it came.';

create function private.roll_up_all_until(
  since timestamptz, until timestamptz, batch integer, deadline timestamptz,
  out reached timestamptz, out written bigint
)
language plpgsql
set search_path = ''
as $$
declare
  -- The calendars with usage ahead, and when it begins: looked up once in the whole range, and
  -- again only after a step that a calendar took part in.
  ids bigint[];
  starts timestamptz[];
  taking_part bigint[];
  next_end timestamptz;
  step interval := interval '1 day';
  added bigint;
begin
  written := 0;
  reached := roll_up_all_until.since;
  if reached < roll_up_all_until.until then
    select array_agg(ahead.calendar_id), array_agg(ahead.starts_at) into ids, starts
    from private.next_usage(null, reached, roll_up_all_until.until) ahead;
  end if;
  while reached < roll_up_all_until.until and written < roll_up_all_until.batch
    and clock_timestamp() < roll_up_all_until.deadline
  loop
    select least(min(ahead.starts_at) + step, roll_up_all_until.until) into next_end
    from unnest(starts) as ahead (starts_at);
    taking_part := array(
      select ahead.id from unnest(ids, starts) as ahead (id, starts_at)
      where ahead.starts_at < next_end
    );
    added := private.roll_up(taking_part, reached, next_end, 0);
    -- With little usage, each step costs more than its rows.
    step := case when added < 2500 then least(step * 2, '32 days') else interval '1 day' end;
    written := written + added;
    reached := next_end;
    select array_agg(ahead.id), array_agg(ahead.starts_at) into ids, starts
    from (
      select ahead.* from unnest(ids, starts) as ahead (id, starts_at)
      where ahead.starts_at >= next_end
      union all
      select * from private.next_usage(taking_part, next_end, roll_up_all_until.until)
    ) ahead;
  end loop;
end
$$;
comment on function private.roll_up_all_until(
  timestamptz, timestamptz, integer, timestamptz
) is
  'Rolls up all calendars that have caught up, in steps of a day, or of up to 32 days where there '
  'is little usage, up to the end of the range, about batch written rows or the deadline; returns '
  'how far it came. The cost depends on the usage, not on the number of calendars and days.';

create function private.safe_watermark(proposed private.usage_watermark)
returns timestamptz
language plpgsql
set search_path = ''
as $$
declare
  this_transaction xid8 := pg_current_xact_id();
  ended_before xid8;
begin
  ended_before := pg_snapshot_xmin(pg_current_snapshot());
  -- A row that began half an hour before a transaction started and was written without a delta was
  -- written by an earlier transaction. Once those have ended, all that is still invisible has
  -- deltas.
  if ended_before >= this_transaction then
    return greatest(safe_watermark.proposed.rolled_up_until, now() - interval '30 minutes');
  elsif ended_before >= safe_watermark.proposed.next_transaction then
    return greatest(
      safe_watermark.proposed.rolled_up_until, safe_watermark.proposed.next_until
    );
  end if;
  return safe_watermark.proposed.rolled_up_until;
end
$$;
comment on function private.safe_watermark(private.usage_watermark) is
  'Up to which moment the ledger may be rolled up: no running transaction may still write earlier '
  'usage without a delta. To be called once per transaction, before rolling up.';

create function private.lock_watermark()
returns private.usage_watermark
language plpgsql
set search_path = ''
as $$
declare
  locked private.usage_watermark;
begin
  select usage_watermark.* into locked from private.usage_watermark for update;
  return locked;
end
$$;
comment on function private.lock_watermark() is
  'Locks the watermark, so that rollups run one at a time.';

create function private.advance_watermark(batch integer default 200000)
returns bigint
language plpgsql
set search_path = ''
as $$
declare
  deadline constant timestamptz := clock_timestamp() + interval '60 seconds';
  watermark private.usage_watermark := private.lock_watermark();
  safe timestamptz := private.safe_watermark(watermark);
  result record;
begin
  select * into result
  from private.roll_up_all_until(
    watermark.rolled_up_until, safe, advance_watermark.batch, deadline
  );
  update private.usage_watermark
  set rolled_up_until = result.reached;
  -- The next proposal, unless the last one is still waited for. A transaction id from the future is
  -- of another server, from which this database was restored.
  if watermark.next_transaction is null
    or watermark.next_until <= safe
    or watermark.next_transaction > pg_current_xact_id()
  then
    update private.usage_watermark
    set next_until = now() - interval '30 minutes', next_transaction = pg_current_xact_id();
  end if;
  return result.written;
end
$$;
comment on function private.advance_watermark(integer) is
  'Rolls up all calendars that have caught up and moves the watermark, for about batch written '
  'rows and a minute at most. Returns how many rows it wrote.';
