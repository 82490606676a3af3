begin;
select plan(11);

select tests.act_as('carol');
select results_eq(
  $$
    insert into public.bots (
      organization_id, name, description, llm_provider, llm_model, system_prompt, temperature, max_tokens, voice_provider,
      voice_id, voice_settings, speech_processing, security, knowledge_base_ids, config, is_published
    ) values (
      tests.id('acme'), 'Bot', 'd', 'openai', 'gpt-4o', 'p', 0.7, 100, 'elevenlabs', 'v', '{"a": 1}', '{"b": 2}',
      '{"allowed_domains": ["example.com"]}', '{k1}', '{"c": 3}', true
    ) returning name, is_active, version, created_by
  $$,
  $$ values ('Bot', true, 1, tests.id('carol')) $$, 'an agent manager makes one'
);
select results_eq(
  $$
    select organization_id, name, description, vendor_id, model_name, system_prompt, temperature, max_tokens,
      voice_provider, voice_id, voice_settings, speech_processing, security, knowledge_base_ids, config, enabled,
      is_published
    from public.agents where name = 'Bot'
  $$,
  $$
    values (
      tests.id('acme'), 'Bot', 'd', 'openai', 'gpt-4o', 'p', 0.70, 100, 'elevenlabs', 'v', '{"a": 1}'::jsonb,
      '{"b": 2}'::jsonb, '{"allowed_domains": ["example.com"]}'::jsonb, '{k1}'::text[], '{"c": 3}'::jsonb, true, true
    )
  $$,
  'each column reaches its own in agents'
);
select results_eq(
  $$
    update public.bots set llm_model = 'gpt-4.1', is_active = false where name = 'Bot'
    returning llm_model, is_active, version
  $$,
  $$ values ('gpt-4.1', false, 2) $$, 'and changes it'
);
select tests.denied(format('update public.bots set %s', change), change || ' is denied')
from unnest(array['version = 9', 'created_by = null', 'organization_id = null', 'id = gen_random_uuid()']) as change;
select tests.act_as('dave');
select is((select llm_provider from public.bots where name = 'Bot'), 'openai', 'a viewer reads it');
select tests.changes($$ delete from public.bots where name = 'Bot' $$, 0, 'and does not delete it');
select tests.act_as('eve');
select is_empty($$ select id from public.bots where name = 'Bot' $$, 'an outsider sees none of it');
select tests.act_as('carol');
select tests.changes($$ delete from public.bots where name = 'Bot' $$, 1, 'its managers delete it');

select * from finish();
rollback;
