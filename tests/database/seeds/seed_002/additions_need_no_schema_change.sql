-- Seed 002, section 9: each of these is an INSERT, and is used in the next moment.
begin;
select plan(6);

select tests.act_as_service();
select lives_ok($$ insert into vendors (id, name) values ('mistral', 'Mistral') $$, 'a new vendor');
select lives_ok(
  $$
    insert into vendor_services (id, vendor_id, service_name, display_name)
    values ('mistral_large', 'mistral', 'mistral-large', 'Mistral Large')
  $$,
  'a new service'
);
select lives_ok($$ insert into agent_features (id, name) values ('singing', 'Singing') $$, 'a new feature');
select lives_ok($$ insert into interaction_types (id, name) values ('concert', 'Concert') $$, 'a new interaction type');

select tests.act_as('alice');
insert into ai_agents (name, vendor_id, service_id, configuration, tags)
values ('Singer', 'mistral', 'mistral_large', '{"any": {"shape": ["at", "all"]}}', '{loud}');
insert into agent_feature_mappings (agent_id, feature_id) select id, 'singing' from ai_agents where name = 'Singer';
insert into ai_interactions (agent_id, title, interaction_type_id, external_metadata, tags, keywords)
select id, 'First night', 'concert', '{"hall": "big"}', '{live}', '{music}' from ai_agents where name = 'Singer';
select results_eq(
  $$ select primary_feature is null, features, vendor_name, service_name from agent_summary where name = 'Singer' $$,
  $$ values (true, '["singing"]'::jsonb, 'Mistral', 'Mistral Large') $$,
  'an agent uses all of them'
);
select results_eq(
  $$
    select interactions.interaction_type, interactions.vendor_name, interactions.agent_name, interactions.tags
    from recent_interactions interactions
    join ai_agents on ai_agents.id = interactions.agent_id
    where ai_agents.configuration @> '{"any": {"shape": ["at"]}}' and ai_agents.tags && '{loud}'
  $$,
  $$ values ('Concert', 'Mistral', 'Singer', '{live}'::text[]) $$,
  'and is found by what was put into it'
);

select * from finish();
rollback;
