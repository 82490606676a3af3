begin;
select plan(2);

create temporary view findings as
select format('"%s" on %s is for everyone', policies.polname, policies.polrelid::regclass) as finding
from pg_policy policies
join pg_class tables on tables.oid = policies.polrelid
where 0 = any (policies.polroles)
  and tables.relnamespace in ('public'::regnamespace, 'private'::regnamespace);

select is_empty('select finding from findings', 'every policy names its roles');

create table public.planted_role (id integer);
create policy "For everyone" on public.planted_role for select using (true);
create policy "For people" on public.planted_role for select to authenticated using (true);

select set_eq(
  $$ select finding from findings where finding like '%planted%' $$,
  $$ values
    ('"For everyone" on planted_role is for everyone') $$,
  'a policy without a role is reported, one with it is not'
);

select * from finish();
rollback;
