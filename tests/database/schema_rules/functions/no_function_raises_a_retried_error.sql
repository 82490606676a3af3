begin;
select plan(2);

-- The Data API repeats a request that ends in 40001, without end.
create temporary view findings as
select functions.oid::regprocedure || ' raises 40001' as finding
from pg_proc functions
where functions.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
  and functions.prosrc ~* '40001|serialization_failure';

select is_empty('select finding from findings', 'no function raises serialization_failure');

create function public.planted_raising() returns void language plpgsql as $$
begin
  raise exception 'Try again.' using errcode = '40001';
end
$$;
create function public.planted_refusing() returns void language plpgsql as $$
begin
  perform private.refuse('session_busy', 'Try again.');
end
$$;

select set_eq(
  $$ select finding from findings where finding like '%planted%' $$,
  $$ values
    ('planted_raising() raises 40001') $$,
  'an error of class 40001 is reported, a business error is not'
);

select * from finish();
rollback;
