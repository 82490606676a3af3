begin;
select plan(6);

-- The month may have ended since the migrations ran.
select private.create_partitions_ahead();
select private.drop_old_partitions(date_trunc('month', now() at time zone 'UTC') at time zone 'UTC');

select private.create_partition('api_usage', month)
from unnest(array['2020-01-01Z', '2020-02-01Z', '2020-12-01Z']::timestamptz[]) as month;
insert into public.api_usage (endpoint, method, status_code, created_at) values
  ('/old', 'GET', 200, '2020-01-31T23:59:59.999999Z'), ('/young', 'GET', 200, '2020-02-01Z'), ('/last', 'GET', 200, '2020-12-31Z');

select is(private.drop_old_partitions('2020-01-31T23:59:59.999999Z'), 0, 'a month that is not over yet stays whole');
select is(private.drop_old_partitions('2020-02-01Z'), 1, 'one that has ended goes');
select set_eq('select endpoint from public.api_usage where created_at < ''2021-01-01''', array['/young', '/last'], 'with its rows, and no other');
select is(private.drop_old_partitions(null), 0, 'without a moment nothing goes');
select is(private.drop_old_partitions('infinity'), 2, 'this month never goes, whatever the moment');
select is(private.partition_report(), '{"tables": 3, "months_ahead": 3}', 'nor do the next ones');

select * from finish();
rollback;
