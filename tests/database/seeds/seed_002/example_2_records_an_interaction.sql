begin;
select plan(6);

select tests.act_as('alice');
insert into ai_agents (name) values ('Claude Sonnet');
select lives_ok(
  replace(
    $seed$
INSERT INTO ai_interactions (
  agent_id, title, interaction_type_id, input_tokens, output_tokens, 
  total_cost, external_link, user_id
) VALUES (
  'agent-uuid', 'Code Review Session', 'coding', 1500, 800,
  0.0425, 'https://claude.ai/chat/xyz', auth.uid()
);
    $seed$,
    'agent-uuid', (select id::text from ai_agents where name = 'Claude Sonnet')
  ),
  'an interaction is recorded'
);
select results_eq(
  $$
    select title, interaction_type_id, input_tokens, output_tokens, total_cost, external_link, status, user_id
    from ai_interactions
  $$,
  $$ values (
    'Code Review Session', 'coding', 1500::bigint, 800::bigint, 0.0425::numeric, 'https://claude.ai/chat/xyz', 'active',
    tests.id('alice')
  ) $$,
  'with the tokens and the cost that were given'
);
select results_eq(
  $$ select usage_count, last_used_at is not null from ai_agents where name = 'Claude Sonnet' $$,
  $$ values (1::bigint, true) $$,
  'the agent has been used'
);
select results_eq(
  $$
    select summary.total_interactions, summary.total_cost, summary.recorded_cost, summary.total_input_tokens, summary.total_output_tokens
    from ai_agents
    cross join get_agent_usage_summary(ai_agents.id, 30) as summary
    where ai_agents.name = 'Claude Sonnet'
  $$,
  $$ values (1::bigint, 0::numeric, 0.0425::numeric, 1500::numeric, 800::numeric) $$,
  'get_agent_usage_summary() counts it, its cost apart from what turns cost'
);
select tests.denied(
  $$ update ai_interactions set total_cost = 0 $$, 'what it cost is not rewritten'
);

select tests.act_as('eve');
select is_empty('select from ai_interactions', 'another user does not see it');

select * from finish();
rollback;
