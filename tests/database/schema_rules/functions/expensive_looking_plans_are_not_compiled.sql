begin;
select plan(2);

-- Without sequential scans, one that is needed all the same costs more than any limit of the compiler,
-- which then takes a second for a plan of a millisecond.
create temporary view findings as
select functions.oid::regprocedure || ' compiles plans' as finding
from pg_proc functions
where functions.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
  and 'enable_seqscan=off' = any (functions.proconfig)
  and not 'jit=off' = any (functions.proconfig);

select is_empty('select finding from findings', 'a function without sequential scans compiles no plans');

create function public.planted_scanning() returns void language sql set enable_seqscan = off as '';
create function public.planted_quick() returns void language sql set enable_seqscan = off set jit = off as '';

select set_eq(
  'select finding from findings', $$ values ('planted_scanning() compiles plans') $$, 'one that does is reported'
);

select * from finish();
rollback;
