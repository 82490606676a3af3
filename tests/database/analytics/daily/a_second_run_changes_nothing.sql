begin;
select plan(1);

insert into public.ai_interactions (organization_id, user_id, agent_id, title, started_at, total_cost)
select tests.id('acme'), tests.id('alice'), agents.id, 'a', '2026-05-05 10:00+00', 0.1
from public.agents where agents.name = 'droid';

select public.update_daily_usage_stats('2026-05-05');
create temporary table before as
select to_jsonb(stats) - 'updated_at' as person,
  (select to_jsonb(daily) - 'updated_at' from public.agent_usage_daily daily) as agent
from public.ai_usage_stats stats;
select public.update_daily_usage_stats('2026-05-05');

select results_eq(
  $$
    select to_jsonb(stats) - 'updated_at', (select to_jsonb(daily) - 'updated_at' from public.agent_usage_daily daily)
    from public.ai_usage_stats stats
  $$,
  'select person, agent from before', 'the same rows with the same figures'
);

select * from finish();
rollback;
