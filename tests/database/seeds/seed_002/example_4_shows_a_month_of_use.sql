begin;
select plan(5);
-- The personal organization's days begin in UTC.
set local timezone = 'UTC';

select tests.act_as('alice');
insert into ai_agents (name, vendor_id) values ('Claude Sonnet', 'anthropic');
insert into agent_feature_mappings (agent_id, feature_id) select id, 'coding' from ai_agents where name = 'Claude Sonnet';
insert into ai_interactions (agent_id, title, total_cost, started_at)
select id, 'Yesterday again', 0.25, (current_date - 1) + time '13:00' from ai_agents where name = 'Claude Sonnet'
union all
select id, 'Long ago', 1, (current_date - 40) + time '12:00' from ai_agents where name = 'Claude Sonnet';
select tests.reset();
insert into ai_interactions (
  organization_id, user_id, agent_id, title, source, turn_state, total_cost, started_at
)
select profiles.current_organization_id, profiles.id, ai_agents.id, 'Turn', 'chat', 'succeeded', cost, moment
from ai_agents, profiles, (values
  (0.5, (current_date - 2) + time '12:00'), (0.125, (current_date - 1) + time '12:00')
) as turns (cost, moment)
where ai_agents.name = 'Claude Sonnet' and profiles.id = tests.id('alice');
select tests.act_as_service();
select update_daily_usage_stats(current_date - days) from unnest(array[1, 2, 40]) as days;

select tests.act_as('alice');
prepare month_of_use as
SELECT 
  date,
  total_interactions,
  total_cost,
  vendor_usage,
  feature_usage
FROM ai_usage_stats 
WHERE user_id = auth.uid() 
  AND date >= CURRENT_DATE - INTERVAL '30 days'
ORDER BY date DESC;
select results_eq(
  'execute month_of_use',
  $$ values
    (current_date - 1, 2, 0.125::numeric, '{"anthropic": {"cost": 0.125, "interactions": 2}}'::jsonb, '{"coding": 2}'::jsonb),
    (current_date - 2, 1, 0.5::numeric, '{"anthropic": {"cost": 0.5, "interactions": 1}}'::jsonb, '{"coding": 1}'::jsonb) $$,
  'the days of the last month, the latest first, by vendor and by feature'
);
select results_eq(
  'select recorded_cost from ai_usage_stats order by date desc',
  $$ values (0.25::numeric), (0), (1) $$,
  'what was recorded by hand stands beside what turns cost'
);
select is((select count(*) from ai_usage_stats), 3::bigint, 'earlier days are kept');

select tests.act_as('bob');
select is_empty('execute month_of_use', 'another user has other figures');
select is_empty('select from ai_usage_stats', 'and sees none but the own');

select * from finish();
rollback;
