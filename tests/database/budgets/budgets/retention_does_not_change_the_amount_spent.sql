begin;
select plan(4);

insert into public.ai_interactions (user_id, organization_id, title, source, turn_state, total_cost, started_at, input_tokens)
select tests.id('eve'), current_organization_id, 'x', source, state, cost, now() - interval '800 days', 1
from public.profiles, (values (5, 'chat', 'failed'), (2, 'chat', 'succeeded'), (9, 'manual', null)) as turns (cost, source, state)
where profiles.id = tests.id('eve');
select tests.breaks(
  $$ update public.ai_interactions set status = 'deleted' where source = 'chat' $$, 'turns_are_not_deleted', 'a turn stays in the figures'
);
update public.ai_interactions set status = 'deleted' where source = 'manual';
insert into public.budgets (organization_id, period, limit_usd)
select current_organization_id, 'total', 1000 from public.profiles where id = tests.id('eve');
select is((select spent_usd from public.budgets), 7::numeric(20, 10), 'turns were paid, whatever came of them');
select public.refresh_daily_usage();
select tests.work_off('apply-retention');
select is_empty('select * from public.ai_interactions', 'when retention has removed all');
select is((select private.spent_of(budgets) from public.budgets), 7::numeric, 'a budget for the whole time still knows them');

select * from finish();
rollback;
