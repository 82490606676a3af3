-- Seed 002, section 5. The other rows are ours: OpenRouter and Vertex AI for the platform's agents.
begin;
select plan(4);

select tests.act_as_anon();
select set_eq(
  $$ select name from vendors where is_active and id not in ('openrouter', 'google_vertex') $$,
  array[
    'OpenAI', 'Anthropic', 'Google AI', 'Azure OpenAI', 'Replicate', 'Together AI', 'ElevenLabs', 'Stability AI', 'Cohere',
    'Hugging Face', 'Perplexity'
  ],
  'eleven vendors'
);
select set_eq(
  $$ select name from agent_features where is_active $$,
  array[
    'Brainstorming', 'Daily Q&A', 'Coding', 'MCP', 'News Search', 'TTS/STT', 'Image Generation', 'Analysis', 'Writing',
    'Research', 'Translation'
  ],
  'eleven features'
);
select is_empty(
  $$ select id from vendors where not exists (select from vendor_services where vendor_services.vendor_id = vendors.id) $$,
  'each vendor sells something'
);
select set_eq(
  $$
    select id from vendor_services where id in ('openai_gpt4', 'anthropic_claude3_sonnet')
    union all
    select id from vendors where id in ('openai', 'anthropic')
    union all
    select id from agent_features where id in ('brainstorming', 'coding')
    union all
    select id || ' (type)' from interaction_types where id in ('conversation', 'coding')
  $$,
  array[
    'openai_gpt4', 'anthropic_claude3_sonnet', 'openai', 'anthropic', 'brainstorming', 'coding', 'conversation (type)',
    'coding (type)'
  ],
  'under the ids that it gives as examples'
);

select * from finish();
rollback;
