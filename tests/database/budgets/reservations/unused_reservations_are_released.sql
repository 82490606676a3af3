begin;
select plan(5);

insert into public.budgets (id, organization_id, period, limit_usd, reserved_usd) values
  ('40000000-0000-4000-8000-000000000001', tests.id('acme'), 'day', 100, 7),
  ('40000000-0000-4000-8000-000000000002', tests.id('acme'), 'total', 100, 3);
insert into private.running_turns (id, organization_id, user_id, title, source, lease_expires_at) values
  ('30000000-0000-4000-8000-000000000001', tests.id('acme'), tests.id('alice'), 'x', 'chat', now()),
  ('30000000-0000-4000-8000-000000000002', tests.id('acme'), tests.id('alice'), 'x', 'chat', now());
insert into public.budget_reservations (budget_id, interaction_id, amount_usd, expires_at)
select budgets.id, turns.id, 2.0000000001, now()
from public.budgets, private.running_turns turns
where budgets.id = '40000000-0000-4000-8000-000000000001';
delete from private.running_turns where id = '30000000-0000-4000-8000-000000000002';

-- Another organization's are right.
create function pg_temp.home() returns uuid language sql as $$
  select id from public.organizations where is_personal and created_by = tests.id('eve')
$$;
insert into public.budgets (id, organization_id, period, limit_usd, reserved_usd) values
  ('40000000-0000-4000-8000-000000000003', pg_temp.home(), 'day', 100, 5);
insert into private.running_turns (id, organization_id, user_id, title, source, lease_expires_at) values
  ('30000000-0000-4000-8000-000000000003', pg_temp.home(), tests.id('eve'), 'x', 'chat', now());
insert into public.budget_reservations (budget_id, interaction_id, amount_usd, expires_at) values
  ('40000000-0000-4000-8000-000000000003', '30000000-0000-4000-8000-000000000003', 5, now());

select set_eq(
  'select item from private.reservations_to_release()', array[tests.id('acme')::text],
  'the organization with wrong budgets is due, and no other'
);
select is(tests.work_off('release-reservations'), 2::bigint, 'two budgets were wrong');
select results_eq(
  'select reserved_usd from public.budgets order by id', array[2.0000000001, 0, 5]::numeric[],
  'what is reserved is what running turns need, to the last decimal'
);
select set_eq(
  'select interaction_id from public.budget_reservations',
  array['30000000-0000-4000-8000-000000000001', '30000000-0000-4000-8000-000000000003']::uuid[],
  'a turn that ended needs nothing, whatever its time says; one that runs keeps what it has'
);
select is(tests.work_off('release-reservations'), 0::bigint, 'a second time there is nothing left');

select * from finish();
rollback;
