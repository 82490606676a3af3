-- The current state of what 000410_rate_limits.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.check_rate_limit(key text, per_minute integer)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  if exists (
    select from private.rate_limits limits
    where limits.key = check_rate_limit.key
      and limits.empty_at + make_interval(
        secs => 60.0 / check_rate_limit.per_minute
      ) > clock_timestamp() + interval '1 minute'
  ) then
    -- Refuses, and says until when.
    perform private.take_rate_limit(check_rate_limit.key, check_rate_limit.per_minute);
  end if;
end
$body$;
grant execute on function private.check_rate_limit(text,integer) to service_role;

create function private.take_rate_limit(key text, per_minute integer)
returns jsonb
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  -- Rounded down, to the microsecond that Postgres keeps.
  share interval := greatest(
    make_interval(secs => floor(60000000.0 / per_minute) / 1000000), interval '1 microsecond'
  );
  moment timestamptz := clock_timestamp();
  emptied timestamptz;
begin
  insert into private.rate_limits as limits (key, empty_at)
  values (take_rate_limit.key, moment + share)
  on conflict on constraint rate_limits_pkey do update
    set empty_at = greatest(limits.empty_at, moment) + share
    where greatest(limits.empty_at, moment) + share <= moment + interval '1 minute'
  returning limits.empty_at into emptied;
  if emptied is null then
    select limits.empty_at + share - interval '1 minute' into emptied
    from private.rate_limits limits
    where limits.key = take_rate_limit.key;
    perform private.refuse(
      'rate_limit_exceeded',
      format('The limit of %s requests a minute is reached.', take_rate_limit.per_minute),
      format(
        'Try again in %s s.', greatest(ceil(extract(epoch from emptied - moment)), 1)
      ),
      jsonb_build_object(
        'limit', per_minute, 'remaining', 0,
        'retry_after_ms', greatest(ceil(extract(epoch from emptied - moment) * 1000), 1)
      )
    );
  end if;
  return jsonb_build_object(
    'limit', per_minute,
    'remaining',
    floor(extract(epoch from moment + interval '1 minute' - emptied) / extract(epoch from share)),
    'reset_ms', ceil(extract(epoch from emptied - moment) * 1000)
  );
end
$body$;
grant execute on function private.take_rate_limit(text,integer) to service_role;
