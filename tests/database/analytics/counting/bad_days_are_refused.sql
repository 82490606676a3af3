begin;
select plan(4);

select tests.refused(format('select * from public.verify_daily_usage(%s)', days), 400, code, description)
from (values
  ($$ null, '2026-05-06' $$, 'date_required', 'no beginning'),
  ($$ '2026-05-06', null $$, 'date_required', 'no end'),
  ($$ '2026-05-06', '2026-05-05' $$, 'range_backwards', 'a range backwards'),
  ($$ '2026-05-06', ((now() at time zone 'UTC') + interval '14 hours')::date + 1 $$, 'date_in_future', 'a day that has begun nowhere')
) as ranges (days, code, description);

select * from finish();
rollback;
