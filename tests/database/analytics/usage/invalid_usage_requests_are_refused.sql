begin;
select plan(7);

select tests.refused(format('select * from public.get_usage(%s)', question), 400, code, description)
from (values
  ($$ null, '2026-05-04', '2026-05-06' $$, 'measure_unknown', 'no measure'),
  ($$ 'colour', '2026-05-04', '2026-05-06' $$, 'measure_unknown', 'an unknown one'),
  ($$ 'day', null, '2026-05-06' $$, 'date_required', 'no beginning'),
  ($$ 'day', '2026-05-04', null $$, 'date_required', 'no end'),
  ($$ 'day', '2026-05-06', '2026-05-05' $$, 'range_backwards', 'a range backwards'),
  ($$ 'day', '2026-05-06', ((now() at time zone 'UTC') + interval '14 hours')::date + 1 $$, 'date_in_future', 'a day that has begun nowhere')
) as questions (question, code, description);
select tests.refused(
  $$ select * from public.get_usage('day', '2026-05-04', '2026-05-06', gen_random_uuid()) $$, 404, 'organization_not_found',
  'an unknown organization'
);

select * from finish();
rollback;
