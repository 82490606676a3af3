begin;
select plan(2);

-- Without the select Postgres asks again for every row of the table.
create temporary view findings as
select format('"%s" on %s calls %s for every row', policies.polname, policies.polrelid::regclass, bare.call[1])
  as finding
from pg_policy policies
cross join lateral (
  select concat_ws(
    ' ',
    pg_get_expr(policies.polqual, policies.polrelid),
    pg_get_expr(policies.polwithcheck, policies.polrelid)
  ) as expression
) as written
cross join lateral regexp_matches(
  regexp_replace(written.expression, '\( SELECT (auth|private)\.\w+\([^()]*\) AS \w+\)', '', 'g'),
  -- What depends on the caller alone: any call of auth, and helpers that are given no column.
  $$(auth\.\w+\(|current_setting\(|private\.\w+\((?:'[^']*'(?:::\w+)?(?:, )?)*\))$$,
  'g'
) as bare (call);

select is_empty('select finding from findings', 'policies look the caller up once, in a select of its own');

create function private.planted_caller() returns boolean language sql stable as 'select true';
create function private.planted_about(id uuid) returns boolean language sql stable as 'select true';
create table public.planted_caller (id uuid);
create policy "Bare" on public.planted_caller for select to authenticated using (id = auth.uid());
create policy "Bare beside wrapped" on public.planted_caller for insert to authenticated
  with check (id = (select auth.uid()) and auth.uid() is not null);
create policy "Bare helper" on public.planted_caller for delete to authenticated using (private.planted_caller());
create policy "Bare setting" on public.planted_caller for delete to service_role
  using (current_setting('planted_caller') = 'on');
create policy "Wrapped" on public.planted_caller for update to authenticated
  using (id = (select auth.uid()) and (select private.planted_caller()))
  with check (private.planted_about(id) and id in (select private.my_organizations('owner')));

select set_eq(
  $$ select finding from findings where finding like '%planted%' $$,
  $$ values
    ('"Bare" on planted_caller calls auth.uid( for every row'),
    ('"Bare beside wrapped" on planted_caller calls auth.uid( for every row'),
    ('"Bare helper" on planted_caller calls private.planted_caller() for every row'),
    ('"Bare setting" on planted_caller calls current_setting( for every row') $$,
  'bare calls are reported, wrapped ones and those about a row are not'
);

select * from finish();
rollback;
