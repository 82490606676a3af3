begin;
select plan(6);

insert into public.agents (id, name, created_by, system_prompt) values
  ('20000000-0000-4000-8000-000000000001', 'One', tests.id('eve'), 'Be brief.'),
  ('20000000-0000-4000-8000-000000000002', 'Two', tests.id('eve'), null);
insert into public.agent_feature_mappings (agent_id, feature_id, is_primary) values
  ('20000000-0000-4000-8000-000000000001', 'writing', false),
  ('20000000-0000-4000-8000-000000000001', 'translation', true),
  ('20000000-0000-4000-8000-000000000001', 'coding', false);

select tests.act_as('eve');
select is(
  public.get_agent_with_features('20000000-0000-4000-8000-000000000001') -> 'features',
  '[
    {"id": "translation", "name": "Translation", "category": "language", "icon": "languages", "is_primary": true},
    {"id": "coding", "name": "Coding", "category": "technical", "icon": "code", "is_primary": false},
    {"id": "writing", "name": "Writing", "category": "creative", "icon": "pen", "is_primary": false}
  ]'::jsonb,
  'the primary one first, the others in the order of the catalogue'
);
select is(
  public.get_agent_with_features('20000000-0000-4000-8000-000000000001') - 'features',
  (select to_jsonb(agents) from public.agents where id = '20000000-0000-4000-8000-000000000001'),
  'with all columns of the agent'
);
select is(
  public.get_agent_with_features('20000000-0000-4000-8000-000000000002') -> 'features', '[]'::jsonb,
  'an agent without features has an empty list'
);

select tests.act_as('bob');
select is(
  public.get_agent_with_features('20000000-0000-4000-8000-000000000001'), null,
  'who does not see the agent gets nothing'
);
select is(public.get_agent_with_features(gen_random_uuid()), null, 'as for an agent that is not there');
select tests.act_as_anon();
select tests.denied(
  $$ select public.get_agent_with_features('20000000-0000-4000-8000-000000000001') $$, 'a visitor may not ask'
);

select * from finish();
rollback;
