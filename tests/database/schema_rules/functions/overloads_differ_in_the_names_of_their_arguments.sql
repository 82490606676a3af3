begin;
select plan(2);

-- The Data API and the generated types choose among functions of one name by these names.
create temporary view findings as
select proname || '(' || array_to_string(proargnames, ', ') || ')' as finding
from pg_proc
where pronamespace = 'public'::regnamespace
group by proname, proargnames
having count(*) > 1;

select is_empty('select finding from findings', 'no two functions for clients differ in types alone');

create function public.planted(source text) returns text language sql as 'select $1';
create function public.planted(source integer) returns integer language sql as 'select $1';
create function public.planted(other text, more text) returns text language sql as 'select $1';

select set_eq(
  'select finding from findings',
  $$ values ('planted(source)') $$,
  'two that do are found'
);

select * from finish();
rollback;
