begin;
select plan(2);

create temporary view findings as
select format(
  '"%s" on %s lets %s change', policies.polname, policies.polrelid::regclass, columns.attname
) as finding
from pg_policy policies
join pg_attribute columns on columns.attrelid = policies.polrelid
cross join lateral (
  select
    pg_get_expr(policies.polqual, policies.polrelid) as found,
    pg_get_expr(policies.polwithcheck, policies.polrelid) as left_behind
) as written
where policies.polcmd = 'w'
  and policies.polpermissive
  and columns.attnum > 0
  and not columns.attisdropped
  -- A column that is compared with the caller, and that the API may write.
  and written.found ~ format('\m%s (=|IN|= ANY) \((ARRAY\()? SELECT', columns.attname)
  and has_column_privilege('authenticated', policies.polrelid, columns.attnum, 'update')
  and written.left_behind !~ format('\m%s (=|IN|= ANY) \((ARRAY\()? SELECT', columns.attname);

select is_empty('select finding from findings', 'an update cannot give a row to another user');

create table public.planted (id integer, owner_id uuid, name text);
grant update on public.planted to authenticated;
create policy "Gives away" on public.planted for update to authenticated
  using (owner_id = (select auth.uid())) with check (name <> '');
create table public.planted_kept (id integer, owner_id uuid, name text);
grant update on public.planted_kept to authenticated;
create policy "Keeps" on public.planted_kept for update to authenticated
  using (owner_id = (select auth.uid())) with check (owner_id = (select auth.uid()) and name <> '');
create table public.planted_fixed (id integer, owner_id uuid, name text);
grant update (name) on public.planted_fixed to authenticated;
create policy "Cannot" on public.planted_fixed for update to authenticated
  using (owner_id = (select auth.uid())) with check (name <> '');

select set_eq(
  $$ select finding from findings where finding like '%planted%' $$,
  $$ values
    ('"Gives away" on planted lets owner_id change') $$,
  'a check that forgets the owner is reported; one that pins it, and a column no one may write, are not'
);

select * from finish();
rollback;
