-- The current state of what no single migration creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Schemas ----------------------------------------------------------------------------------------

create schema private;
grant usage on schema private to anon;
grant usage on schema private to authenticated;
grant usage on schema private to service_role;

create schema public;
grant usage on schema public to agentbase_functions;
grant usage on schema public to anon;
grant usage on schema public to authenticated;
grant usage on schema public to public;
grant usage on schema public to service_role;

-- Tables -----------------------------------------------------------------------------------------

CREATE TRIGGER close_account BEFORE DELETE ON auth.users FOR EACH ROW EXECUTE FUNCTION private.close_account();
CREATE TRIGGER delete_own_agents BEFORE DELETE ON auth.users FOR EACH ROW EXECUTE FUNCTION private.delete_own_agents();
CREATE TRIGGER delete_personal_organization BEFORE DELETE ON auth.users FOR EACH ROW EXECUTE FUNCTION private.delete_personal_organization();
CREATE TRIGGER open_account AFTER INSERT ON auth.users FOR EACH ROW EXECUTE FUNCTION private.handle_new_user();
CREATE TRIGGER refresh_account AFTER UPDATE OF email, last_sign_in_at, is_sso_user ON auth.users FOR EACH ROW WHEN ((((old.email)::text IS DISTINCT FROM (new.email)::text) OR (old.last_sign_in_at IS DISTINCT FROM new.last_sign_in_at) OR (old.is_sso_user IS DISTINCT FROM new.is_sso_user))) EXECUTE FUNCTION private.handle_user_change();
CREATE TRIGGER release_organizations BEFORE DELETE ON auth.users FOR EACH ROW EXECUTE FUNCTION private.release_organizations();
CREATE TRIGGER scrub_interactions BEFORE DELETE ON auth.users FOR EACH ROW EXECUTE FUNCTION private.scrub_interactions();

create table private.archived_interactions (
  id uuid default gen_random_uuid() not null,
  user_id uuid default auth.uid(),
  organization_id uuid not null,
  agent_id uuid,
  session_id uuid,
  model_id uuid,
  vendor_id text,
  service_id text,
  price_id uuid,
  access_key_id uuid,
  source text default 'manual'::text not null,
  title text not null,
  description text,
  interaction_type_id text default 'conversation'::text not null,
  external_link text,
  external_id text,
  external_metadata jsonb default '{}'::jsonb not null,
  content_preview text,
  full_content text,
  model_name text,
  input_tokens bigint default 0 not null,
  output_tokens bigint default 0 not null,
  cached_input_tokens bigint default 0 not null,
  cache_write_tokens bigint default 0 not null,
  reasoning_tokens bigint default 0 not null,
  usage_is_estimated boolean default false not null,
  total_cost numeric(20,10),
  cost_breakdown jsonb,
  provider_cost numeric(20,10),
  tags text[] default '{}'::text[] not null,
  keywords text[] default '{}'::text[] not null,
  satisfaction_rating integer,
  usefulness_rating integer,
  feedback_notes text,
  started_at timestamp with time zone default now() not null,
  ended_at timestamp with time zone,
  duration_minutes integer,
  latency_ms integer,
  first_token_ms integer,
  finish_reason text,
  status text default 'active'::text not null,
  turn_state text,
  request_id text,
  error_code text,
  error_message text,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint archived_interactions_pkey PRIMARY KEY (id)
);

create table private.rate_limits (
  key text not null,
  empty_at timestamp with time zone not null,
  created_at timestamp with time zone default now() not null,
  constraint rate_limits_pkey PRIMARY KEY (key),
  constraint rate_limit_key_is_1_to_255_characters CHECK (((char_length(key) >= 1) AND (char_length(key) <= 255)))
);
grant delete, insert, select, update on private.rate_limits to service_role;
CREATE INDEX rate_limits_empty_at_idx ON private.rate_limits USING btree (empty_at);

create table private.widget_tickets (
  token_hash text not null,
  widget_id uuid not null,
  origin text not null,
  expires_at timestamp with time zone not null,
  created_at timestamp with time zone default now() not null,
  constraint widget_tickets_pkey PRIMARY KEY (token_hash),
  constraint widget_tickets_widget_id_fkey FOREIGN KEY (widget_id) REFERENCES public.widgets(id) ON DELETE CASCADE,
  constraint ticket_hash_is_sha256 CHECK ((token_hash ~ '^[0-9a-f]{64}$'::text))
);
grant delete, insert, select, update on private.widget_tickets to service_role;
CREATE INDEX widget_tickets_expires_at_idx ON private.widget_tickets USING btree (expires_at);
CREATE INDEX widget_tickets_widget_id_idx ON private.widget_tickets USING btree (widget_id);

-- Publications -----------------------------------------------------------------------------------

alter publication supabase_realtime add table public.agent_health (id, agent_id, status, last_check, latency_ms, consecutive_failures, circuit_state, circuit_opened_at, circuit_retry_at, circuit_opens, is_alerted, created_at, updated_at);
alter publication supabase_realtime add table public.agent_thoughts (id, agent_id, execution_id, node_id, node_type, content, metadata, parent_node_id, confidence_score, processing_time_ms, request_id, created_at);
alter publication supabase_realtime add table public.agents (id, name, description, type, status, enabled, vendor_id, service_id, model_name, system_prompt, temperature, max_tokens, config, capabilities, deployment_config, voice_provider, voice_id, voice_settings, speech_processing, security, knowledge_base_ids, notes, tags, activity_score, usage_count, last_used_at, is_favorite, is_public, is_published, is_platform, version, created_by, organization_id, created_at, updated_at, team_id, llm_provider, llm_model, config_json, is_active);
alter publication supabase_realtime add table public.chat_messages (id, session_id, interaction_id, seq, role, content, content_parts, name, tool_calls, tool_call_id, continuation, history_fingerprint, finish_reason, status, tokens_in, tokens_out, tokens_used, latency_ms, model_used, audio_url, audio_duration_ms, created_at);
alter publication supabase_realtime add table public.deployments (id, agent_id, version, status, trigger_type, trigger_config, snapshot, deployment_url, error_message, scheduled_at, called_at, webhook_endpoint_id, progress_percent, progress_message, deployed_at, stopped_at, created_at, updated_at);
alter publication supabase_realtime add table public.notifications (id, user_id, type, title, message, data, priority, read_at, expires_at, is_in_app, topic, occurrences, last_occurred_at, created_at);
alter publication supabase_realtime add table public.workflow_executions (id, workflow_id, execution_id, status, input_data, output_data, error_data, execution_time_ms, started_at, completed_at, created_at, updated_at);

alter publication supabase_realtime_messages_publication add table realtime.messages (topic, extension, payload, event, private, updated_at, inserted_at, id);

-- Default privileges -----------------------------------------------------------------------------

alter default privileges for role postgres grant execute on functions to postgres;
