begin;
select plan(2);

create temporary view findings as
select format('"%s" on %s lets any row pass', policies.polname, policies.polrelid::regclass) as finding
from pg_policy policies
cross join lateral (
  values
    -- Reading may be open to all: the public catalogue is.
    (case when policies.polcmd <> 'r' then pg_get_expr(policies.polqual, policies.polrelid) end),
    (pg_get_expr(policies.polwithcheck, policies.polrelid))
) as written (expression)
where policies.polpermissive
  and (
    written.expression ~* '^\(*true\)*$'
    or written.expression ~* '\mOR true\M|\mtrue OR\M|\mNOT false\M'
    or written.expression ~ '(\m[\w.]+) = \1\M'
  );

select is_empty('select finding from findings', 'no policy lets any row be written');

create table public.planted_truth (id integer, owner_id uuid);
create policy "True" on public.planted_truth for insert to authenticated with check (true);
create policy "Or true" on public.planted_truth for delete to authenticated using (id = 1 or true);
create policy "Not false" on public.planted_truth for delete to anon using (not false);
create policy "Itself" on public.planted_truth for update to authenticated
  using (id = id) with check (owner_id = (select auth.uid()));
create policy "Open to read" on public.planted_truth for select to authenticated using (true);
create policy "Own" on public.planted_truth for insert to anon with check (owner_id = (select auth.uid()));

select set_eq(
  $$ select finding from findings where finding like '%planted%' $$,
  $$ values
    ('"True" on planted_truth lets any row pass'),
    ('"Or true" on planted_truth lets any row pass'),
    ('"Not false" on planted_truth lets any row pass'),
    ('"Itself" on planted_truth lets any row pass') $$,
  'tautologies are reported; open reading and a real condition are not'
);

select * from finish();
rollback;
