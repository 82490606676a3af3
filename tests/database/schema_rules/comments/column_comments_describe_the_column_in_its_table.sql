begin;
select plan(2);

-- Columns of views are left out: one that is passed through means what it means in its table.
create temporary view findings as
select
  count(*) || ' columns have the comment "' || descriptions.description || '": '
  || string_agg(
    relations.oid::regclass || '.' || columns.attname, ', '
    order by relations.oid::regclass::text, columns.attname
  ) as finding
from pg_class relations
join pg_attribute columns on columns.attrelid = relations.oid and not columns.attisdropped
join pg_description descriptions on descriptions.classoid = 'pg_class'::regclass
  and descriptions.objoid = relations.oid
  and descriptions.objsubid = columns.attnum
where relations.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
  and relations.relkind in ('r', 'p')
  and not relations.relispartition
  -- These take their measures and dimensions from one declaration.
  and relations.relname !~ '(^|_)usage_'
group by descriptions.description
having count(*) > 2;

select is_empty(
  'select finding from findings',
  'no sentence stands at more than two columns: it would say nothing about either'
);

create table public.planted_a (id integer, value integer);
create table public.planted_b (id integer);
create table public.planted_c (id integer);
comment on column public.planted_a.id is 'Planted.';
comment on column public.planted_b.id is 'Planted.';
comment on column public.planted_c.id is 'Planted.';
comment on column public.planted_a.value is 'The value of a.';

select set_eq(
  $$ select finding from findings where finding like '%planted%' $$,
  $$ values
    ('3 columns have the comment "Planted.": planted_a.id, planted_b.id, planted_c.id') $$,
  'one that does is reported'
);

select * from finish();
rollback;
