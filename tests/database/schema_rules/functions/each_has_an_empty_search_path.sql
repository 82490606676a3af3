begin;
select plan(2);

create temporary view findings as
select functions.oid::regprocedure || ' has no empty search_path' as finding
from pg_proc functions
where functions.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
  and not coalesce('search_path=""' = any (functions.proconfig), false)
  -- A procedure that commits may not have it in its head: it begins with it instead.
  and not (
    functions.prokind = 'p'
    and functions.prosrc ~ '\mcommit;'
    and functions.prosrc ~ '\mbegin\s+(--[^\n]*\s+)*perform set_config\(''search_path'', '''', true\);'
  );

select is_empty('select finding from findings', 'every function has an empty search_path');

create function public.planted_none() returns integer language sql as 'select 1';
create function private.planted_public() returns integer language sql
  security definer set search_path = public as 'select 1';
create function public.planted_empty() returns integer language sql
  set statement_timeout = '1s' set search_path = '' as 'select 1';
create procedure public.planted_committing() language plpgsql as
  $$ begin perform set_config('search_path', '', true); commit; end $$;
create procedure public.planted_careless() language plpgsql as
  $$ begin commit; perform set_config('search_path', '', true); end $$;

select set_eq(
  $$ select finding from findings where finding like '%planted%' $$,
  $$ values
    ('planted_none() has no empty search_path'),
    ('planted_careless() has no empty search_path'),
    ('private.planted_public() has no empty search_path') $$,
  'a missing search_path and one that names a schema are reported, an empty one is not, in the head or where it must stand in the body'
);

select * from finish();
rollback;
