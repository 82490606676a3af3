begin;
select plan(2);

create temporary view findings as
select format('%s on %s is not valid', rules.conname, rules.conrelid::regclass) as finding
from pg_constraint rules
where rules.connamespace in ('public'::regnamespace, 'private'::regnamespace)
  and not rules.convalidated
union all
select pg_index.indexrelid::regclass || ' is not valid'
from pg_index
join pg_class indexes on indexes.oid = pg_index.indexrelid
where indexes.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
  and not (pg_index.indisvalid and pg_index.indisready);

select is_empty('select finding from findings', 'every constraint and index holds for the rows that are there');

create table public.planted_late (id integer);
alter table public.planted_late add constraint planted_id_is_positive check (id > 0) not valid;
alter table public.planted_late add constraint planted_id_is_small check (id < 10);
create table public.planted_parent (id integer) partition by range (id);
create table public.planted_child partition of public.planted_parent for values from (0) to (9);
create index planted_unfinished on only public.planted_parent (id);

select set_eq(
  $$ select finding from findings where finding like '%planted%' $$,
  $$ values
    ('planted_id_is_positive on planted_late is not valid'),
    ('planted_unfinished is not valid') $$,
  'an unvalidated constraint and an unfinished index are reported'
);

select * from finish();
rollback;
