begin;
select plan(2);

-- Postgres looks up what is in an array by index; what is IN a subquery it compares row by row.
create temporary view findings as
select format('"%s" on %s', policies.polname, policies.polrelid::regclass) as finding
from pg_policy policies
where concat(
    pg_get_expr(policies.polqual, policies.polrelid), pg_get_expr(policies.polwithcheck, policies.polrelid)
  ) ~ 'IN \( SELECT private\.my_';

select is_empty('select finding from findings', 'policies ask for the organizations, calendars and keys of the caller as an array');

create table public.planted (id integer, owner_id uuid);
create policy "Slow" on public.planted for select to authenticated
  using (id > 0 and owner_id in (select private.my_organizations('viewer')));
create policy "Slow to write" on public.planted for insert to authenticated
  with check (owner_id in (select private.my_organizations('member')));
create policy "Quick" on public.planted for delete to authenticated
  using (owner_id = any (array(select private.my_organizations('viewer'))));

select set_eq(
  $$ select finding from findings where finding like '%planted%' $$,
  array['"Slow" on planted', '"Slow to write" on planted'], 'a subquery is reported'
);

select * from finish();
rollback;
