begin;
select plan(2);

create temporary view findings as
select format(
  '%s has %s permissive policies for %s of %s',
  policies.polrelid::regclass, count(*), commands.command, roles.role::regrole
) as finding
from pg_policy policies
cross join lateral unnest(policies.polroles) as roles (role)
cross join lateral unnest(
  case policies.polcmd when '*' then array['r', 'a', 'w', 'd']::"char"[] else array[policies.polcmd] end
) as commands (command)
where policies.polpermissive
group by policies.polrelid, roles.role, commands.command
having count(*) > 1;

select is_empty('select finding from findings', 'one policy permits a role a command');

create table public.planted_twice (id integer);
create policy "Small" on public.planted_twice for select to authenticated using (id < 10);
create policy "Large" on public.planted_twice for select to authenticated, anon using (id > 99);
create policy "Never odd" on public.planted_twice
  as restrictive for select to authenticated using (id % 2 = 0);
create policy "New" on public.planted_twice for insert to authenticated with check (id > 0);

select set_eq(
  $$ select finding from findings where finding like '%planted%' $$,
  $$ values
    ('planted_twice has 2 permissive policies for r of authenticated') $$,
  'two permissive policies are reported; a restrictive one and another command are not'
);

select * from finish();
rollback;
