begin;
select plan(2);

create temporary view findings as
select format('"%s" on %s is for all commands', policies.polname, policies.polrelid::regclass) as finding
from pg_policy policies
join pg_class tables on tables.oid = policies.polrelid
where policies.polcmd = '*'
  and tables.relnamespace in ('public'::regnamespace, 'private'::regnamespace);

select is_empty('select finding from findings', 'every policy is for one command');

create table public.planted_command (id integer);
create policy "For all" on public.planted_command to authenticated using (true);
create policy "For reading" on public.planted_command for select to authenticated using (true);

select set_eq(
  $$ select finding from findings where finding like '%planted%' $$,
  $$ values
    ('"For all" on planted_command is for all commands') $$,
  'a policy for all commands is reported, one for reading is not'
);

select * from finish();
rollback;
