-- The current state of what 001180_cron.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.check_cron(expression text)
returns void
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  fields text[] := private.cron_fields(check_cron.expression);
  malformed text := (
    select format('%s "%s"', parts.name, left(fields[parts.place], 50))
    from (values
      (1, 'minute', 0, 59, '{}'::text[]),
      (2, 'hour', 0, 23, '{}'),
      (3, 'day of the month', 1, 31, '{}'),
      (4, 'month', 1, 12, '{jan,feb,mar,apr,may,jun,jul,aug,sep,oct,nov,dec}'),
      (5, 'day of the week', 0, 7, '{sun,mon,tue,wed,thu,fri,sat}')
    ) as parts (place, name, low, high, names)
    where octet_length(check_cron.expression) <= 255 and cardinality(fields) = 5
      and private.cron_field(fields[parts.place], parts.low, parts.high, parts.names) is null
    order by parts.place
    limit 1
  );
begin
  if malformed is not null then
    perform private.refuse(
      'invalid_cron',
      format(
        'The %s of the cron expression "%s" is not valid.', malformed,
        left(check_cron.expression, 100)
      ),
      'Write numbers or names, with lists, ranges and steps, such as "mon-fri" or "*/15". L, W, # '
        || 'and ? are not supported.'
    );
  elsif octet_length(check_cron.expression) > 255 or cardinality(fields) is distinct from 5 then
    perform private.refuse(
      'invalid_cron',
      format('"%s" is not a cron expression.', left(check_cron.expression, 100)),
      'Write five fields: minute, hour, day of the month, month and day of the week, such as '
        || '"30 9 * * mon-fri", or one of @hourly, @daily, @weekly, @monthly and @yearly.'
    );
  elsif private.next_cron(check_cron.expression, 'UTC', now()) is null then
    perform private.refuse(
      'cron_never_fires',
      format('The cron expression "%s" never fires.', left(check_cron.expression, 100)),
      'Choose a day that the month has.'
    );
  end if;
end
$body$;
grant execute on function private.check_cron(text) to authenticated, service_role;

create function private.cron_days(fields text[], from_day date)
returns SETOF date
language plpgsql immutable security invoker
set search_path=""
as $body$
declare
  days integer[] := private.cron_field(cron_days.fields[3], 1, 31, '{}');
  months integer[] := private.cron_field(
    cron_days.fields[4], 1, 12,
    '{jan,feb,mar,apr,may,jun,jul,aug,sep,oct,nov,dec}'
  );
  weekdays integer[] := private.cron_field(
    cron_days.fields[5], 0, 7, '{sun,mon,tue,wed,thu,fri,sat}'
  );
  -- Where both are restricted, a day of either is one.
  is_either boolean := cron_days.fields[3] !~ '^\*' and cron_days.fields[5] !~ '^\*';
begin
  return query
  select known.day
  from (
    -- Leap days are eight years apart at most.
    select cron_days.from_day + number as day from generate_series(0, 8 * 366) as numbers (number)
  ) known
  cross join lateral (
    select
      extract(day from known.day)::integer = any (days) as is_day,
      extract(dow from known.day)::integer = any (weekdays)
      or (extract(dow from known.day) = 0 and 7 = any (weekdays)) as is_weekday
  ) matches
  where extract(month from known.day)::integer = any (months)
    and case when is_either then matches.is_day or matches.is_weekday
      else matches.is_day and matches.is_weekday end
  order by known.day;
end
$body$;
grant execute on function private.cron_days(text[],date) to authenticated, service_role;

create function private.cron_field(field text, low integer, high integer, names text[])
returns integer[]
language plpgsql immutable security invoker
set search_path=""
as $body$
declare
  part text;
  pieces text[];
  first integer;
  last integer;
  step integer;
  taken integer[] := array[]::integer[];
begin
  foreach part in array string_to_array(lower(cron_field.field), ',') loop
    for i in 1..cardinality(cron_field.names) loop
      part := regexp_replace(
        part, '\m' || cron_field.names[i] || '\M', (cron_field.low + i - 1)::text, 'g'
      );
    end loop;
    pieces := regexp_match(part, '^(?:(\*)|(\d{1,2})(?:-(\d{1,2}))?)(?:/(\d{1,2}))?$');
    if pieces is null then
      return null;
    end if;
    step := coalesce(pieces[4]::integer, 1);
    first := coalesce(pieces[2]::integer, cron_field.low);
    -- A number with a step begins there, as in 5/15.
    last := coalesce(
      pieces[3]::integer,
      case when pieces[1] is null and pieces[4] is null then first else cron_field.high end
    );
    if step < 1 or first < cron_field.low or last > cron_field.high or first > last then
      return null;
    end if;
    taken := taken || array(select generate_series(first, last, step));
  end loop;
  return nullif(taken, '{}');
end
$body$;
grant execute on function private.cron_field(text,integer,integer,text[]) to authenticated, service_role;

create function private.cron_fields(expression text)
returns text[]
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  return regexp_split_to_array(
    case lower(btrim(cron_fields.expression))
      when '@hourly' then '0 * * * *'
      when '@daily' then '0 0 * * *'
      when '@midnight' then '0 0 * * *'
      when '@weekly' then '0 0 * * 0'
      when '@monthly' then '0 0 1 * *'
      when '@yearly' then '0 0 1 1 *'
      when '@annually' then '0 0 1 1 *'
      else btrim(cron_fields.expression)
    end,
    '\s+'
  );
end
$body$;
grant execute on function private.cron_fields(text) to authenticated, service_role;

create function private.cron_times(fields text[], day date, zone text)
returns SETOF timestamp with time zone
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  minutes integer[] := private.cron_field(cron_times.fields[1], 0, 59, '{}');
  hours integer[] := private.cron_field(cron_times.fields[2], 0, 23, '{}');
  starts_at timestamptz := private.day_start(cron_times.day, cron_times.zone);
  ends_at timestamptz := private.day_start(cron_times.day + 1, cron_times.zone);
begin
  if cron_times.fields[2] like '*%' then
    -- Minute by minute: a repeated hour matches twice, a skipped one never.
    return query
    select moments.at
    from generate_series(starts_at, ends_at - interval '1 minute', interval '1 minute')
      as moments (at)
    where extract(minute from moments.at at time zone cron_times.zone)::integer = any (minutes)
      and extract(hour from moments.at at time zone cron_times.zone)::integer = any (hours);
    return;
  end if;
  -- On most days the clocks do not change.
  if ends_at - starts_at = interval '24 hours' then
    return query
    select starts_at + make_interval(hours => hour, mins => minute)
    from unnest(hours) as of_day (hour), unnest(minutes) as of_hour (minute);
    return;
  end if;
  -- A repeated time is the first one; a skipped one is the time of the clock change.
  return query
  select distinct (
    select min(moments.at)
    from generate_series(
      greatest(starts_at, wanted.local at time zone cron_times.zone - interval '3 hours'),
      least(ends_at, wanted.local at time zone cron_times.zone + interval '3 hours'),
      interval '1 minute'
    ) as moments (at)
    where moments.at at time zone cron_times.zone >= wanted.local
  )
  from (
    select cron_times.day + make_interval(hours => hour, mins => minute) as local
    from unnest(hours) as of_day (hour), unnest(minutes) as of_hour (minute)
  ) wanted;
end
$body$;
grant execute on function private.cron_times(text[],date,text) to authenticated, service_role;

create function private.next_cron(expression text, zone text, after timestamp with time zone)
returns timestamp with time zone
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  fields text[] := private.cron_fields(next_cron.expression);
  today date := (next_cron.after at time zone next_cron.zone)::date;
  day date;
  found_at timestamptz;
begin
  for day in select days.day from private.cron_days(fields, today) as days (day) loop
    found_at := (
      select min(times.at)
      from private.cron_times(fields, day, next_cron.zone) as times (at)
      where times.at > next_cron.after
    );
    exit when found_at is not null;
  end loop;
  return found_at;
end
$body$;
grant execute on function private.next_cron(text,text,timestamp with time zone) to authenticated, service_role;
