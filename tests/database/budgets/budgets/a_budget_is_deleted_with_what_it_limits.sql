begin;
select plan(5);

insert into public.budgets (organization_id, user_id, period, limit_usd, created_by) values
  (tests.id('acme'), tests.id('carol'), 'day', 1, tests.id('bob')), (tests.id('acme'), null, 'day', 2, tests.id('bob'));
insert into private.running_turns (id, user_id, organization_id, title, source, lease_expires_at) values
  ('30000000-0000-4000-8000-000000000001', tests.id('alice'), tests.id('acme'), 'x', 'chat', now());
insert into public.budget_reservations (budget_id, interaction_id, amount_usd, expires_at)
select id, '30000000-0000-4000-8000-000000000001', 0.1, now() from public.budgets;

delete from public.organization_members where organization_id = tests.id('acme') and user_id = tests.id('carol');
select results_eq(
  'select limit_usd from public.budgets', 'values (2::numeric(20, 10))', 'a member who leaves has none'
);
select is((select count(*) from public.budget_reservations), 1::bigint, 'nor anything reserved in it');

delete from auth.users where id = tests.id('bob');
select results_eq('select created_by from public.budgets', 'values (null::uuid)', 'who set it may go');
delete from private.running_turns;
select is_empty('select id from public.budget_reservations', 'a turn takes what was reserved for it');
delete from public.organizations where id = tests.id('acme');
select is_empty('select id from public.budgets', 'an organization takes its budgets');

select * from finish();
rollback;
