begin;
select plan(7);

insert into public.budgets (organization_id, period, limit_usd) values
  (tests.id('acme'), 'day', 10), (tests.id('acme'), 'month', 20), (tests.id('acme'), 'total', 30);
update public.budgets set spent_usd = 9, reserved_usd = 0;
-- As it stands after a day's last turn.
update public.budgets set period_started_at = private.period_start('day', 'UTC', now()) - interval '1 day' where period = 'day';

create function pg_temp.status() returns setof text language sql as $$
  select concat_ws(' ', period, trim_scale(spent_usd), trim_scale(remaining_usd), resets_at > now()) from public.budget_status order by period
$$;
grant execute on function pg_temp.status() to authenticated;
select tests.act_as('alice');
select results_eq(
  'select * from pg_temp.status()', array['day 0 10 t', 'month 9 11 t', 'total 9 21'], 'of a day that has ended nothing is spent today'
);
select is(
  (select period_started_at from public.budget_status where period = 'day'), date_trunc('day', now(), 'UTC'), 'which has begun'
);
select tests.act_as('eve');
select is_empty('select * from public.budget_status', 'outsiders see nothing of it');
select tests.reset();

select is(tests.work_off('begin-budget-periods'), 1::bigint, 'the job begins the day');
select results_eq(
  'select period, spent_usd from public.budgets order by period',
  $$ values ('day', 0::numeric(20, 10)), ('month', 9), ('total', 9) $$, 'in the budget itself'
);
select is(tests.work_off('begin-budget-periods'), 0::bigint, 'once');
select results_eq(
  'select * from pg_temp.status()', array['day 0 10 t', 'month 9 11 t', 'total 9 21'], 'a reader sees no difference'
);

select * from finish();
rollback;
