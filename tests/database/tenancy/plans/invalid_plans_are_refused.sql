begin;
select plan(7);

select tests.breaks(
  format('update public.plans set %s where id = ''starter''', change), rule, change || ' is refused'
)
from (values
  ('id = ''pro''', 'plans_pkey'),
  ('id = ''Pro Plus''', 'plan_id_is_lower_case_words'),
  ('id = repeat(''a'', 51)', 'plan_id_is_lower_case_words'),
  ('requests_per_minute = 0', 'plan_limits_are_positive'),
  ('user_requests_per_minute = 0', 'plan_limits_are_positive')
) as broken (change, rule);

select tests.breaks(
  $$ delete from public.plans where id = 'starter' $$, 'organizations_plan_fkey', 'a plan that is in use stays'
);
update public.plans set id = repeat('a', 50) where id = 'starter';
select results_eq(
  $$ select plan from public.organizations where id = tests.id('acme') $$, $$ values (repeat('a', 50)) $$,
  'one that gets another name keeps its organizations'
);

select * from finish();
rollback;
