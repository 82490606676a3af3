begin;
select plan(4);

insert into public.agents
  (id, name, created_by, vendor_id, service_id, enabled, is_favorite, tags, description, model_name, type) values
  ('20000000-0000-4000-8000-000000000001', 'One', tests.id('eve'), 'openai', 'openai_gpt4o', false, true, '{a,b}', 'd',
    'm', 't'),
  ('20000000-0000-4000-8000-000000000002', 'Two', tests.id('eve'), null, null, true, false, '{}', null, null, 't');
insert into public.agent_feature_mappings (agent_id, feature_id, is_primary) values
  ('20000000-0000-4000-8000-000000000001', 'writing', true), ('20000000-0000-4000-8000-000000000001', 'coding', false),
  ('20000000-0000-4000-8000-000000000001', 'analysis', false);
insert into public.ai_interactions
  (organization_id, user_id, agent_id, title, input_tokens, output_tokens, total_cost, satisfaction_rating,
    usefulness_rating, status, source, turn_state)
select profiles.current_organization_id, tests.id('eve'), '20000000-0000-4000-8000-000000000001', 'x', 100, 10, cost,
  rating, 3, mark, source, state
from public.profiles,
(values
  (0.1, 5, 'active', 'manual', null), (0.2, 4, 'completed', 'chat', 'succeeded'),
  (null, 4, 'archived', 'manual', null), (1000, 1, 'deleted', 'manual', null)
) as rows (cost, rating, mark, source, state)
where profiles.id = tests.id('eve');

select tests.act_as('eve');
select results_eq(
  $$
    select name, description, type, status, is_active, is_favorite, tags, vendor_id, vendor_name, service_id,
      service_name, model_name, usage_count, user_id, organization_id, features, primary_feature
    from public.agent_summary where user_id = tests.id('eve') order by name
  $$,
  $$
    values
      ('One', 'd', 't', 'inactive', false, true, '{a,b}'::text[], 'openai', 'OpenAI', 'openai_gpt4o', 'GPT-4o', 'm',
        4::bigint, tests.id('eve'), null::uuid, '["writing", "analysis", "coding"]'::jsonb, 'writing'),
      ('Two', null, 't', 'inactive', true, false, '{}', null, null, null, null, null, 0, tests.id('eve'), null, '[]', null)
  $$,
  'itself, whom it calls, and its features with the primary one first'
);
select results_eq(
  $$
    select total_interactions, total_cost, recorded_cost, total_input_tokens, total_output_tokens, avg_satisfaction, avg_usefulness
    from public.agent_summary where user_id = tests.id('eve') order by name
  $$,
  $$
    values (3::bigint, 0.2::numeric, 0.1::numeric, 300::numeric, 30::numeric, 4.33::numeric, 3.00::numeric), (0, 0, 0, 0, 0, null, null)
  $$,
  'its use and cost, without what is deleted'
);
select tests.act_as('bob');
select is_empty(
  $$ select id from public.agent_summary where user_id = tests.id('eve') $$, 'others see nothing of it'
);
select tests.act_as_anon();
select tests.denied('select id from public.agent_summary', 'nor a visitor');

select * from finish();
rollback;
