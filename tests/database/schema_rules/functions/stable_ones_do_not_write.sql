begin;
select plan(2);

-- The Data API runs STABLE and IMMUTABLE functions in read-only transactions: one
-- that writes would fail there, and nowhere else.
create temporary view findings as
select functions.oid::regprocedure::text as finding
from pg_proc functions
where functions.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
  and functions.provolatile in ('s', 'i')
  and functions.prosrc ~* '\m(insert into|update (public|private)\.|delete from|for (no key )?update|set_config|nextval)\M';

select is_empty('select finding from findings', 'no function that says it only reads writes or locks');

create function private.planted_liar() returns void language sql stable as 'delete from public.vendors';
create function private.planted_honest() returns void language sql as 'delete from public.vendors';
select set_eq(
  'select finding from findings',
  array['private.planted_liar()'],
  'one that writes is found, one that says so is not'
);

select * from finish();
rollback;
