begin;
select plan(4);

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

select is(tests.work_off('release-reservations'), 2::bigint, 'two budgets were wrong');
select results_eq(
  'select reserved_usd from public.budgets order by id', array[2.0000000001, 0]::numeric[],
  'what is reserved is what running turns need, to the last decimal'
);
select set_eq(
  'select interaction_id from public.budget_reservations', array['30000000-0000-4000-8000-000000000001'::uuid],
  'a turn that ended needs nothing, whatever its time says; one that runs keeps what it has'
);
select is(tests.work_off('release-reservations'), 0::bigint, 'a second time there is nothing left');

select * from finish();
rollback;
