begin;
select plan(8);

-- Zones that differ between 2026 and 2030; those of one name each, without the posix and right copies.
create temporary table zones as select name from pg_timezone_names where name !~ '^(posix|right)/';
create temporary table days as select day::date from generate_series(timestamp '2025-12-31', '2031-01-01', '1 day') as day;

-- Where the offset at noon differs from that of the day before, clocks changed in between.
create temporary table changes as
select name, day, later - earlier as step
from (
  select zones.name, days.day, noon at time zone zones.name - (noon at time zone 'UTC') as later,
    lag(noon at time zone zones.name - (noon at time zone 'UTC')) over (partition by zones.name order by days.day) as earlier
  from zones cross join days cross join lateral (select days.day + time '12:00' at time zone 'UTC' as noon) noons
) offsets
where later <> earlier;

-- Between two noons of one offset a day begins at midnight: the days around each change, and the first of each month.
create temporary table starts as
select name, day, private.day_start(day, name) as start
from (
  select changes.name, changes.day + ahead as day from changes, generate_series(-1, 1) as ahead
  union
  select zones.name, days.day from zones, days where days.day = date_trunc('month', days.day)
) boundaries;
analyze starts;

select cmp_ok((select count(distinct name) from zones), '>', 400::bigint, 'all zones of the database');
select cmp_ok((select count(*) from changes), '>', 1000::bigint, 'with all changes of clocks of five years');
select is_empty(
  $$ select * from starts where (start at time zone name)::date <> day $$, 'the first moment of a day lies in it'
);
select is_empty(
  $$ select * from starts where ((start - interval '1 microsecond') at time zone name)::date >= day $$,
  'and the moment before does not'
);
select is_empty(
  $$
    select starts.* from starts
    join changes on changes.name = starts.name and starts.day between changes.day - 1 and changes.day + 1
    cross join generate_series(1, 4 * 30) as quarter
    where ((starts.start - quarter * interval '15 minutes') at time zone starts.name)::date >= starts.day
  $$,
  'nor does any of the 30 hours before, where clocks changed'
);
select is_empty(
  $$
    select name, day from starts
    where (private.period_start('day', name, start), private.period_start('day', name, start - interval '1 microsecond'))
      is distinct from (start, private.day_start(day - 1, name))
      or (private.period_end('day', name, start), private.period_end('day', name, start - interval '1 microsecond'))
      is distinct from (private.day_start(day + 1, name), start)
  $$,
  'a day''s budget begins and ends there'
);
select is_empty(
  $$
    select name, day from starts
    where day = date_trunc('month', day) and (
      (private.period_start('month', name, start), private.period_end('month', name, start - interval '1 microsecond'))
        is distinct from (start, start)
      or private.period_end('month', name, start) <> private.day_start((day + interval '1 month')::date, name)
    )
  $$,
  'and a month''s'
);
select results_eq(
  $$
    select private.day_start(day::date, zone) from (values
      (1, 'America/Havana', '2026-11-01'), (2, 'Atlantic/Azores', '2026-10-25'), (3, 'Africa/Cairo', '2026-04-24'),
      (4, 'Asia/Beirut', '2026-03-29'), (5, 'Europe/Berlin', '2026-10-25'), (6, 'Pacific/Apia', '2011-12-30')
    ) as examples (place, zone, day) order by place
  $$,
  $$
    values
      (timestamptz '2026-11-01 04:00+00'), ('2026-10-25 00:00+00'), ('2026-04-23 22:00+00'), ('2026-03-28 22:00+00'),
      ('2026-10-24 22:00+00'), ('2011-12-30 10:00+00')
  $$,
  'where midnight comes twice, not at all, as ever, or the day is left out'
);

select * from finish();
rollback;
