-- Rows of the catalogue: the vendors of seed 002, OpenRouter and Vertex AI for
-- the platform agents, well-known services with their prices, features and
-- kinds of interaction. Prices are the vendors' public list prices on the day
-- in verified_on; where none is known there is no row, and cost stays null.

insert into public.vendors (
  id, name, description, auth_type, base_url, api_format, auth_header, auth_scheme
)
values
  ('openai', 'OpenAI', 'GPT models, DALL-E, Whisper', 'api_key', 'https://api.openai.com/v1',
   'openai', 'Authorization', 'Bearer'),
  ('anthropic', 'Anthropic', 'Claude models', 'api_key', 'https://api.anthropic.com/v1',
   'anthropic', 'x-api-key', null),
  ('google_ai', 'Google AI', 'Gemini models', 'api_key',
   'https://generativelanguage.googleapis.com/v1beta/openai', 'openai', 'Authorization', 'Bearer'),
  ('azure_openai', 'Azure OpenAI', 'OpenAI models in an Azure resource', 'api_key',
   'https://{resource}.openai.azure.com/openai/v1', 'openai', 'api-key', null),
  ('replicate', 'Replicate', 'Open source models', 'bearer_token', 'https://api.replicate.com/v1',
   'native', 'Authorization', 'Bearer'),
  ('together_ai', 'Together AI', 'Open source language models', 'bearer_token',
   'https://api.together.xyz/v1', 'openai', 'Authorization', 'Bearer'),
  ('elevenlabs', 'ElevenLabs', 'Voice synthesis', 'api_key', 'https://api.elevenlabs.io/v1',
   'elevenlabs', 'xi-api-key', null),
  ('stability_ai', 'Stability AI', 'Image generation', 'api_key', 'https://api.stability.ai',
   'native', 'Authorization', 'Bearer'),
  ('cohere', 'Cohere', 'Command models', 'bearer_token', 'https://api.cohere.ai/compatibility/v1',
   'openai', 'Authorization', 'Bearer'),
  ('huggingface', 'Hugging Face', 'Model hub', 'bearer_token', 'https://router.huggingface.co/v1',
   'openai', 'Authorization', 'Bearer'),
  ('perplexity', 'Perplexity', 'Answers grounded in search', 'bearer_token',
   'https://api.perplexity.ai', 'openai', 'Authorization', 'Bearer'),
  ('openrouter', 'OpenRouter', 'Many vendors'' models behind one API', 'bearer_token',
   'https://openrouter.ai/api/v1', 'openai', 'Authorization', 'Bearer'),
  (
    'google_vertex',
    'Google Vertex AI',
    'Gemini models in a Google Cloud project',
    'oauth',
    'https://{location}-aiplatform.googleapis.com/v1'
    '/projects/{project}/locations/{location}/endpoints/openapi',
    'openai',
    'Authorization',
    'Bearer'
  );

-- Their reasoning models refuse max_tokens; all of their models take this.
update public.vendors
set max_tokens_field = 'max_completion_tokens'
where id in ('openai', 'azure_openai');
update public.vendors set metadata_needs_store = true where id in ('openai', 'azure_openai');
update public.vendors
set takes_developer_role = true
where id in ('openai', 'azure_openai', 'openrouter');
-- These vendors bill an aborted answer to its end.
update public.vendors set cancel_stops_billing = false where id in ('google_ai', 'google_vertex');
-- Fields beyond OpenAI's that they accept without charge.
update public.vendors
set extra_fields = known.extra_fields
from (values
  ('anthropic', array['thinking', 'top_k']),
  ('cohere', array['input_type', 'k', 'p', 'truncate']),
  ('huggingface', array['repetition_penalty', 'top_k']),
  (
    'openrouter',
    array[
      'cache_control', 'include_reasoning', 'min_p', 'reasoning', 'repetition_penalty', 'top_a',
      'top_k', 'verbosity'
    ]
  ),
  ('perplexity', array['top_k']),
  ('together_ai', array['min_p', 'repetition_penalty', 'top_k'])
) as known (id, extra_fields)
where vendors.id = known.id;
-- This one returns the cost of an aborted answer afterwards.
update public.vendors set usage_path = '/generation?id={id}' where id = 'openrouter';

-- Vendors whose list of models does not verify a key, or has another format.
update public.vendors set probe_path = '/key' where id = 'openrouter';
update public.vendors set probe_path = '/account' where id = 'replicate';
update public.vendors set probe_path = '/v1/user/balance' where id = 'stability_ai';
update public.vendors
set probe_path = null
where id in ('cohere', 'google_vertex', 'huggingface', 'perplexity');

-- The format of their keys, so that a key of another vendor is noticed. Vendors that are not listed
-- accept any.
update public.vendors
set key_pattern = known.key_pattern
from (values
  ('openai', '^sk-(?!ant-|or-|admin-)[A-Za-z0-9_-]{20,}$'),
  ('anthropic', '^sk-ant-(?!admin|oat)[A-Za-z0-9_-]{20,}$'),
  ('google_ai', '^(AIza|AQ[.])[A-Za-z0-9._-]{20,}$'),
  ('azure_openai', '^[A-Za-z0-9]{32,84}$'),
  ('replicate', '^r8_[A-Za-z0-9]{20,}$'),
  ('together_ai', '^(tgp_v1_[A-Za-z0-9_-]{20,}|[0-9a-f]{64})$'),
  ('elevenlabs', '^(sk_)?[0-9a-f]{32,}$'),
  ('stability_ai', '^sk-(?!ant-|or-|proj-)[A-Za-z0-9]{20,}$'),
  ('cohere', '^[A-Za-z0-9]{40}$'),
  ('huggingface', '^hf_[A-Za-z0-9]{20,}$'),
  ('perplexity', '^pplx-[A-Za-z0-9]{20,}$'),
  ('openrouter', '^sk-or-[A-Za-z0-9-]{20,}$')
) as known (id, key_pattern)
where vendors.id = known.id;

insert into public.vendor_services (
  id, vendor_id, service_name, display_name, service_kind, context_window, max_output_tokens
)
values
  ('openai_gpt4', 'openai', 'gpt-4', 'GPT-4', 'chat', 8192, 8192),
  ('openai_gpt4_turbo', 'openai', 'gpt-4-turbo', 'GPT-4 Turbo', 'chat', 128000, 4096),
  ('openai_gpt4o', 'openai', 'gpt-4o', 'GPT-4o', 'chat', 128000, 16384),
  ('openai_gpt4o_mini', 'openai', 'gpt-4o-mini', 'GPT-4o mini', 'chat', 128000, 16384),
  ('openai_gpt41', 'openai', 'gpt-4.1', 'GPT-4.1', 'chat', 1047576, 32768),
  ('openai_gpt41_mini', 'openai', 'gpt-4.1-mini', 'GPT-4.1 mini', 'chat', 1047576, 32768),
  ('openai_gpt35_turbo', 'openai', 'gpt-3.5-turbo', 'GPT-3.5 Turbo', 'chat', 16385, 4096),
  ('openai_embedding_3_small', 'openai', 'text-embedding-3-small', 'Embedding 3 small',
   'embedding', 8192, null),
  ('openai_embedding_3_large', 'openai', 'text-embedding-3-large', 'Embedding 3 large',
   'embedding', 8192, null),
  ('openai_dalle3', 'openai', 'dall-e-3', 'DALL-E 3', 'image', null, null),
  ('openai_whisper', 'openai', 'whisper-1', 'Whisper', 'transcription', null, null),
  ('openai_tts', 'openai', 'tts-1', 'Text to speech', 'speech', null, null),
  ('openai_omni_moderation', 'openai', 'omni-moderation-latest', 'Omni Moderation',
   'moderation', null, null),
  ('anthropic_claude3_opus', 'anthropic', 'claude-3-opus-20240229', 'Claude 3 Opus', 'chat',
   200000, 4096),
  ('anthropic_claude3_sonnet', 'anthropic', 'claude-3-sonnet-20240229', 'Claude 3 Sonnet', 'chat',
   200000, 4096),
  ('anthropic_claude3_haiku', 'anthropic', 'claude-3-haiku-20240307', 'Claude 3 Haiku', 'chat',
   200000, 4096),
  ('anthropic_claude35_sonnet', 'anthropic', 'claude-3-5-sonnet-20241022', 'Claude 3.5 Sonnet',
   'chat', 200000, 8192),
  ('anthropic_claude35_haiku', 'anthropic', 'claude-3-5-haiku-20241022', 'Claude 3.5 Haiku',
   'chat', 200000, 8192),
  ('google_gemini_15_pro', 'google_ai', 'gemini-1.5-pro', 'Gemini 1.5 Pro', 'chat', 2097152, 8192),
  ('google_gemini_15_flash', 'google_ai', 'gemini-1.5-flash', 'Gemini 1.5 Flash', 'chat', 1048576,
   8192),
  ('google_gemini_20_flash', 'google_ai', 'gemini-2.0-flash', 'Gemini 2.0 Flash', 'chat', 1048576,
   8192),
  ('google_gemini_25_pro', 'google_ai', 'gemini-2.5-pro', 'Gemini 2.5 Pro', 'chat', 1048576, 65536),
  ('azure_openai_gpt4', 'azure_openai', 'gpt-4', 'GPT-4 (Azure)', 'chat', 8192, 8192),
  ('azure_openai_gpt4o', 'azure_openai', 'gpt-4o', 'GPT-4o (Azure)', 'chat', 128000, 16384),
  ('replicate_llama3_70b', 'replicate', 'meta/meta-llama-3-70b-instruct',
   'Llama 3 70B (Replicate)', 'chat', 8192, null),
  ('replicate_sdxl', 'replicate', 'stability-ai/sdxl', 'SDXL (Replicate)', 'image', null, null),
  ('together_llama31_8b', 'together_ai', 'meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo',
   'Llama 3.1 8B Turbo', 'chat', 131072, null),
  ('together_llama31_70b', 'together_ai', 'meta-llama/Meta-Llama-3.1-70B-Instruct-Turbo',
   'Llama 3.1 70B Turbo', 'chat', 131072, null),
  ('together_mixtral_8x7b', 'together_ai', 'mistralai/Mixtral-8x7B-Instruct-v0.1', 'Mixtral 8x7B',
   'chat', 32768, null),
  ('elevenlabs_multilingual_v2', 'elevenlabs', 'eleven_multilingual_v2', 'Multilingual v2',
   'speech', null, null),
  ('stability_sd3', 'stability_ai', 'sd3', 'Stable Diffusion 3', 'image', null, null),
  ('cohere_command_r', 'cohere', 'command-r-08-2024', 'Command R', 'chat', 128000, 4096),
  ('cohere_command_r_plus', 'cohere', 'command-r-plus-08-2024', 'Command R+', 'chat', 128000, 4096),
  ('cohere_embed_v3', 'cohere', 'embed-english-v3.0', 'Embed v3', 'embedding', 512, null),
  ('huggingface_llama31_8b', 'huggingface', 'meta-llama/Llama-3.1-8B-Instruct',
   'Llama 3.1 8B (Hugging Face)', 'chat', 131072, null),
  ('perplexity_sonar', 'perplexity', 'sonar', 'Sonar', 'search', 127072, null),
  ('perplexity_sonar_pro', 'perplexity', 'sonar-pro', 'Sonar Pro', 'search', 200000, 8000),
  ('openrouter_claude3_opus', 'openrouter', 'anthropic/claude-3-opus', 'Claude 3 Opus', 'chat',
   200000, 4096),
  ('openrouter_claude35_sonnet', 'openrouter', 'anthropic/claude-3.5-sonnet', 'Claude 3.5 Sonnet',
   'chat', 200000, 8192),
  (
    'openrouter_gpt4_turbo', 'openrouter', 'openai/gpt-4-turbo', 'GPT-4 Turbo', 'chat', 128000,
    4096
  ),
  ('openrouter_gpt4o', 'openrouter', 'openai/gpt-4o', 'GPT-4o', 'chat', 128000, 16384),
  ('vertex_gemini_15_pro', 'google_vertex', 'google/gemini-1.5-pro', 'Gemini 1.5 Pro', 'chat',
   2097152, 8192),
  ('vertex_gemini_15_flash', 'google_vertex', 'google/gemini-1.5-flash', 'Gemini 1.5 Flash',
   'chat', 1048576, 8192),
  ('vertex_gemini_20_pro', 'google_vertex', 'google/gemini-2.0-pro-exp-02-05', 'Gemini 2.0 Pro',
   'chat', 2097152, 8192);

-- These charge more for an image, in tokens that cost less.
update public.vendor_services set image_tokens = 48169 where id = 'openai_gpt4o_mini';
update public.vendor_services set image_tokens = 2489 where id = 'openai_gpt41_mini';

-- Dollars per million tokens: input, cached input, cache write, output.
insert into public.service_prices (
  service_id, valid_during, min_input_tokens, input_rate, cached_input_rate, cache_write_rate,
  output_rate, request_rate, source, verified_on
)
select
  service_id, tstzrange('2025-06-01 00:00:00+00', null), min_input_tokens, input_rate,
  cached_input_rate,
  cache_write_rate, output_rate, request_rate, 'vendor price list', '2025-06-01'
from (values
  ('openai_gpt4', 0, 30.00, null, null, 60.00, 0),
  ('openai_gpt4_turbo', 0, 10.00, null, null, 30.00, 0),
  ('openai_gpt4o', 0, 2.50, 1.25, null, 10.00, 0),
  ('openai_gpt4o_mini', 0, 0.15, 0.075, null, 0.60, 0),
  ('openai_gpt41', 0, 2.00, 0.50, null, 8.00, 0),
  ('openai_gpt41_mini', 0, 0.40, 0.10, null, 1.60, 0),
  ('openai_gpt35_turbo', 0, 0.50, null, null, 1.50, 0),
  ('openai_embedding_3_small', 0, 0.02, null, null, 0, 0),
  ('openai_embedding_3_large', 0, 0.13, null, null, 0, 0),
  ('anthropic_claude3_opus', 0, 15.00, 1.50, 18.75, 75.00, 0),
  ('anthropic_claude3_sonnet', 0, 3.00, null, null, 15.00, 0),
  ('anthropic_claude3_haiku', 0, 0.25, 0.03, 0.30, 1.25, 0),
  ('anthropic_claude35_sonnet', 0, 3.00, 0.30, 3.75, 15.00, 0),
  ('anthropic_claude35_haiku', 0, 0.80, 0.08, 1.00, 4.00, 0),
  ('google_gemini_15_pro', 0, 1.25, 0.3125, null, 5.00, 0),
  ('google_gemini_15_pro', 128001, 2.50, 0.625, null, 10.00, 0),
  ('google_gemini_15_flash', 0, 0.075, 0.01875, null, 0.30, 0),
  ('google_gemini_15_flash', 128001, 0.15, 0.0375, null, 0.60, 0),
  ('google_gemini_20_flash', 0, 0.10, 0.025, null, 0.40, 0),
  ('google_gemini_25_pro', 0, 1.25, 0.31, null, 10.00, 0),
  ('google_gemini_25_pro', 200001, 2.50, 0.625, null, 15.00, 0),
  ('azure_openai_gpt4', 0, 30.00, null, null, 60.00, 0),
  ('azure_openai_gpt4o', 0, 2.50, 1.25, null, 10.00, 0),
  ('together_llama31_8b', 0, 0.18, null, null, 0.18, 0),
  ('together_llama31_70b', 0, 0.88, null, null, 0.88, 0),
  ('together_mixtral_8x7b', 0, 0.60, null, null, 0.60, 0),
  ('cohere_command_r', 0, 0.15, null, null, 0.60, 0),
  ('cohere_command_r_plus', 0, 2.50, null, null, 10.00, 0),
  ('cohere_embed_v3', 0, 0.10, null, null, 0, 0),
  ('perplexity_sonar', 0, 1.00, null, null, 1.00, 0.005),
  ('perplexity_sonar_pro', 0, 3.00, null, null, 15.00, 0.006),
  ('openrouter_claude3_opus', 0, 15.00, 1.50, 18.75, 75.00, 0),
  ('openrouter_claude35_sonnet', 0, 3.00, 0.30, 3.75, 15.00, 0),
  ('openrouter_gpt4_turbo', 0, 10.00, null, null, 30.00, 0),
  ('openrouter_gpt4o', 0, 2.50, 1.25, null, 10.00, 0),
  ('vertex_gemini_15_pro', 0, 1.25, 0.3125, null, 5.00, 0),
  ('vertex_gemini_15_pro', 128001, 2.50, 0.625, null, 10.00, 0),
  ('vertex_gemini_15_flash', 0, 0.075, 0.01875, null, 0.30, 0),
  ('vertex_gemini_15_flash', 128001, 0.15, 0.0375, null, 0.60, 0)
) as prices (
  service_id, min_input_tokens, input_rate, cached_input_rate, cache_write_rate, output_rate,
  request_rate
);

update public.vendor_services
set voices = array['alloy', 'ash', 'coral', 'echo', 'fable', 'nova', 'onyx', 'sage', 'shimmer']
where id = 'openai_tts';

-- Dollars for other units than tokens; moderation is free of charge.
insert into public.service_prices (service_id, valid_during, unit_rates, source, verified_on)
select
  service_id, tstzrange('2025-06-01 00:00:00+00', null), unit_rates::jsonb, 'vendor price list',
  '2025-06-01'
from (values
  (
    'openai_dalle3',
    '{"image/1024x1024": 0.04, "image/1024x1792": 0.08, "image/1792x1024": 0.08, '
    '"image/1024x1024/hd": 0.08, "image/1024x1792/hd": 0.12, "image/1792x1024/hd": 0.12}'
  ),
  ('openai_whisper', '{"second": 0.0001}'),
  ('openai_tts', '{"character": 0.000015}'),
  ('openai_omni_moderation', '{}'),
  ('elevenlabs_multilingual_v2', '{"character": 0.0001}')
) as prices (service_id, unit_rates);

insert into public.agent_features (id, name, description, category, icon, sort_order) values
  ('brainstorming', 'Brainstorming', 'Creative ideation', 'creative', 'lightbulb', 10),
  ('daily_qa', 'Daily Q&A', 'General assistance', 'general', 'message-circle', 20),
  ('coding', 'Coding', 'Programming assistance', 'technical', 'code', 30),
  ('mcp', 'MCP', 'Model Context Protocol', 'technical', 'plug', 40),
  ('news_search', 'News Search', 'Current events', 'research', 'newspaper', 50),
  ('tts_stt', 'TTS/STT', 'Voice processing', 'voice', 'mic', 60),
  ('image_generation', 'Image Generation', 'Visual content', 'creative', 'image', 70),
  ('analysis', 'Analysis', 'Data insights', 'technical', 'bar-chart', 80),
  ('writing', 'Writing', 'Content creation', 'creative', 'pen', 90),
  ('research', 'Research', 'Information gathering', 'research', 'search', 100),
  ('translation', 'Translation', 'Language services', 'language', 'languages', 110);

insert into public.interaction_types (id, name, description, category, icon, color, sort_order)
values
  ('conversation', 'Conversation', 'A chat with an agent', 'general', 'message-circle', '#3b82f6',
   10),
  ('coding', 'Coding', 'Writing or reviewing code', 'technical', 'code', '#10b981', 20),
  ('brainstorming', 'Brainstorming', 'Finding ideas', 'creative', 'lightbulb', '#f59e0b', 30),
  ('writing', 'Writing', 'Drafting or editing text', 'creative', 'pen', '#8b5cf6', 40),
  ('analysis', 'Analysis', 'Making sense of data', 'technical', 'bar-chart', '#06b6d4', 50),
  ('research', 'Research', 'Gathering information', 'research', 'search', '#6366f1', 60),
  ('translation', 'Translation', 'From one language to another', 'language', 'languages',
   '#ec4899', 70),
  ('image_generation', 'Image Generation', 'Making pictures', 'creative', 'image', '#ef4444', 80),
  ('voice', 'Voice', 'Speaking and listening', 'voice', 'mic', '#14b8a6', 90),
  ('other', 'Other', 'Anything else', 'general', 'circle', '#6b7280', 100);
