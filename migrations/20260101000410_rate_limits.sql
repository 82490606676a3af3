-- Rate limits, used if no Redis is configured: the generic cell rate algorithm with one row per
-- caller. The row says when the caller's bucket is empty again.

create unlogged table private.rate_limits (
  key text primary key,
  empty_at timestamptz not null,
  created_at timestamptz not null default now(),
  constraint rate_limit_key_is_1_to_255_characters check (char_length(key) between 1 and 255)
);
comment on table private.rate_limits is
  'Recent requests per caller. Unlogged: after a crash every count starts at zero.';
comment on column private.rate_limits.key is 'Whose calls, such as user:<id>.';
comment on column private.rate_limits.empty_at is
  'When the caller''s bucket is empty again; each call postpones it by its share of a minute.';
comment on column private.rate_limits.created_at is 'First call.';
grant select, insert, update, delete on private.rate_limits to service_role;
create index rate_limits_empty_at_idx on private.rate_limits (empty_at);

create function private.take_rate_limit(key text, per_minute integer)
returns jsonb
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.take_rate_limit(text, integer) is
  'Counts one call against a limit per minute and returns {limit, remaining, reset_ms}. A '
  'refused call counts nothing, nor does one whose transaction fails later. Errors: PT429 '
  'rate_limit_exceeded, whose data are limit, remaining and retry_after_ms.';
grant execute on function private.take_rate_limit(text, integer) to service_role;

create function private.check_rate_limit(key text, per_minute integer)
returns void
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.check_rate_limit(text, integer) is
  'Refuses a call that would exceed the limit, and counts none: a cheap check before work, after '
  'which take_rate_limit() counts the call. Errors: PT429 rate_limit_exceeded.';
grant execute on function private.check_rate_limit(text, integer) to service_role;
