begin;
select plan(2);

create temporary view findings as
select tables.oid::regclass || ' has no primary key' as finding
from pg_class tables
where tables.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
  and tables.relkind in ('r', 'p')
  and not exists (
    select from pg_index where pg_index.indrelid = tables.oid and pg_index.indisprimary
  )
  -- One that can hold no row declares columns for others.
  and not exists (
    select from pg_constraint rules where rules.conrelid = tables.oid and pg_get_constraintdef(rules.oid) = 'CHECK (false)'
  );

select is_empty('select finding from findings', 'every table has a primary key');

create table public.planted_heap (id integer unique);
create table public.planted_keyed (id integer primary key);
create table public.planted_template (id integer, check (false));

select set_eq(
  $$ select finding from findings where finding like '%planted%' $$,
  $$ values
    ('planted_heap has no primary key') $$,
  'a table without a primary key is reported, one with it or without rows is not'
);

select * from finish();
rollback;
