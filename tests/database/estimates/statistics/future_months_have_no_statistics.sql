begin;
select plan(2);

select private.create_partition('api_usage', '2031-05-01 00:00:00+00');
select isnt_empty(
  $$ select from private.statistics_columns where table_id = 'partitions.api_usage_2031_05'::regclass and not is_kept and is_collected $$,
  'a partition does not inherit that its table has no statistics'
);
drop table partitions.api_usage_2031_05;
select private.create_partitions_ahead(6);
select is_empty(
  $$ select from private.statistics_columns where not is_kept and is_collected $$,
  'the job that makes partitions sees to it'
);

select * from finish();
rollback;
