begin;
select plan(2);

select results_eq(
  $$
    select private.period_of(schedule) from (values
      (1, '* * * * *'), (2, '*/5 * * * *'), (3, '*/59 * * * *'), (4, '0 * * * *'), (5, '59 * * * *'), (6, '7 */2 * * *'),
      (7, '7 */23 * * *'), (8, '0 0 * * *'), (9, '59 23 * * *'), (10, '30 9 * * 0'), (11, '30 19 * * 6')
    ) as forms (place, schedule) order by place
  $$,
  array[
    '1 minute', '5 minutes', '59 minutes', '1 hour', '1 hour', '2 hours', '23 hours', '1 day', '1 day', '7 days', '7 days'
  ]::interval[],
  'every form that jobs may use'
);
select is_empty(
  $$
    select schedule from unnest(array[
      '', '* * * *', '* * * * * *', '*/0 * * * *', '*/60 * * * *', '60 * * * *', '-1 * * * *', '7 */0 * * *', '7 */24 * * *',
      '7 24 * * *', '7 3 * * 7', '7 3 1 * *', '1,2 * * * *', '1-5 * * * *', '30 seconds', '@daily', ' * * * * *', '* * * * * '
    ]) as schedule
    where private.period_of(schedule) is not null
  $$,
  'and no other'
);

select * from finish();
rollback;
