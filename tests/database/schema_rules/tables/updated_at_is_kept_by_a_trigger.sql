begin;
select plan(2);

create temporary view findings as
select tables.oid::regclass || ' does not keep its updated_at' as finding
from pg_class tables
join pg_attribute columns on columns.attrelid = tables.oid
where tables.relnamespace = 'public'::regnamespace
  and tables.relkind in ('r', 'p')
  and columns.attname = 'updated_at'
  and not exists (
    select from pg_trigger triggers
    where triggers.tgrelid = tables.oid
      and triggers.tgfoid = 'public.update_updated_at_column()'::regprocedure
      and triggers.tgenabled = 'O'
      -- 1 for each row, 2 before, 16 on update; and on every update, whatever column it sets.
      and triggers.tgtype & 19 = 19
      and triggers.tgattr = ''::int2vector
      and triggers.tgqual is null
  );

select is_empty('select finding from findings', 'every updated_at is kept by the trigger');

create table public.planted_stale (id integer, updated_at timestamptz);
create table public.planted_choosy (id integer, updated_at timestamptz);
create trigger planted before update of id on public.planted_choosy
  for each row execute function public.update_updated_at_column();
create table public.planted_fresh (id integer, updated_at timestamptz);
create trigger planted before update on public.planted_fresh
  for each row execute function public.update_updated_at_column();

select set_eq(
  $$ select finding from findings where finding like '%planted%' $$,
  $$ values
    ('planted_stale does not keep its updated_at'),
    ('planted_choosy does not keep its updated_at') $$,
  'a table without the trigger is reported, and one where it only fires at times'
);

select * from finish();
rollback;
