begin;
select plan(20);

insert into public.agents (id, name, created_by) values
  ('20000000-0000-4000-8000-000000000001', 'Eve''s', tests.id('eve'));

select tests.act_as('bob');
select results_eq(
  $$
    insert into public.budgets (organization_id, period, limit_usd) values (tests.id('acme'), 'day', 5)
    returning created_by, is_active, spent_usd, reserved_usd
  $$,
  $$ values (tests.id('bob'), true, 0::numeric(20, 10), 0::numeric(20, 10)) $$,
  'an admin sets one'
);
select tests.denied(
  $$
    insert into public.budgets (organization_id, period, limit_usd, created_by)
    values (tests.id('acme'), 'month', 5, tests.id('alice'))
  $$,
  'not in another''s name'
);
select tests.denied(
  $$ insert into public.budgets (organization_id, period, limit_usd, spent_usd) values (tests.id('acme'), 'month', 5, 1) $$,
  'nor with spending of choice'
);
select tests.denied(
  $$
    insert into public.budgets (organization_id, period, limit_usd, agent_id)
    values (tests.id('acme'), 'month', 5, '20000000-0000-4000-8000-000000000001')
  $$,
  'nor for an agent out of sight'
);
select tests.denied(format('update public.budgets set %s', change), change || ' is denied')
from unnest(array[
  'spent_usd = 0', 'reserved_usd = 0', 'period_started_at = now()', 'organization_id = gen_random_uuid()',
  'user_id = tests.id(''bob'')', 'agent_id = gen_random_uuid()', 'period = ''month''', 'created_by = null'
]) as change;
select tests.changes('update public.budgets set limit_usd = 6, is_active = false', 1, 'and changes limit and use');

select tests.act_as('dave');
select results_eq(
  'select limit_usd from public.budgets', $$ values (6::numeric(20, 10)) $$, 'every member sees it'
);
select tests.act_as('carol');
select tests.changes('update public.budgets set limit_usd = 7', 0, 'an agent manager changes none');
select tests.denied(
  $$ insert into public.budgets (organization_id, period, limit_usd) values (tests.id('acme'), 'month', 5) $$,
  'and sets none'
);
select tests.changes('delete from public.budgets', 0, 'and lifts none');
select tests.act_as('eve');
select is_empty('select id from public.budgets', 'an outsider sees none');
select tests.denied(
  $$ insert into public.budgets (organization_id, period, limit_usd) values (tests.id('acme'), 'month', 5) $$,
  'and sets none'
);
select tests.act_as('alice');
select tests.changes('delete from public.budgets', 1, 'an owner lifts it');

select * from finish();
rollback;
