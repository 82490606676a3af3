begin;
select plan(2);

create temporary view findings as
select functions.oid::regprocedure || ' may be executed by everyone' as finding
from pg_proc functions
cross join lateral aclexplode(
  coalesce(functions.proacl, acldefault('f', functions.proowner))
) as grants
where functions.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
  and grants.grantee = 0;

select is_empty('select finding from findings', 'no function may be executed by everyone');

create function public.planted_open() returns integer language sql as 'select 1';
grant execute on function public.planted_open() to public;
create function public.planted_named() returns integer language sql as 'select 1';
grant execute on function public.planted_named() to authenticated;

select set_eq(
  $$ select finding from findings where finding like '%planted%' $$,
  $$ values
    ('planted_open() may be executed by everyone') $$,
  'EXECUTE for PUBLIC is reported, for a named role it is not'
);

select * from finish();
rollback;
