-- The current state of what 000100_foundation.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.day_start(day date, timezone text)
returns timestamp with time zone
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  midnight constant timestamp := day_start.day;
  -- The second of two midnights; if clocks go forward at midnight, the moment at which they do.
  start timestamptz := midnight at time zone day_start.timezone;
  day_before timestamptz := start - interval '24 hours';
  -- Midnight by the clocks of the day before.
  first timestamptz := day_before + (midnight - (day_before at time zone day_start.timezone));
begin
  if first < start and first at time zone day_start.timezone = midnight then
    return first;
  end if;
  return start;
end
$body$;
grant execute on function private.day_start(date,text) to authenticated, service_role;

create function private.inherit_comments(view regclass, VARIADIC sources regclass[])
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  inherited record;
begin
  for inherited in
    select distinct on (columns.attnum) columns.attname as name, found.comment
    from pg_catalog.pg_attribute columns
    cross join unnest(inherit_comments.sources) with ordinality as origins (source, place)
    join pg_catalog.pg_attribute originals
      on originals.attrelid = origins.source and originals.attname = columns.attname
    cross join lateral (
      select pg_catalog.col_description(origins.source, originals.attnum) as comment
    ) found
    where columns.attrelid = inherit_comments.view
      and found.comment is not null
      and pg_catalog.col_description(columns.attrelid, columns.attnum) is null
    order by columns.attnum, origins.place
  loop
    execute format(
      'comment on column %s.%I is %L', inherit_comments.view, inherited.name, inherited.comment
    );
  end loop;
end
$body$;

create function private.is_calendar_time(value timestamp with time zone)
returns boolean
language plpgsql immutable strict parallel safe security invoker
set search_path=""
as $body$
begin
  return is_calendar_time.value >= '1970-01-01 00:00:00+00'
    and is_calendar_time.value < '2200-01-01 00:00:00+00';
end
$body$;
grant execute on function private.is_calendar_time(timestamp with time zone) to authenticated, service_role;

create function private.is_ciphertext(value text)
returns boolean
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  -- Lengths apart: as bounds within the expression they take six times as long.
  return is_ciphertext.value ~ '^v1:[A-Za-z0-9_-]+:[A-Za-z0-9_-]+:[A-Za-z0-9_-]+$'
    and char_length(split_part(is_ciphertext.value, ':', 2)) <= 32
    and char_length(split_part(is_ciphertext.value, ':', 3)) = 16
    and char_length(split_part(is_ciphertext.value, ':', 4)) >= 23;
end
$body$;
grant execute on function private.is_ciphertext(text) to authenticated, service_role;

create function private.is_time_zone(name text)
returns boolean
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  -- Postgres also accepts POSIX strings such as 'ABC7'; only names are valid here.
  if is_time_zone.name !~ '^[A-Za-z_]+(/[A-Za-z0-9_+-]+)*$' then
    return false;
  end if;
  perform now() at time zone is_time_zone.name;
  return true;
exception when invalid_parameter_value then
  return false;
end
$body$;
grant execute on function private.is_time_zone(text) to authenticated, service_role;

create function private.lock_namespace(purpose text)
returns integer
language plpgsql immutable strict security invoker
set search_path=""
as $body$
declare
  number integer;
begin
  -- Each number is used once, so that locks of different purposes never conflict.
  case lock_namespace.purpose
    when 'jobs' then number := 1; -- the name of the job
    when 'idempotency_keys' then number := 2; -- the person and the key
    when 'budgets' then number := 3; -- the organization
    when 'agent_metrics' then number := 4; -- the day
    when 'settling_many' then number := 5; -- 0: one at a time
    when 'catalogue_imports' then number := 6; -- 0: one at a time
    when 'named_rows' then number := 7; -- the id of a vendor, service, price or kind
    when 'notifications' then number := 8; -- the user and the topic
  end case;
  return number;
end
$body$;
grant execute on function private.lock_namespace(text) to service_role;

create function private.new_token(prefix text)
returns text
language sql volatile security invoker
set search_path=""
as $body$
  -- Two random UUIDs carry 244 bits from the server's strong random source.
  select new_token.prefix || replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '')
$body$;
grant execute on function private.new_token(text) to authenticated, service_role;

create function private.token_hash(token text)
returns text
language sql immutable security invoker
set search_path=""
as $body$
  select encode(sha256(convert_to(token_hash.token, 'UTF8')), 'hex')
$body$;
grant execute on function private.token_hash(text) to service_role;

create function public.update_updated_at_column()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  new.updated_at = now();
  return new;
end
$body$;
