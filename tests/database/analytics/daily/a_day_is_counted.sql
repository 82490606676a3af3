begin;
select plan(3);

insert into public.agents (id, name, created_by, vendor_id) values
  ('20000000-0000-4000-8000-000000000001', 'One', tests.id('eve'), 'openai'),
  ('20000000-0000-4000-8000-000000000002', 'Two', tests.id('eve'), 'anthropic'),
  ('20000000-0000-4000-8000-000000000003', 'Three', tests.id('eve'), null);
insert into public.agent_feature_mappings (agent_id, feature_id) values
  ('20000000-0000-4000-8000-000000000001', 'coding'), ('20000000-0000-4000-8000-000000000001', 'analysis'),
  ('20000000-0000-4000-8000-000000000002', 'coding');
insert into public.ai_interactions (
  organization_id, user_id, agent_id, vendor_id, title, started_at, ended_at, input_tokens, output_tokens, total_cost,
  satisfaction_rating, usefulness_rating, source, turn_state
) values
  (tests.id('acme'), tests.id('alice'), '20000000-0000-4000-8000-000000000001', 'google_ai', 'a',
    '2026-05-05 10:00+00', '2026-05-05 10:30+00', 100, 10, 0.1, 5, 4, 'chat', 'succeeded'),
  (tests.id('acme'), tests.id('alice'), '20000000-0000-4000-8000-000000000001', null, 'b',
    '2026-05-05 11:00+00', null, 200, 20, 0.2, 2, null, 'manual', null),
  (tests.id('acme'), tests.id('alice'), '20000000-0000-4000-8000-000000000002', null, 'c',
    '2026-05-05 12:00+00', '2026-05-05 12:45+00', 300, 30, null, null, null, 'chat', 'failed'),
  (tests.id('acme'), tests.id('alice'), null, null, 'd',
    '2026-05-05 13:00+00', null, 1, 1, 0.0000000001, null, null, 'manual', null),
  (tests.id('acme'), tests.id('alice'), '20000000-0000-4000-8000-000000000003', null, 'e',
    '2026-05-05 14:00+00', null, 0, 0, null, null, null, 'manual', null),
  (tests.id('acme'), tests.id('bob'), '20000000-0000-4000-8000-000000000001', null, 'f',
    '2026-05-05 15:00+00', null, 5, 5, 0.5, null, null, 'chat', 'failed'),
  (tests.id('acme'), null, '20000000-0000-4000-8000-000000000001', null, 'g',
    '2026-05-05 16:00+00', null, 7, 7, 0.7, null, null, 'manual', null);

select public.update_daily_usage_stats('2026-05-05');

select results_eq(
  $$
    select user_id, date, total_interactions, unique_agents_used, total_duration_minutes, total_cost,
      recorded_cost, total_input_tokens, total_output_tokens, avg_satisfaction, avg_usefulness
    from public.ai_usage_stats order by user_id
  $$,
  $$
    values
      (tests.id('alice'), date '2026-05-05', 5, 3, 75::bigint, 0.1::numeric, 0.2000000001::numeric, 601::bigint, 61::bigint,
        3.5::real, 4::real),
      (tests.id('bob'), '2026-05-05', 1, 1, 0, 0.5, 0, 5, 5, null, null)
  $$,
  'per person: interactions, agents, minutes, cost of turns, recorded cost, tokens and mean ratings'
);
select results_eq(
  'select feature_usage, vendor_usage from public.ai_usage_stats order by user_id',
  $$
    values
      ('{"coding": 3, "analysis": 2}'::jsonb,
        '{
          "google_ai": {"interactions": 1, "cost": 0.1}, "openai": {"interactions": 1, "cost": 0},
          "anthropic": {"interactions": 1, "cost": 0}
        }'::jsonb),
      ('{"coding": 1, "analysis": 1}', '{"openai": {"interactions": 1, "cost": 0.5}}')
  $$,
  'features of the agents used; vendors that were called, else the agent''s'
);
select results_eq(
  $$
    select agents.name, stats.organization_id, date, total_interactions, failed_interactions, unique_users, total_cost,
      recorded_cost, total_input_tokens, total_output_tokens
    from public.agent_usage_daily stats join public.agents on agents.id = agent_id order by agents.name
  $$,
  $$
    values
      ('One', tests.id('acme'), date '2026-05-05', 4, 1, 2, 0.6::numeric, 0.9::numeric, 312::bigint, 42::bigint),
      ('Three', tests.id('acme'), '2026-05-05', 1, 0, 1, 0, 0, 0, 0),
      ('Two', tests.id('acme'), '2026-05-05', 1, 1, 1, 0, 0, 300, 30)
  $$,
  'per agent: failures and people too, those whose account is gone included in the sums'
);

select * from finish();
rollback;
