-- Seed 002, section 10: "recent interactions with agent and vendor information".
begin;
select plan(3);

select tests.act_as('alice');
insert into ai_agents (name, vendor_id) values ('Claude Sonnet', 'anthropic');
insert into ai_interactions (agent_id, title, interaction_type_id, total_cost, started_at, status)
select id, 'Earlier', 'coding', 1, now() - interval '2 hours', 'completed' from ai_agents where name = 'Claude Sonnet'
union all
select id, 'Later', 'writing', 2, now() - interval '1 hour', 'active' from ai_agents where name = 'Claude Sonnet'
union all
select id, 'Deleted', 'writing', 2, now(), 'deleted' from ai_agents where name = 'Claude Sonnet';

select results_eq(
  'select title, interaction_type, agent_name, vendor_id, vendor_name, total_cost, status from recent_interactions',
  $$ values
    ('Later', 'Writing', 'Claude Sonnet', 'anthropic', 'Anthropic', 2::numeric, 'active'),
    ('Earlier', 'Coding', 'Claude Sonnet', 'anthropic', 'Anthropic', 1::numeric, 'completed') $$,
  'the latest first, deleted ones left out'
);
select is(
  (select count(*) from recent_interactions where user_id = auth.uid()), 2::bigint, 'each is the caller''s'
);
select tests.act_as('eve');
select is_empty('select from recent_interactions', 'another user has none of them');

select * from finish();
rollback;
