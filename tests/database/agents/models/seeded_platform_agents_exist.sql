begin;
select plan(1);

select results_eq(
  $$
    select agents.name, agents.status, agents.vendor_id, models.name, models.provider, models.service_id,
      models.model_id = services.service_name, models.is_default, models.enabled
    from public.models
    join public.agents on agents.id = models.agent_id
    join public.vendor_services services on services.id = models.service_id
    where agents.is_platform
    order by agents.name collate "C", models.name collate "C"
  $$,
  $$
    values
      ('ccrouter', 'active', 'google_vertex', 'gemini-1.5-flash', 'vertexai', 'vertex_gemini_15_flash', true, false,
        true),
      ('ccrouter', 'active', 'google_vertex', 'gemini-1.5-pro', 'vertexai', 'vertex_gemini_15_pro', true, false, true),
      ('ccrouter', 'active', 'google_vertex', 'gemini-2.0-pro', 'vertexai', 'vertex_gemini_20_pro', true, false, true),
      ('ccrouter', 'active', 'google_vertex', 'gemini-3.5-flash-lite', 'vertexai', 'vertex_gemini_3_5_flash_lite', true,
        false, true),
      ('ccrouter', 'active', 'google_vertex', 'gemini-3.8-flash', 'vertexai', 'vertex_gemini_3_8_flash', true, true,
        true),
      ('ccrouter', 'active', 'google_vertex', 'gemini-4-hydrogen', 'vertexai', 'vertex_gemini_4_hydrogen', true, false,
        true),
      ('droid', 'active', 'openrouter', 'claude-3-opus', 'openrouter', 'openrouter_claude3_opus', true, false, true),
      ('droid', 'active', 'openrouter', 'claude-3.5-sonnet', 'openrouter', 'openrouter_claude35_sonnet', true, false,
        true),
      ('droid', 'active', 'openrouter', 'claude-opus-5.5', 'openrouter', 'openrouter_claude_opus_5_5', true, false,
        true),
      ('droid', 'active', 'openrouter', 'claude-sonnet-5.5', 'openrouter', 'openrouter_claude_sonnet_5_5', true, true,
        true),
      ('droid', 'active', 'openrouter', 'gpt-4-turbo', 'openrouter', 'openrouter_gpt4_turbo', true, false, true),
      ('droid', 'active', 'openrouter', 'gpt-4o', 'openrouter', 'openrouter_gpt4o', true, false, true),
      ('droid', 'active', 'openrouter', 'gpt-6-luna', 'openrouter', 'openrouter_gpt_6_luna', true, false, true),
      ('droid', 'active', 'openrouter', 'gpt-6.2-sol', 'openrouter', 'openrouter_gpt_6_2_sol', true, false, true)
  $$,
  'two agents, the seven models of the seed and seven current ones, each a service of its agent''s vendor, with one default each'
);

select * from finish();
rollback;
