begin;
select plan(2);

create temporary view findings as
select distinct format(
  '"%s" on %s compares %s.%s, which leads no index',
  policies.polname, policies.polrelid::regclass, columns.attrelid::regclass, columns.attname
) as finding
from pg_policy policies
join pg_depend on pg_depend.classid = 'pg_policy'::regclass
  and pg_depend.objid = policies.oid
  and pg_depend.refclassid = 'pg_class'::regclass
  and pg_depend.refobjsubid > 0
join pg_attribute columns on columns.attrelid = pg_depend.refobjid
  and columns.attnum = pg_depend.refobjsubid
where pg_get_expr(policies.polqual, policies.polrelid)
    ~ format('\m%s (=|IN|= ANY) \(+(ARRAY\()? ?SELECT', columns.attname)
  and not exists (
    select from pg_index
    where pg_index.indrelid = columns.attrelid
      and pg_index.indkey[0] = columns.attnum
      and pg_index.indisvalid
      and (
        pg_index.indpred is null
        -- A comparison is never true of null, so this index serves it.
        or pg_get_expr(pg_index.indpred, pg_index.indrelid) = format('(%I IS NOT NULL)', columns.attname)
      )
  );

select is_empty('select finding from findings', 'columns that policies compare with the caller lead an index');

create table public.planted_slow (id integer, owner_id uuid);
create index on public.planted_slow (id, owner_id);
create policy "Slow" on public.planted_slow for select to authenticated
  using (owner_id = (select auth.uid()));
create table public.planted_partial (id integer, owner_id uuid);
create index on public.planted_partial (owner_id) where id > 0;
create policy "Partial" on public.planted_partial for select to authenticated
  using (owner_id = any (array(select private.my_organizations('viewer'))));
create table public.planted_quick (id integer, owner_id uuid);
create index on public.planted_quick (owner_id, id) where owner_id is not null;
create policy "Quick" on public.planted_quick for select to authenticated
  using (id > 0 and owner_id = (select auth.uid()));

select set_eq(
  $$ select finding from findings where finding like '%planted%' $$,
  $$ values
    ('"Slow" on planted_slow compares planted_slow.owner_id, which leads no index'),
    ('"Partial" on planted_partial compares planted_partial.owner_id, which leads no index') $$,
  'a column that is second in an index, or only in a partial one, is reported; a leading one is not'
);

select * from finish();
rollback;
