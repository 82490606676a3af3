begin;
select plan(4);

select tests.act_as('alice');
insert into ai_agents (name, vendor_id, is_active) values
  ('Busy', 'anthropic', true), ('Idle', 'openai', true), ('Switched off', 'openai', false);
insert into agent_feature_mappings (agent_id, feature_id, is_primary)
select id, 'coding', true from ai_agents where name = 'Busy';
insert into ai_interactions (agent_id, title, input_tokens, output_tokens, total_cost, satisfaction_rating, usefulness_rating)
select id, 'Rated', 100, 50, 0.5, 4, 5 from ai_agents where name = 'Busy'
union all
select id, 'Unrated', 10, 5, 0.25, null, null from ai_agents where name = 'Busy';
select update_agent_activity_score(id) from ai_agents where name in ('Busy', 'Idle');

select results_eq(
  $$
    select name from (
SELECT * FROM agent_summary 
WHERE user_id = auth.uid() 
  AND is_active = true 
ORDER BY activity_score DESC
    ) as summary
  $$,
  array['Busy', 'Idle'],
  'the caller''s active agents, the busiest first'
);
select results_eq(
  $$
    select vendor_name, features, primary_feature, total_interactions, total_cost, recorded_cost, total_input_tokens, total_output_tokens,
      avg_satisfaction, avg_usefulness
    from agent_summary where name = 'Busy'
  $$,
  $$ values (
    'Anthropic', '["coding"]'::jsonb, 'coding', 2::bigint, 0::numeric, 0.75::numeric, 110::numeric, 55::numeric, 4.00::numeric, 5.00::numeric
  ) $$,
  'with features, use and cost'
);
select cmp_ok((select activity_score from ai_agents where name = 'Busy'), '<=', 1::real, 'the score is at most 1');

select tests.act_as('eve');
select is_empty(
  $seed$
SELECT * FROM agent_summary 
WHERE user_id = auth.uid() 
  AND is_active = true 
ORDER BY activity_score DESC;
  $seed$,
  'another user has none of them'
);

select * from finish();
rollback;
