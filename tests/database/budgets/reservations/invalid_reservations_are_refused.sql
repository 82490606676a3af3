begin;
select plan(9);

insert into public.budgets (id, organization_id, period, limit_usd) values
  ('a0000000-0000-4000-8000-000000000001', tests.id('acme'), 'day', 1),
  ('a0000000-0000-4000-8000-000000000002', tests.id('acme'), 'month', 1);
insert into private.running_turns (id, user_id, organization_id, title, source, lease_expires_at) values
  ('30000000-0000-4000-8000-000000000001', tests.id('alice'), tests.id('acme'), 'x', 'chat', now());
insert into public.budget_reservations (id, budget_id, interaction_id, amount_usd, expires_at) values
  ('a1000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-000000000001',
    '30000000-0000-4000-8000-000000000001', 0, now()),
  ('a1000000-0000-4000-8000-000000000002', 'a0000000-0000-4000-8000-000000000002',
    '30000000-0000-4000-8000-000000000001', 0, now());

select tests.breaks(
  format('update public.budget_reservations set %s where id = ''a1000000-0000-4000-8000-000000000001''', change), rule,
  change || ' is refused'
)
from (values
  ('id = ''a1000000-0000-4000-8000-000000000002''', 'budget_reservations_pkey'),
  ('budget_id = gen_random_uuid()', 'budget_reservations_budget_id_fkey'),
  ('interaction_id = gen_random_uuid()', 'budget_reservations_interaction_id_fkey'),
  ('budget_id = ''a0000000-0000-4000-8000-000000000002''', 'budget_reservations_budget_id_interaction_id_key'),
  ('amount_usd = -0.0000000001', 'reservation_is_not_negative')
) as broken (change, rule);

delete from public.budgets where period = 'day';
select is((select count(*) from public.budget_reservations), 1::bigint, 'a budget takes what is reserved in it');

select tests.act_as('dave');
select is((select count(*) from public.budget_reservations), 1::bigint, 'members see what is reserved');
select tests.denied('delete from public.budget_reservations', 'and take none away');
select tests.act_as('eve');
select is_empty('select id from public.budget_reservations', 'others see none');

select * from finish();
rollback;
