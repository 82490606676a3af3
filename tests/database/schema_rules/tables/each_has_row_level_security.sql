begin;
select plan(2);

create temporary view findings as
select tables.oid::regclass || ' has no row level security' as finding
from pg_class tables
where tables.relnamespace = 'public'::regnamespace
  and tables.relkind in ('r', 'p')
  and not tables.relrowsecurity;

select is_empty('select finding from findings', 'every table has row level security');

create table public.planted_open (id integer);
create table public.planted_parent (id integer) partition by range (id);
create table public.planted_closed (id integer);
alter table public.planted_closed enable row level security;
create view public.planted_view as select 1 as id;

select set_eq(
  $$ select finding from findings where finding like '%planted%' $$,
  $$ values
    ('planted_open has no row level security'),
    ('planted_parent has no row level security') $$,
  'an open table is reported, partitioned or not; a closed one and a view are not'
);

select * from finish();
rollback;
