begin;
select plan(6);

select results_eq(
  'select id, name from public.vendors order by id collate "C"',
  $$
    values
      ('anthropic', 'Anthropic'), ('azure_openai', 'Azure OpenAI'), ('cohere', 'Cohere'),
      ('elevenlabs', 'ElevenLabs'), ('google_ai', 'Google AI'), ('google_vertex', 'Google Vertex AI'),
      ('huggingface', 'Hugging Face'), ('openai', 'OpenAI'), ('openrouter', 'OpenRouter'),
      ('perplexity', 'Perplexity'), ('replicate', 'Replicate'), ('stability_ai', 'Stability AI'),
      ('together_ai', 'Together AI')
  $$,
  'eleven vendors, OpenRouter and Vertex AI'
);

select results_eq(
  'select name from public.agent_features order by sort_order',
  $$
    values
      ('Brainstorming'), ('Daily Q&A'), ('Coding'), ('MCP'), ('News Search'), ('TTS/STT'), ('Image Generation'),
      ('Analysis'), ('Writing'), ('Research'), ('Translation')
  $$,
  'eleven features, in the order of their list'
);

select results_eq(
  'select id from public.interaction_types order by sort_order',
  $$
    values
      ('conversation'), ('coding'), ('brainstorming'), ('writing'), ('analysis'), ('research'), ('translation'),
      ('image_generation'), ('voice'), ('other')
  $$,
  'ten kinds of interaction'
);

select is((select count(*) from public.vendor_services), 115::bigint, 'the services');
select is((select count(*) from public.service_prices), 138::bigint, 'the prices');
select is_empty(
  'select id from public.vendors where not exists (select from public.vendor_services where vendor_id = vendors.id)',
  'no vendor sells nothing'
);

select * from finish();
rollback;
