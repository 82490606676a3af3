-- A deleted row is checked against no policy: every subscriber is told of it, with its replica
-- identity. So that is an id, and nothing else.
begin;
select plan(3);

create temporary view findings as
select format('%s sends %s of a deleted row', tables.oid::regclass, coalesce(string_agg(columns.attname, ', '), 'all')) as finding
from pg_publication_tables published
join pg_class tables on tables.oid = format('%I.%I', published.schemaname, published.tablename)::regclass
left join pg_index keys on keys.indrelid = tables.oid and keys.indisprimary and tables.relreplident = 'd'
left join pg_attribute columns on columns.attrelid = tables.oid and columns.attnum = any (keys.indkey)
where published.pubname = 'supabase_realtime'
group by tables.oid
having count(columns.attname) <> 1 or bool_or(columns.atttypid <> 'uuid'::regtype);

select isnt_empty(
  $$ select from pg_publication_tables where pubname = 'supabase_realtime' $$, 'tables are published'
);
select is_empty('select finding from findings', 'each tells the id of a deleted row and no more');

create table public.planted_whole (id uuid primary key, said text);
alter table public.planted_whole replica identity full;
create table public.planted_named (name text primary key);
create table public.planted_id (id uuid primary key, said text);
alter publication supabase_realtime add table public.planted_whole, public.planted_named, public.planted_id;
select set_eq(
  $$ select finding from findings where finding like 'planted%' $$,
  $$ values
    ('planted_whole sends all of a deleted row'),
    ('planted_named sends name of a deleted row') $$,
  'one that tells more is reported'
);

select * from finish();
rollback;
