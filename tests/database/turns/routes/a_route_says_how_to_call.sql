begin;
select plan(2);

create function pg_temp.begin(person text, request jsonb)
returns jsonb
language sql
as $$
  select public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id(person)),
    jsonb_build_object('request_id', gen_random_uuid(), 'messages', '[{"role": "user", "content": "hi"}]'::jsonb)
      || request
  )
$$;
create temporary table answers as select pg_temp.begin('eve', '{"model": "gpt-4o"}') as turn;

select is(
  (select turn -> 'routes' -> 0 from answers),
  (
    select jsonb_build_object(
      'agent_id', agents.id, 'agent', 'droid', 'vendor_id', 'openrouter', 'service_id', 'openrouter_gpt4o',
      'base_url', 'https://openrouter.ai/api/v1', 'api_format', 'openai', 'auth_type', 'bearer_token',
      'auth_header', 'Authorization', 'auth_scheme', 'Bearer', 'max_tokens_field', 'max_tokens', 'cancel_stops_billing', true, 'usage_path', '/generation?id={id}', 'unit_rates', null, 'voices', null, 'replaces', null,
      'extra_fields', array['cache_control', 'include_reasoning', 'min_p', 'reasoning', 'repetition_penalty', 'top_a', 'top_k', 'verbosity'],
      'takes_stream_options', true, 'takes_developer_role', true, 'takes_parallel_tool_calls', true,
      'instructions_first', false, 'metadata_needs_store', false,
      'model', 'openai/gpt-4o', 'service_name', 'openai/gpt-4o',
      'context_window', 128000, 'max_output_tokens', 16384, 'image_tokens', null, 'credential', 'platform', 'keys', '[]'::jsonb
    )
    from public.agents where name = 'droid'
  ),
  'vendor, address, authentication, upstream name, sizes; a platform agent is called with the platform''s credential'
);
select is((select jsonb_array_length(turn -> 'routes') from answers), 1, 'it is the only one');

select * from finish();
rollback;
