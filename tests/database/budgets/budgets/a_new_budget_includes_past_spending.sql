begin;
select plan(2);

update public.organizations set timezone = 'Asia/Tokyo' where id = tests.id('acme');
insert into public.agents (id, name, organization_id) values
  ('20000000-0000-4000-8000-000000000001', 'One', tests.id('acme')),
  ('20000000-0000-4000-8000-000000000002', 'Two', tests.id('acme'));
insert into public.ai_interactions
  (organization_id, user_id, agent_id, title, source, turn_state, total_cost, started_at)
select tests.id('acme'), person, agent, 'x', 'chat', 'succeeded', cost, started
from (values
  (tests.id('carol'), '20000000-0000-4000-8000-000000000001'::uuid, 1, now()),
  (tests.id('bob'), '20000000-0000-4000-8000-000000000002', 2, now()),
  (tests.id('bob'), '20000000-0000-4000-8000-000000000002', null, now()),
  (tests.id('bob'), '20000000-0000-4000-8000-000000000001', 4, date_trunc('day', now(), 'Asia/Tokyo')),
  (tests.id('bob'), '20000000-0000-4000-8000-000000000001', 8,
    date_trunc('day', now(), 'Asia/Tokyo') - interval '1 microsecond'),
  (tests.id('carol'), '20000000-0000-4000-8000-000000000001', 16, date_trunc('month', now(), 'Asia/Tokyo') - interval '1 s')
) as turns (person, agent, cost, started);
-- What people record by hand was not paid here.
insert into public.ai_interactions (organization_id, user_id, title, total_cost) values
  (tests.id('acme'), tests.id('bob'), 'by hand', 100);
insert into public.ai_interactions (organization_id, user_id, title, source, turn_state, total_cost)
select current_organization_id, tests.id('bob'), 'elsewhere', 'chat', 'succeeded', 200
from public.profiles where id = tests.id('bob');

insert into public.budgets (organization_id, user_id, agent_id, period, limit_usd, spent_usd, period_started_at) values
  (tests.id('acme'), null, null, 'total', 1, 99, '2000-01-01'), (tests.id('acme'), null, null, 'day', 1, 0, now()),
  (tests.id('acme'), null, null, 'month', 1, 0, now()), (tests.id('acme'), tests.id('carol'), null, 'total', 1, 0, now()),
  (tests.id('acme'), null, '20000000-0000-4000-8000-000000000002', 'total', 1, 0, now());

select results_eq(
  $$
    select period, user_id, agent_id is not null, spent_usd, period_started_at
    from public.budgets where period <> 'month' order by spent_usd
  $$,
  $$
    values
      ('total', null::uuid, true, 2::numeric(20, 10), timestamptz '-infinity'),
      ('day', null, false, 7, date_trunc('day', now(), 'Asia/Tokyo')),
      ('total', tests.id('carol'), false, 17, '-infinity'), ('total', null, false, 31, '-infinity')
  $$,
  'of its scope, since its period began in the organization''s time zone, turns only'
);
select is(
  (select spent_usd from public.budgets where period = 'month'),
  (
    select sum(total_cost) from public.ai_interactions
    where organization_id = tests.id('acme') and source = 'chat' and started_at >= date_trunc('month', now(), 'Asia/Tokyo')
  )::numeric(20, 10),
  'and a month''s'
);

select * from finish();
rollback;
