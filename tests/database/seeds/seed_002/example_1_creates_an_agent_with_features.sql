begin;
select plan(7);

select tests.act_as('alice');
select lives_ok(
  $seed$
-- Create agent
INSERT INTO ai_agents (name, vendor_id, service_id, model_name, user_id) 
VALUES ('Claude Sonnet', 'anthropic', 'anthropic_claude3_sonnet', 'claude-3-sonnet', auth.uid());
  $seed$,
  'an agent is created'
);
select lives_ok(
  replace(
    $seed$
-- Add features
INSERT INTO agent_feature_mappings (agent_id, feature_id, is_primary, user_id)
VALUES 
  (agent_id, 'coding', true, auth.uid()),
  (agent_id, 'analysis', false, auth.uid());
    $seed$,
    '(agent_id, ''', format('(%L, ''', (select id from ai_agents where name = 'Claude Sonnet'))
  ),
  'features are added'
);
select results_eq(
  $$
    select vendor_id, service_id, model_name, is_active, is_public, usage_count, activity_score, user_id
    from ai_agents where name = 'Claude Sonnet'
  $$,
  $$ values ('anthropic', 'anthropic_claude3_sonnet', 'claude-3-sonnet', true, false, 0::bigint, 0::real, tests.id('alice')) $$,
  'the agent is the caller''s, active, private and unused'
);
select results_eq(
  $$
    select feature ->> 'id', (feature ->> 'is_primary')::boolean
    from ai_agents
    cross join jsonb_array_elements(get_agent_with_features(ai_agents.id) -> 'features') as feature
    where ai_agents.name = 'Claude Sonnet'
  $$,
  $$ values ('coding', true), ('analysis', false) $$,
  'get_agent_with_features() returns it with both, the primary one first'
);
select tests.breaks(
  $$
    insert into agent_feature_mappings (agent_id, feature_id, is_primary, user_id)
    select id, 'writing', true, auth.uid() from ai_agents where name = 'Claude Sonnet'
  $$,
  'one_primary_feature_per_agent', 'it has one primary feature'
);

select tests.act_as('eve');
select is_empty($$ select from ai_agents where name = 'Claude Sonnet' $$, 'another user does not see it');
select is(
  get_agent_with_features((select id from agent_feature_mappings limit 1)), null, 'nor its features'
);

select * from finish();
rollback;
