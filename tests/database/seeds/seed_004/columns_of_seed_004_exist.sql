-- Seed 004: every field that its models read and that its ALTER TABLE statements propose, in the views
-- that keep its names. Times of a session have no time zone, as it prints them; all others have one.
begin;
select plan(2);

create temporary table drafted (relation text, name text, type text);
insert into drafted values
  ('agent_sessions', 'id', 'uuid'),
  ('agent_sessions', 'session_id', 'varchar'),
  ('agent_sessions', 'agent_id', 'uuid'),
  ('agent_sessions', 'user_id', 'uuid'),
  ('agent_sessions', 'website_domain', 'varchar'),
  ('agent_sessions', 'ip_address', 'varchar'),
  ('agent_sessions', 'channel', 'varchar'),
  ('agent_sessions', 'message_count', 'integer'),
  ('agent_sessions', 'conversation_history', 'jsonb'),
  ('agent_sessions', 'context_data', 'jsonb'),
  ('agent_sessions', 'status', 'varchar'),
  ('agent_sessions', 'started_at', 'timestamp without time zone'),
  ('agent_sessions', 'last_activity_at', 'timestamp without time zone'),
  ('agent_sessions', 'ended_at', 'timestamp without time zone'),
  ('agent_messages', 'id', 'uuid'),
  ('agent_messages', 'session_id', 'uuid'),
  ('agent_messages', 'role', 'varchar'),
  ('agent_messages', 'content', 'text'),
  ('agent_messages', 'audio_url', 'text'),
  ('agent_messages', 'audio_duration_ms', 'integer'),
  ('agent_messages', 'tokens_used', 'integer'),
  ('agent_messages', 'latency_ms', 'integer'),
  ('agent_messages', 'model_used', 'varchar'),
  ('agent_messages', 'created_at', 'timestamp'),
  ('bots', 'id', 'uuid'),
  ('bots', 'organization_id', 'uuid'),
  ('bots', 'name', 'varchar'),
  ('bots', 'description', 'text'),
  ('bots', 'config', 'jsonb'),
  ('bots', 'is_active', 'boolean'),
  ('bots', 'created_by', 'uuid'),
  ('bots', 'created_at', 'timestamp'),
  ('bots', 'updated_at', 'timestamp'),
  ('bots', 'llm_provider', 'varchar'),
  ('bots', 'llm_model', 'varchar'),
  ('bots', 'system_prompt', 'text'),
  ('bots', 'temperature', 'float'),
  ('bots', 'voice_provider', 'text'),
  ('bots', 'voice_id', 'text'),
  ('bots', 'voice_settings', 'jsonb'),
  ('bots', 'speech_processing', 'jsonb'),
  ('bots', 'security', 'jsonb'),
  ('bots', 'knowledge_base_ids', 'text[]'),
  ('bots', 'is_published', 'boolean'),
  ('bots', 'version', 'integer');

select isnt_empty('select from drafted', 'columns were drafted');
select is_empty(
  $$ select tests.missing_columns('drafted') $$, 'each of them is there, with a type that takes its values'
);

select * from finish();
rollback;
