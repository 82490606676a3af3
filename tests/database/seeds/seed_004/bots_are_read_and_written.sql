-- Seed 004's Agent, in its words.
begin;
select plan(12);

select tests.act_as('carol');
select results_eq(
  $$
    insert into bots (
      organization_id, name, description, llm_provider, llm_model, system_prompt, temperature, max_tokens, voice_provider,
      voice_id, voice_settings, speech_processing, security, knowledge_base_ids, config
    )
    values (
      tests.id('acme'), 'Receptionist', 'Answers the phone', 'openai', 'gpt-4o-mini', 'Be polite.', 0.7, 500, 'elevenlabs',
      'rachel', '{"stability": 0.5}', '{"noise": "low"}', '{"allowed_domains": ["example.com"]}', '{kb-1,kb-2}', '{"graph": "langgraph"}'
    )
    returning name, llm_provider, llm_model, temperature, is_active, is_published, version, created_by
  $$,
  $$ values ('Receptionist', 'openai', 'gpt-4o-mini', 0.70::numeric, true, false, 1, tests.id('carol')) $$,
  'a bot is made for the organization'
);
select results_eq(
  $$
    select system_prompt, voice_provider, voice_id, voice_settings, speech_processing, security, knowledge_base_ids, config
    from bots where name = 'Receptionist'
  $$,
  $$ values (
    'Be polite.', 'elevenlabs', 'rachel', '{"stability": 0.5}'::jsonb, '{"noise": "low"}'::jsonb,
    '{"allowed_domains": ["example.com"]}'::jsonb, '{kb-1,kb-2}'::text[], '{"graph": "langgraph"}'::jsonb
  ) $$,
  'with its prompt, its voice, its security and its knowledge'
);
select results_eq(
  $$ select vendor_id, model_name, organization_id from agents where name = 'Receptionist' $$,
  $$ values ('openai', 'gpt-4o-mini', tests.id('acme')) $$,
  'it is a row of agents'
);
select results_eq(
  $$ update bots set llm_model = 'gpt-4o', is_active = false where name = 'Receptionist' returning llm_model, is_active, version, updated_at $$,
  $$ values ('gpt-4o', false, 2, now()) $$,
  'it is changed, which makes another version'
);
select tests.denied($$ update bots set version = 1 $$, 'versions count themselves');
select tests.denied($$ update bots set created_by = tests.id('bob') $$, 'it is not given away');

select tests.act_as('dave');
select isnt_empty($$ select from bots where name = 'Receptionist' $$, 'a viewer reads it');
select is_empty($$ update bots set description = 'Mine' where name = 'Receptionist' returning id $$, 'and does not change it');
select tests.denied(
  $$ insert into bots (name, organization_id) values ('Mine', tests.id('acme')) $$, 'nor makes one for the organization'
);
select tests.act_as('eve');
select is_empty($$ select from bots where name = 'Receptionist' $$, 'a stranger does not see it');

select tests.act_as('carol');
select tests.changes($$ delete from bots where name = 'Receptionist' $$, 1, 'it is deleted');
select is_empty($$ select from agents where name = 'Receptionist' $$, 'from the table as well');

select * from finish();
rollback;
