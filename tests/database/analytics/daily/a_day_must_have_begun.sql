begin;
select plan(5);

select tests.refused('select public.update_daily_usage_stats(null)', 400, 'date_required', 'no day');
select tests.refused(
  $$ select public.update_daily_usage_stats(((now() at time zone 'UTC') + interval '14 hours')::date + 1) $$,
  400, 'date_in_future', 'a day that has begun nowhere'
);
select lives_ok(
  $$ select public.update_daily_usage_stats(((now() at time zone 'UTC') + interval '14 hours')::date) $$,
  'one that has begun in the east'
);
select lives_ok($$ select public.update_daily_usage_stats('1970-01-01') $$, 'one of long ago');
select is_empty('select id from public.ai_usage_stats', 'none has any figures');

select * from finish();
rollback;
