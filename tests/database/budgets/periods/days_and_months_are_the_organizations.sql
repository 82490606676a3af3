begin;
select plan(2);

select results_eq(
  $$
    select private.period_start(period, zone, at::timestamptz), private.period_end(period, zone, at::timestamptz)
    from (values
      (1, 'day', 'UTC', '2026-05-05 23:59:59+00'),
      (2, 'day', 'Asia/Tokyo', '2026-05-05 15:00+00'),
      (3, 'day', 'America/New_York', '2026-05-05 03:59:59+00'),
      (4, 'month', 'UTC', '2026-12-31 23:59:59+00'),
      (5, 'month', 'Asia/Tokyo', '2026-01-31 15:00+00'),
      -- Clocks go forward on March 29 and back on October 25 in Berlin: those days have 23 and 25 hours.
      (6, 'day', 'Europe/Berlin', '2026-03-29 12:00+00'),
      (7, 'day', 'Europe/Berlin', '2026-10-25 12:00+00'),
      (8, 'month', 'Europe/Berlin', '2026-03-15 00:00+00'),
      (9, 'total', 'Europe/Berlin', '2026-03-15 00:00+00')
    ) as examples (place, period, zone, at)
    order by place
  $$,
  $$
    values
      (timestamptz '2026-05-05 00:00+00', timestamptz '2026-05-06 00:00+00'),
      ('2026-05-05 15:00+00', '2026-05-06 15:00+00'), ('2026-05-04 04:00+00', '2026-05-05 04:00+00'),
      ('2026-12-01 00:00+00', '2027-01-01 00:00+00'), ('2026-01-31 15:00+00', '2026-02-28 15:00+00'),
      ('2026-03-28 23:00+00', '2026-03-29 22:00+00'), ('2026-10-24 22:00+00', '2026-10-25 23:00+00'),
      ('2026-02-28 23:00+00', '2026-03-31 22:00+00'), ('-infinity', null)
  $$,
  'they begin and end at local midnight, also where clocks change'
);
select is(private.period_start('week', 'UTC', now()), null, 'a week is no period');

select * from finish();
rollback;
