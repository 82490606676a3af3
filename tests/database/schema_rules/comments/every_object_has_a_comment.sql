begin;
select plan(2);

create temporary view findings as
with objects as (
  select
    'pg_class'::regclass as catalogue, relations.oid, coalesce(columns.attnum, 0) as part,
    relations.oid::regclass || coalesce('.' || columns.attname, '') as name
  from pg_class relations
  left join pg_attribute columns on columns.attrelid = relations.oid
    and relations.relkind in ('r', 'p')
    and columns.attnum >= 0
    and not columns.attisdropped
  where relations.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
    and relations.relkind in ('r', 'p', 'v', 'm')
  union
  select 'pg_class'::regclass, relations.oid, 0, relations.oid::regclass::text
  from pg_class relations
  where relations.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
    and relations.relkind in ('r', 'p', 'v', 'm')
  union all
  select 'pg_proc'::regclass, functions.oid, 0, functions.oid::regprocedure::text
  from pg_proc functions
  where functions.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
  union all
  select 'pg_type'::regclass, types.oid, 0, types.oid::regtype::text
  from pg_type types
  where types.typnamespace in ('public'::regnamespace, 'private'::regnamespace)
    and types.typtype in ('d', 'e')
  union all
  select 'pg_namespace'::regclass, schemas.oid, 0, schemas.nspname
  from pg_namespace schemas
  where schemas.nspname = 'private'
)
select objects.name || ' has no comment' as finding
from objects
left join pg_description on pg_description.classoid = objects.catalogue
  and pg_description.objoid = objects.oid
  and pg_description.objsubid = objects.part
where coalesce(trim(pg_description.description), '') = '';

select is_empty('select finding from findings', 'every table, column, view, function and type says what it is for');

create table public.planted_silent (id integer, name text);
comment on table public.planted_silent is 'A table.';
comment on column public.planted_silent.id is 'Its key.';
create table public.planted_empty ();
create view public.planted_view as select 1 as id;
create function private.planted_silent() returns integer language sql as 'select 1';
create function private.planted_said() returns integer language sql as 'select 1';
comment on function private.planted_said() is 'One.';
create type public.planted_kind as enum ('a');

select set_eq(
  $$ select finding from findings where finding like '%planted%' $$,
  $$ values
    ('planted_silent.name has no comment'),
    ('planted_empty has no comment'),
    ('planted_view has no comment'),
    ('private.planted_silent() has no comment'),
    ('planted_kind has no comment') $$,
  'what says nothing is reported, what does is not'
);

select * from finish();
rollback;
