-- The agents of the platform that seed 001 names: two agents and their seven models, and the
-- models that they offer today. Names of the seed whose vendors ended what they meant buy what
-- replaces it (private.current_service). Triggers make the health rows of the agents.

insert into public.agents (name, description, type, status, vendor_id, is_platform, created_by)
values
  (
    'ccrouter', 'Gemini models through Vertex AI', 'ccrouter', 'active', 'google_vertex', true,
    null
  ),
  ('droid', 'Models of many vendors through OpenRouter', 'droid', 'active', 'openrouter', true,
   null);

insert into public.models (
  agent_id, name, display_name, provider, model_id, service_id, is_default
)
select
  agents.id, models.name, models.display_name, models.provider, services.service_name, services.id,
  models.is_default
from (values
  ('ccrouter', 'gemini-3.8-flash', 'Gemini 3.8 Flash', 'vertexai', 'vertex_gemini_3_8_flash', true),
  ('ccrouter', 'gemini-4-hydrogen', 'Gemini 4 Hydrogen', 'vertexai', 'vertex_gemini_4_hydrogen',
   false),
  ('ccrouter', 'gemini-3.5-flash-lite', 'Gemini 3.5 Flash-Lite', 'vertexai',
   'vertex_gemini_3_5_flash_lite', false),
  ('ccrouter', 'gemini-1.5-pro', 'Gemini 1.5 Pro', 'vertexai', 'vertex_gemini_15_pro', false),
  ('ccrouter', 'gemini-1.5-flash', 'Gemini 1.5 Flash', 'vertexai', 'vertex_gemini_15_flash', false),
  ('ccrouter', 'gemini-2.0-pro', 'Gemini 2.0 Pro', 'vertexai', 'vertex_gemini_20_pro', false),
  ('droid', 'claude-sonnet-5.5', 'Claude Sonnet 5.5', 'openrouter', 'openrouter_claude_sonnet_5_5',
   true),
  ('droid', 'claude-opus-5.5', 'Claude Opus 5.5', 'openrouter', 'openrouter_claude_opus_5_5',
   false),
  ('droid', 'gpt-6.2-sol', 'GPT-6.2 Sol', 'openrouter', 'openrouter_gpt_6_2_sol', false),
  ('droid', 'gpt-6-luna', 'GPT-6 Luna', 'openrouter', 'openrouter_gpt_6_luna', false),
  ('droid', 'claude-3-opus', 'Claude 3 Opus', 'openrouter', 'openrouter_claude3_opus', false),
  ('droid', 'claude-3.5-sonnet', 'Claude 3.5 Sonnet', 'openrouter', 'openrouter_claude35_sonnet',
   false),
  ('droid', 'gpt-4-turbo', 'GPT-4 Turbo', 'openrouter', 'openrouter_gpt4_turbo', false),
  ('droid', 'gpt-4o', 'GPT-4o', 'openrouter', 'openrouter_gpt4o', false)
) as models (agent, name, display_name, provider, service_id, is_default)
join public.agents on agents.name = models.agent and agents.is_platform
join public.vendor_services services on services.id = models.service_id;
