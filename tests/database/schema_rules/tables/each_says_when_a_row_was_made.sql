begin;
select plan(2);

create temporary view findings as
select tables.oid::regclass || ' has no created_at that fills itself' as finding
from pg_class tables
where tables.relnamespace = 'public'::regnamespace
  and tables.relkind in ('r', 'p')
  and not exists (
    select from pg_attribute columns
    where columns.attrelid = tables.oid
      and columns.attname = 'created_at'
      and columns.atttypid = 'timestamptz'::regtype
      and columns.attnotnull
      and columns.atthasdef
  );

select is_empty('select finding from findings', 'every table says when a row was made');

create table public.planted_timeless (id integer);
create table public.planted_optional (id integer, created_at timestamptz default now());
create table public.planted_dated (id integer, created_at timestamptz not null default now());

select set_eq(
  $$ select finding from findings where finding like '%planted%' $$,
  $$ values
    ('planted_timeless has no created_at that fills itself'),
    ('planted_optional has no created_at that fills itself') $$,
  'a table without created_at is reported, and one where it may be missing'
);

select * from finish();
rollback;
