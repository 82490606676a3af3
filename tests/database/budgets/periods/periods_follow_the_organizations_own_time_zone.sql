begin;
select plan(4);

-- One of the two days began later than the other, whatever the time is.
update public.organizations
set timezone = case when id = tests.id('acme') then 'Pacific/Pago_Pago' else 'Pacific/Kiritimati' end;
insert into public.budgets (organization_id, period, limit_usd)
select id, 'day', 10 from public.organizations
where id = tests.id('acme') or is_personal and created_by = tests.id('eve');
update public.budgets set spent_usd = 9;

select is_empty(
  'select item from private.budgets_to_begin()', 'no budget is due because a day has begun in another time zone'
);
select results_eq(
  'select private.lock_budgets(organization_id) from public.budgets', array[true, true], 'both are locked'
);
select results_eq(
  'select spent_usd from public.budgets', array[9, 9]::numeric(20, 10)[], 'and keep their spending'
);
select set_eq(
  'select period_started_at from public.budgets',
  array[date_trunc('day', now(), 'Pacific/Pago_Pago'), date_trunc('day', now(), 'Pacific/Kiritimati')], 'and their days'
);

select * from finish();
rollback;
