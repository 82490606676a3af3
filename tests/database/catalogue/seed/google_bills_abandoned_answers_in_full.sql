begin;
select plan(1);

select results_eq(
  'select id from public.vendors where not cancel_stops_billing order by id',
  $$ values ('google_ai'), ('google_vertex') $$,
  'ending a call early saves nothing there, and saves something everywhere else'
);

select * from finish();
rollback;
