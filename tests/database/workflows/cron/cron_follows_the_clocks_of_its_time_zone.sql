begin;
select plan(64);

select is(
  private.next_cron(expression, zone, after::timestamptz), wanted::timestamptz,
  format('%s in %s after %s', expression, zone, after)
)
from (values
  ('* * * * *', 'UTC', '2026-01-01T00:00:00Z', '2026-01-01T00:01:00Z'),
  ('*/15 * * * *', 'UTC', '2026-01-01T00:14:59Z', '2026-01-01T00:15:00Z'),
  ('0 9 * * mon-fri', 'Europe/Berlin', '2026-01-02T08:00:00Z', '2026-01-05T08:00:00Z'),
  ('0 9 * * 1-5', 'Europe/Berlin', '2026-07-03T07:00:00Z', '2026-07-06T07:00:00Z'),
  ('0 0 * * 7', 'UTC', '2026-01-01T00:00:00Z', '2026-01-04T00:00:00Z'),
  ('0 0 * * sun', 'UTC', '2026-01-01T00:00:00Z', '2026-01-04T00:00:00Z'),
  ('5/20 0 * * *', 'UTC', '2026-01-01T00:05:00Z', '2026-01-01T00:25:00Z'),
  ('10-20/5,45 0 * * *', 'UTC', '2026-01-01T00:20:00Z', '2026-01-01T00:45:00Z'),
  ('0 0 13 * 5', 'UTC', '2026-02-01T00:00:00Z', '2026-02-06T00:00:00Z'),
  ('0 0 29 2 *', 'UTC', '2026-01-01T00:00:00Z', '2028-02-29T00:00:00Z'),
  ('0 0 29 2 *', 'UTC', '2096-03-01T00:00:00Z', '2104-02-29T00:00:00Z'),
  ('0 0 31 * *', 'UTC', '2026-01-31T00:00:00Z', '2026-03-31T00:00:00Z'),
  ('0 0 1 JAN *', 'Asia/Tokyo', '2026-01-01T00:00:00Z', '2026-12-31T15:00:00Z'),
  ('@daily', 'America/New_York', '2026-06-01T12:00:00Z', '2026-06-02T04:00:00Z'),
  ('0 0 * * 5-7', 'UTC', '2026-01-03T00:00:00Z', '2026-01-04T00:00:00Z'),
  ('0 0 1 jan-mar/2 *', 'UTC', '2026-01-15T00:00:00Z', '2026-03-01T00:00:00Z'),
  ('@weekly', 'UTC', '2026-01-01T00:00:00Z', '2026-01-04T00:00:00Z'),
  ('@monthly', 'UTC', '2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z'),
  ('@yearly', 'UTC', '2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z'),
  ('@annually', 'UTC', '2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z'),
  ('@midnight', 'UTC', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'),
  ('@hourly', 'Asia/Kolkata', '2026-06-01T12:00:00Z', '2026-06-01T12:30:00Z'),
  -- The clocks go forward: 02:30 is left out, and 03:00 takes its place, once.
  ('30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', '2026-03-29T01:00:00Z'),
  ('30 2 * * *', 'Europe/Berlin', '2026-03-29T01:00:00Z', '2026-03-30T00:30:00Z'),
  ('*/30 * * * *', 'Europe/Berlin', '2026-03-29T00:30:00Z', '2026-03-29T01:00:00Z'),
  ('15,45 2 * * *', 'Europe/Berlin', '2026-03-29T01:00:00Z', '2026-03-30T00:15:00Z'),
  -- They go back: 02:30 comes twice and counts once; every half hour goes on.
  ('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', '2026-10-25T00:30:00Z'),
  ('30 2 * * *', 'Europe/Berlin', '2026-10-25T00:30:00Z', '2026-10-26T01:30:00Z'),
  ('*/30 * * * *', 'Europe/Berlin', '2026-10-25T00:30:00Z', '2026-10-25T01:00:00Z'),
  ('@hourly', 'Europe/Berlin', '2026-10-25T00:00:00Z', '2026-10-25T01:00:00Z'),
  -- Half an hour, and midnight itself.
  ('15 2 * * *', 'Australia/Lord_Howe', '2026-10-03T00:00:00Z', '2026-10-03T15:30:00Z'),
  ('0 0 * * *', 'Africa/Cairo', '2026-04-23T12:00:00Z', '2026-04-23T22:00:00Z')
) as times (expression, zone, after, wanted);

select tests.refused(format('select private.check_cron(%L)', expression), 400, code, expression)
from (values
  ('0 0 31 2 *', 'cron_never_fires'), ('0 0 30 feb *', 'cron_never_fires'), ('0 0 31 4,6,9,11 *', 'cron_never_fires'),
  ('', 'invalid_cron'), ('* * * *', 'invalid_cron'), ('* * * * * *', 'invalid_cron'), ('60 * * * *', 'invalid_cron'),
  ('* 24 * * *', 'invalid_cron'), ('* * 0 * *', 'invalid_cron'), ('*/0 * * * *', 'invalid_cron'),
  ('5-1 * * * *', 'invalid_cron'), ('@reboot', 'invalid_cron'), ('* * * * mon#2', 'invalid_cron'),
  ('0 0 L * *', 'invalid_cron'), ('0 0 15W * *', 'invalid_cron'), ('0 0 ? * mon', 'invalid_cron'),
  ('0 0 * * 5L', 'invalid_cron'), ('0 0 * * fri-mon', 'invalid_cron'), ('0 0 * january *', 'invalid_cron'),
  ('0 0 1 mon *', 'invalid_cron'), ('0,,5 * * * *', 'invalid_cron'), ('1/ * * * *', 'invalid_cron'),
  ('-1 * * * *', 'invalid_cron'), ('H * * * *', 'invalid_cron'), ('0 0 * * 8', 'invalid_cron'),
  ('0 0 1 1 * 2027', 'invalid_cron'), (repeat('1,', 200) || '1 * * * *', 'invalid_cron'), (null, 'invalid_cron')
) as wrong (expression, code);

select throws_like(
  $$ select private.check_cron('0 9 * * fri#1') $$, 'The day of the week "fri#1" of the cron expression%',
  'the message names the field'
);
select throws_like($$ select private.check_cron('0 0 9 * * *') $$, '"0 0 9 * * *" is not a cron expression.', 'or the number of them');
-- Only whole days, or none, are left out or come twice.
select is(
  private.next_cron('0 12 * * *', 'Pacific/Apia', '2011-12-29T23:00:00Z'), '2011-12-30T22:00:00Z'::timestamptz,
  'a day that a time zone leaves out has no noon'
);

create function pg_temp.seconds_of(expression text)
returns numeric
language plpgsql
as $$
declare
  began timestamptz := clock_timestamp();
begin
  perform private.next_cron(expression, 'Europe/Berlin', '2026-01-01T00:00:00Z'::timestamptz + n * interval '1 hour')
  from generate_series(1, 20) n;
  return extract(epoch from clock_timestamp() - began);
end
$$;
select cmp_ok(pg_temp.seconds_of('* 0-23 * * *'), '<', 2::numeric, 'the dearest expression costs little');

select * from finish();
rollback;
