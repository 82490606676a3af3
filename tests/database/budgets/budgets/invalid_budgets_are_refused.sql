begin;
select plan(17);

insert into public.budgets (id, organization_id, period, limit_usd) values
  ('a0000000-0000-4000-8000-000000000001', tests.id('acme'), 'day', 1),
  ('a0000000-0000-4000-8000-000000000002', tests.id('acme'), 'month', 1);

select tests.breaks(
  format('update public.budgets set %s where id = ''a0000000-0000-4000-8000-000000000001''', change), rule,
  change || ' is refused'
)
from (values
  ('id = ''a0000000-0000-4000-8000-000000000002''', 'budgets_pkey'),
  ('organization_id = gen_random_uuid()', 'budgets_organization_id_fkey'),
  ('user_id = tests.id(''eve'')', 'budget_is_for_a_member'),
  ('agent_id = gen_random_uuid()', 'budgets_agent_id_fkey'),
  ('created_by = gen_random_uuid()', 'budgets_created_by_fkey'),
  ('period = ''week''', 'budget_period_is_known'),
  ('period = ''month''', 'one_budget_per_scope_and_period'),
  ('user_id = tests.id(''carol''), agent_id = (select id from public.agents where name = ''droid'')',
    'budget_is_for_one_person_agent_or_key'),
  ('limit_usd = 0', 'budget_limit_is_positive'),
  ('limit_usd = ''NaN''', 'budget_limit_is_positive'),
  ('spent_usd = -0.0000000001', 'spent_is_not_negative'),
  ('reserved_usd = -0.0000000001', 'reserved_is_not_negative')
) as broken (change, rule);

select tests.breaks(
  format('insert into public.budgets (organization_id, period, limit_usd) values (tests.id(''acme''), %L, 1)', period),
  'budget_period_is_known', period || ' is no period'
)
from unnest(array['week', 'weekly', 'year', '']) as period;

select lives_ok(
  $$
    insert into public.budgets (organization_id, user_id, agent_id, period, limit_usd) values
      (tests.id('acme'), null, null, 'total', 0.0000000001), (tests.id('acme'), tests.id('carol'), null, 'day', 1),
      (tests.id('acme'), tests.id('dave'), null, 'day', 1),
      (tests.id('acme'), null, (select id from public.agents where name = 'droid'), 'day', 1)
  $$,
  'organization, members and agents have one each per period'
);

select * from finish();
rollback;
