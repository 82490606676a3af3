begin;
select plan(2);

create temporary view findings as
select format('anon may %s %s', lower(rights.privilege), relations.oid::regclass) as finding
from pg_class relations
cross join unnest(array['INSERT', 'UPDATE', 'DELETE']) as rights (privilege)
where relations.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
  and relations.relkind in ('r', 'p', 'v', 'm')
  and (
    has_table_privilege('anon', relations.oid, rights.privilege)
    or rights.privilege <> 'DELETE'
      and has_any_column_privilege('anon', relations.oid, rights.privilege)
  );

select is_empty('select finding from findings', 'a visitor writes nothing');

create table public.planted_open (id integer, name text);
grant delete on public.planted_open to anon;
grant insert (name) on public.planted_open to anon;
create table public.planted_read (id integer);
grant select on public.planted_read to anon;
grant insert on public.planted_read to authenticated;

select set_eq(
  $$ select finding from findings where finding like '%planted%' $$,
  $$ values
    ('anon may delete planted_open'),
    ('anon may insert planted_open') $$,
  'a right to write is reported, on a column too; a right to read is not'
);

select * from finish();
rollback;
