-- The agents of the platform that seed 001 names: two agents and their seven models. Triggers
-- make their health rows.

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
  ('ccrouter', 'gemini-1.5-pro', 'Gemini 1.5 Pro', 'vertexai', 'vertex_gemini_15_pro', true),
  ('ccrouter', 'gemini-1.5-flash', 'Gemini 1.5 Flash', 'vertexai', 'vertex_gemini_15_flash', false),
  ('ccrouter', 'gemini-2.0-pro', 'Gemini 2.0 Pro', 'vertexai', 'vertex_gemini_20_pro', false),
  ('droid', 'claude-3-opus', 'Claude 3 Opus', 'openrouter', 'openrouter_claude3_opus', false),
  ('droid', 'claude-3.5-sonnet', 'Claude 3.5 Sonnet', 'openrouter', 'openrouter_claude35_sonnet',
   true),
  ('droid', 'gpt-4-turbo', 'GPT-4 Turbo', 'openrouter', 'openrouter_gpt4_turbo', false),
  ('droid', 'gpt-4o', 'GPT-4o', 'openrouter', 'openrouter_gpt4o', false)
) as models (agent, name, display_name, provider, service_id, is_default)
join public.agents on agents.name = models.agent and agents.is_platform
join public.vendor_services services on services.id = models.service_id;
