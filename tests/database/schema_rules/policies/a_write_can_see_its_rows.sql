begin;
select plan(2);

-- Postgres finds no row to update where the role has no policy to select it.
create temporary view findings as
select format(
  '"%s" on %s has no policy to read what it writes', policies.polname, policies.polrelid::regclass
) as finding
from pg_policy policies
cross join lateral unnest(policies.polroles) as roles (role)
where policies.polcmd in ('w', 'd')
  and not exists (
    select from pg_policy readers
    where readers.polrelid = policies.polrelid
      and readers.polcmd in ('r', '*')
      and readers.polpermissive
      and (roles.role = any (readers.polroles) or 0 = any (readers.polroles))
  );

select is_empty('select finding from findings', 'who may update or delete rows may read them');

create table public.planted_blind (id integer);
create policy "Blind" on public.planted_blind for update to authenticated using (id = 1);
create table public.planted_seeing (id integer);
create policy "Seeing" on public.planted_seeing for select to authenticated using (id = 1);
create policy "Writing" on public.planted_seeing for update to authenticated using (id = 1);

select set_eq(
  $$ select finding from findings where finding like '%planted%' $$,
  $$ values
    ('"Blind" on planted_blind has no policy to read what it writes') $$,
  'an update without a policy to read is reported, one with it is not'
);

select * from finish();
rollback;
