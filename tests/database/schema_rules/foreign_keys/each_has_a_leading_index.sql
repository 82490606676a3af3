begin;
select plan(2);

create temporary view findings as
select format('%s on %s has no index', keys.conname, keys.conrelid::regclass) as finding
from pg_constraint keys
where keys.contype = 'f'
  and keys.connamespace in ('public'::regnamespace, 'private'::regnamespace)
  and keys.conparentid = 0
  and not exists (
    select from pg_index
    where pg_index.indrelid = keys.conrelid
      and pg_index.indisvalid
      -- Its first columns are those of the key, in any order.
      and (pg_index.indkey::smallint[])[0:cardinality(keys.conkey) - 1] @> keys.conkey
      and (
        pg_index.indpred is null
        or pg_get_expr(pg_index.indpred, pg_index.indrelid) ~ '^\(\w+ IS NOT NULL\)$'
      )
  );

select is_empty('select finding from findings', 'every foreign key leads an index');

create table public.planted_target (a integer, b integer, primary key (a, b));
create table public.planted_bare (
  a integer, b integer,
  constraint planted_bare_fkey foreign key (a, b) references public.planted_target (a, b)
);
create index on public.planted_bare (a);
create table public.planted_indexed (
  a integer, b integer,
  constraint planted_indexed_fkey foreign key (a, b) references public.planted_target (a, b)
);
create index on public.planted_indexed (b, a);

select set_eq(
  $$ select finding from findings where finding like '%planted%' $$,
  $$ values
    ('planted_bare_fkey on planted_bare has no index') $$,
  'a key that an index holds in part is reported, one that it begins with is not'
);

select * from finish();
rollback;
