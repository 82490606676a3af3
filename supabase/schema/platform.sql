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

-- Functions --------------------------------------------------------------------------------------

create function private.check_rules_of_agent_executions()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  return case when private.keeps_rules_of_agent_executions(new.attempt, new.status, new.upstream_status, new.counts_against_agent, new.first_byte_ms, new.latency_ms, new.input_tokens, new.output_tokens, new.cached_input_tokens, new.cache_write_tokens, new.reasoning_tokens, new.total_cost, new.started_at, new.completed_at) then new end;
end
$body$;

create function private.check_rules_of_agents()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  return case when private.keeps_rules_of_agents(new.name, new.description, new.type, new.status, new.enabled, new.vendor_id, new.service_id, new.model_name, new.system_prompt, new.temperature, new.max_tokens, new.config, new.capabilities, new.deployment_config, new.voice_provider, new.voice_id, new.voice_settings, new.speech_processing, new.security, new.knowledge_base_ids, new.notes, new.tags, new.activity_score, new.is_platform, new.created_by, new.organization_id, new.team_id, new.llm_provider, new.llm_model, new.config_json, new.is_active) then new end;
end
$body$;

create function private.check_rules_of_ai_interactions()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  return case when private.keeps_rules_of_ai_interactions(new.source, new.title, new.description, new.interaction_type_id, new.external_link, new.external_id, new.external_metadata, new.content_preview, new.full_content, new.model_name, new.input_tokens, new.output_tokens, new.cached_input_tokens, new.cache_write_tokens, new.reasoning_tokens, new.total_cost, new.provider_cost, new.tags, new.keywords, new.satisfaction_rating, new.usefulness_rating, new.feedback_notes, new.started_at, new.ended_at, new.duration_minutes, new.latency_ms, new.first_token_ms, new.status, new.turn_state) then new end;
end
$body$;

create function private.check_rules_of_chat_messages()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  return case when private.keeps_rules_of_chat_messages(new.role, new.content, new.content_parts, new.name, new.tool_calls, new.tool_call_id, new.continuation, new.status, new.tokens_in, new.tokens_out, new.tokens_used, new.latency_ms, new.model_used, new.audio_url, new.audio_duration_ms) then new end;
end
$body$;

create function private.check_rules_of_chat_sessions()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  return case when private.keeps_rules_of_chat_sessions(new.session_id, new.user_id, new.title, new.metadata, new.website_domain, new.channel, new.context_data, new.current_branch, new.prompt_limit, new.status, new.started_at, new.ended_at) then new end;
end
$body$;

create function private.keeps_rules_of_agent_executions(attempt integer, status text, upstream_status integer, counts_against_agent boolean, first_byte_ms integer, latency_ms integer, input_tokens bigint, output_tokens bigint, cached_input_tokens bigint, cache_write_tokens bigint, reasoning_tokens bigint, total_cost numeric, started_at timestamp with time zone, completed_at timestamp with time zone)
returns boolean
language plpgsql immutable security invoker
set search_path=""
as $body$
declare
  broken constant text := case
when not (attempt >= 1)
  then 'attempt_counts_from_1'
when not (completed_at >= started_at)
  then 'execution_completes_after_it_starts'
when not ((total_cost >= (0)::numeric) AND (total_cost <> 'NaN'::numeric))
  then 'execution_cost_is_not_negative'
when not ((latency_ms >= 0) AND (first_byte_ms >= 0))
  then 'execution_latency_is_not_negative'
when not (status = ANY (ARRAY['succeeded'::text, 'failed'::text]))
  then 'execution_status_is_known'
when not (LEAST(input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens) >= 0)
  then 'execution_tokens_are_not_negative'
when not ((NOT counts_against_agent) OR (status = 'failed'::text))
  then 'only_a_failure_counts_against_the_agent'
when not ((upstream_status >= 100) AND (upstream_status <= 599))
  then 'upstream_status_is_an_http_status'
end;
begin
  if broken is not null then
    raise check_violation using
      message = 'new row for relation "agent_executions" violates check constraint "' || broken || '"',
      schema = 'public', table = 'agent_executions', constraint = broken;
  end if;
  return true;
end
$body$;
grant execute on function private.keeps_rules_of_agent_executions(integer,text,integer,boolean,integer,integer,bigint,bigint,bigint,bigint,bigint,numeric,timestamp with time zone,timestamp with time zone) to service_role;

create function private.keeps_rules_of_agents(name text, description text, type text, status text, enabled boolean, vendor_id text, service_id text, model_name text, system_prompt text, temperature numeric, max_tokens integer, config jsonb, capabilities jsonb, deployment_config jsonb, voice_provider text, voice_id text, voice_settings jsonb, speech_processing jsonb, security jsonb, knowledge_base_ids text[], notes text, tags text[], activity_score real, is_platform boolean, created_by uuid, organization_id uuid, team_id uuid, llm_provider text, llm_model text, config_json jsonb, is_active boolean)
returns boolean
language plpgsql immutable security invoker
set search_path=""
as $body$
declare
  broken constant text := case
when not ((activity_score >= (0)::double precision) AND (activity_score <= (1)::double precision))
  then 'activity_score_is_between_0_and_1'
when not private.is_document(capabilities)
  then 'agent_capabilities_are_at_most_256_kib_and_64_levels'
when not (jsonb_typeof(config) = 'object'::text)
  then 'agent_config_is_an_object'
when not private.is_document(config)
  then 'agent_config_is_at_most_256_kib_and_64_levels'
when not private.is_document(deployment_config)
  then 'agent_deployment_config_is_at_most_256_kib_and_64_levels'
when not private.is_prose(description)
  then 'agent_description_is_at_most_64_kib'
when not private.is_word_list(knowledge_base_ids)
  then 'agent_knowledge_base_ids_are_at_most_100_of_255_characters'
when not private.is_label(model_name)
  then 'agent_model_name_is_one_line_of_at_most_255_characters'
when not private.is_plain(name)
  then 'agent_name_has_no_control_characters'
when not ((char_length(name) >= 1) AND (char_length(name) <= 255))
  then 'agent_name_is_1_to_255_characters'
when not private.is_prose(notes)
  then 'agent_notes_are_at_most_64_kib'
when not private.is_document(security)
  then 'agent_security_is_at_most_256_kib_and_64_levels'
when not private.is_document(speech_processing)
  then 'agent_speech_processing_is_at_most_256_kib_and_64_levels'
when not (status = ANY (ARRAY['active'::text, 'paused'::text, 'error'::text, 'inactive'::text]))
  then 'agent_status_is_known'
when not private.is_prompt(system_prompt)
  then 'agent_system_prompt_is_at_most_256_kib'
when not private.is_word_list(tags)
  then 'agent_tags_are_at_most_100_of_255_characters'
when not private.is_plain(type)
  then 'agent_type_has_no_control_characters'
when not ((char_length(type) >= 1) AND (char_length(type) <= 100))
  then 'agent_type_is_1_to_100_characters'
when not private.is_label(voice_id)
  then 'agent_voice_id_is_one_line_of_at_most_255_characters'
when not private.is_label(voice_provider)
  then 'agent_voice_provider_is_one_line_of_at_most_255_characters'
when not private.is_document(voice_settings)
  then 'agent_voice_settings_are_at_most_256_kib_and_64_levels'
when not ((NOT (security ? 'allowed_domains'::text)) OR (jsonb_typeof((security -> 'allowed_domains'::text)) = 'array'::text))
  then 'allowed_domains_are_a_list'
when not private.is_site_list((security -> 'allowed_domains'::text))
  then 'allowed_domains_are_sites'
when not (NOT (((((team_id IS DISTINCT FROM organization_id) OR (llm_provider IS DISTINCT FROM vendor_id)) OR (llm_model IS DISTINCT FROM model_name)) OR (config_json IS DISTINCT FROM config)) OR (is_active IS DISTINCT FROM enabled)))
  then 'column_aliases_agree'
when not private.is_document(config_json)
  then 'config_json_is_at_most_256_kib_and_64_levels'
when not private.is_label(llm_model)
  then 'llm_model_is_a_label'
when not private.is_label(llm_provider)
  then 'llm_provider_is_a_label'
when not (max_tokens > 0)
  then 'max_tokens_is_positive'
when not ((NOT is_platform) OR ((created_by IS NULL) AND (organization_id IS NULL)))
  then 'platform_agent_has_no_owner'
when not ((NOT is_platform) OR (system_prompt IS NULL))
  then 'platform_agent_has_no_prompt'
when not private.is_label(service_id)
  then 'service_id_of_agent_is_a_label'
when not ((temperature >= (0)::numeric) AND (temperature <= (2)::numeric))
  then 'temperature_is_between_0_and_2'
when not private.is_label(vendor_id)
  then 'vendor_id_of_agent_is_a_label'
end;
begin
  if broken is not null then
    raise check_violation using
      message = 'new row for relation "agents" violates check constraint "' || broken || '"',
      schema = 'public', table = 'agents', constraint = broken;
  end if;
  return true;
end
$body$;
grant execute on function private.keeps_rules_of_agents(text,text,text,text,boolean,text,text,text,text,numeric,integer,jsonb,jsonb,jsonb,text,text,jsonb,jsonb,jsonb,text[],text,text[],real,boolean,uuid,uuid,uuid,text,text,jsonb,boolean) to authenticated, service_role;

create function private.keeps_rules_of_ai_interactions(source text, title text, description text, interaction_type_id text, external_link text, external_id text, external_metadata jsonb, content_preview text, full_content text, model_name text, input_tokens bigint, output_tokens bigint, cached_input_tokens bigint, cache_write_tokens bigint, reasoning_tokens bigint, total_cost numeric, provider_cost numeric, tags text[], keywords text[], satisfaction_rating integer, usefulness_rating integer, feedback_notes text, started_at timestamp with time zone, ended_at timestamp with time zone, duration_minutes integer, latency_ms integer, first_token_ms integer, status text, turn_state text)
returns boolean
language plpgsql immutable security invoker
set search_path=""
as $body$
declare
  broken constant text := case
when not private.is_prose(content_preview)
  then 'content_preview_is_at_most_64_kib'
when not (LEAST(total_cost, provider_cost) >= (0)::numeric)
  then 'costs_are_not_negative'
when not (GREATEST(total_cost, provider_cost) <> 'NaN'::numeric)
  then 'costs_are_numbers'
when not (duration_minutes >= 0)
  then 'duration_is_not_negative'
when not private.is_label(external_id)
  then 'external_id_is_one_line_of_at_most_255_characters'
when not private.is_web_address(external_link)
  then 'external_link_is_a_web_address'
when not private.is_document(external_metadata)
  then 'external_metadata_is_at_most_256_kib_and_64_levels'
when not private.is_prose(feedback_notes)
  then 'feedback_notes_are_at_most_64_kib'
when not private.is_content(full_content)
  then 'full_content_is_at_most_1_mib'
when not private.is_prose(description)
  then 'interaction_description_is_at_most_64_kib'
when not (ended_at >= started_at)
  then 'interaction_ends_after_it_starts'
when not private.is_word_list(keywords)
  then 'interaction_keywords_are_at_most_100_of_255_characters'
when not (LEAST(latency_ms, first_token_ms) >= 0)
  then 'interaction_latency_is_not_negative'
when not private.is_label(model_name)
  then 'interaction_model_name_is_one_line_of_at_most_255_characters'
when not (status = ANY (ARRAY['active'::text, 'completed'::text, 'archived'::text, 'deleted'::text]))
  then 'interaction_status_is_known'
when not private.is_word_list(tags)
  then 'interaction_tags_are_at_most_100_of_255_characters'
when not (private.is_calendar_time(started_at) AND private.is_calendar_time(ended_at))
  then 'interaction_times_are_from_1970_to_2199'
when not private.is_plain(title)
  then 'interaction_title_has_no_control_characters'
when not ((char_length(title) >= 1) AND (char_length(title) <= 500))
  then 'interaction_title_is_1_to_500_characters'
when not private.is_label(interaction_type_id)
  then 'interaction_type_id_is_a_label'
when not ((source <> 'manual'::text) = (turn_state IS NOT NULL))
  then 'only_a_turn_has_a_state'
when not ((source <> 'manual'::text) OR (total_cost <= (1000)::numeric))
  then 'recorded_costs_are_at_most_1000_dollars'
when not ((source <> 'manual'::text) OR (duration_minutes <= 44640))
  then 'recorded_durations_are_at_most_31_days'
when not ((source <> 'manual'::text) OR (GREATEST(input_tokens, output_tokens) <= 100000000))
  then 'recorded_tokens_are_at_most_a_hundred_million'
when not ((satisfaction_rating >= 1) AND (satisfaction_rating <= 5))
  then 'satisfaction_rating_is_1_to_5'
when not ((source = ANY (ARRAY['manual'::text, 'import'::text])) OR (source = ANY (private.turn_kinds())))
  then 'source_is_known'
when not (GREATEST(input_tokens, output_tokens) <= '1000000000000'::bigint)
  then 'tokens_are_at_most_a_trillion'
when not (LEAST(input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens) >= 0)
  then 'tokens_are_not_negative'
when not (turn_state = ANY (ARRAY['succeeded'::text, 'partial'::text, 'failed'::text]))
  then 'turn_state_is_known'
when not ((source = 'manual'::text) OR (status <> 'deleted'::text))
  then 'turns_are_not_deleted'
when not ((usefulness_rating >= 1) AND (usefulness_rating <= 5))
  then 'usefulness_rating_is_1_to_5'
end;
begin
  if broken is not null then
    raise check_violation using
      message = 'new row for relation "ai_interactions" violates check constraint "' || broken || '"',
      schema = 'public', table = 'ai_interactions', constraint = broken;
  end if;
  return true;
end
$body$;
grant execute on function private.keeps_rules_of_ai_interactions(text,text,text,text,text,text,jsonb,text,text,text,bigint,bigint,bigint,bigint,bigint,numeric,numeric,text[],text[],integer,integer,text,timestamp with time zone,timestamp with time zone,integer,integer,integer,text,text) to authenticated, service_role;

create function private.keeps_rules_of_chat_messages(role text, content text, content_parts jsonb, name text, tool_calls jsonb, tool_call_id text, continuation jsonb, status text, tokens_in integer, tokens_out integer, tokens_used integer, latency_ms integer, model_used text, audio_url text, audio_duration_ms integer)
returns boolean
language plpgsql immutable security invoker
set search_path=""
as $body$
declare
  broken constant text := case
when not (audio_duration_ms >= 0)
  then 'audio_duration_is_not_negative'
when not (private.is_web_address(audio_url) OR ((audio_url ~ '^[A-Za-z0-9_./-]+$'::text) AND (octet_length(audio_url) <= 1024)))
  then 'audio_url_is_a_web_address_or_a_path'
when not (jsonb_typeof(content_parts) = 'array'::text)
  then 'content_parts_are_a_list'
when not (pg_column_size(content_parts) <= 67108864)
  then 'content_parts_are_at_most_64_mib'
when not (jsonb_typeof(continuation) = 'object'::text)
  then 'continuation_is_an_object'
when not (pg_column_size(continuation) <= 67108864)
  then 'continuation_is_at_most_64_mib'
when not (octet_length(content) <= 67108864)
  then 'message_content_is_at_most_64_mib'
when not (latency_ms >= 0)
  then 'message_latency_is_not_negative'
when not private.is_label(name)
  then 'message_name_is_one_line_of_at_most_255_characters'
when not (role = ANY (ARRAY['system'::text, 'developer'::text, 'user'::text, 'assistant'::text, 'tool'::text]))
  then 'message_role_is_known'
when not (status = ANY (ARRAY['complete'::text, 'partial'::text, 'error'::text]))
  then 'message_status_is_known'
when not (LEAST(tokens_in, tokens_out, tokens_used) >= 0)
  then 'message_tokens_are_not_negative'
when not private.is_label(model_used)
  then 'model_used_is_one_line_of_at_most_255_characters'
when not ((tool_call_id IS NULL) OR (role = 'tool'::text))
  then 'only_a_tool_answers_a_call'
when not ((tool_calls IS NULL) OR (role = 'assistant'::text))
  then 'only_an_assistant_calls_tools'
when not private.is_plain(tool_call_id)
  then 'tool_call_id_has_no_control_characters'
when not private.is_prose(tool_call_id)
  then 'tool_call_id_is_at_most_64_kib'
when not (jsonb_typeof(tool_calls) = 'array'::text)
  then 'tool_calls_are_a_list'
when not (pg_column_size(tool_calls) <= 67108864)
  then 'tool_calls_are_at_most_64_mib'
end;
begin
  if broken is not null then
    raise check_violation using
      message = 'new row for relation "chat_messages" violates check constraint "' || broken || '"',
      schema = 'public', table = 'chat_messages', constraint = broken;
  end if;
  return true;
end
$body$;
grant execute on function private.keeps_rules_of_chat_messages(text,text,jsonb,text,jsonb,text,jsonb,text,integer,integer,integer,integer,text,text,integer) to authenticated, service_role;

create function private.keeps_rules_of_chat_sessions(session_id text, user_id uuid, title text, metadata jsonb, website_domain text, channel text, context_data jsonb, current_branch int8multirange, prompt_limit integer, status text, started_at timestamp with time zone, ended_at timestamp with time zone)
returns boolean
language plpgsql immutable security invoker
set search_path=""
as $body$
declare
  broken constant text := case
when not private.is_plain(channel)
  then 'channel_has_no_control_characters'
when not ((char_length(channel) >= 1) AND (char_length(channel) <= 50))
  then 'channel_is_1_to_50_characters'
when not (jsonb_typeof(context_data) = 'object'::text)
  then 'context_data_is_an_object'
when not private.is_document(context_data)
  then 'context_data_is_at_most_256_kib_and_64_levels'
when not (NOT isempty(current_branch))
  then 'current_branch_is_not_empty'
when not (prompt_limit > 0)
  then 'prompt_limit_is_positive'
when not private.is_calendar_time(ended_at)
  then 'session_ended_at_is_from_1970_to_2199'
when not (ended_at >= started_at)
  then 'session_ends_after_it_starts'
when not private.is_plain(session_id)
  then 'session_id_has_no_control_characters'
when not ((char_length(session_id) >= 1) AND (char_length(session_id) <= 255))
  then 'session_id_is_1_to_255_characters'
when not (jsonb_typeof(metadata) = 'object'::text)
  then 'session_metadata_is_an_object'
when not private.is_document(metadata)
  then 'session_metadata_is_at_most_256_kib_and_64_levels'
when not (status = ANY (ARRAY['active'::text, 'ended'::text, 'expired'::text, 'closed'::text, 'completed'::text, 'inactive'::text]))
  then 'session_status_is_known'
when not private.is_plain(title)
  then 'session_title_has_no_control_characters'
when not (char_length(title) <= 255)
  then 'session_title_is_at_most_255_characters'
when not ((user_id IS NOT NULL) OR (website_domain IS NOT NULL) OR (channel = ANY (ARRAY['voice'::text, 'phone'::text])))
  then 'session_without_person_names_its_site'
when not (website_domain ~ '^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:[0-9]{1,5})?$'::text)
  then 'website_domain_is_a_host_name'
end;
begin
  if broken is not null then
    raise check_violation using
      message = 'new row for relation "chat_sessions" violates check constraint "' || broken || '"',
      schema = 'public', table = 'chat_sessions', constraint = broken;
  end if;
  return true;
end
$body$;
grant execute on function private.keeps_rules_of_chat_sessions(text,uuid,text,jsonb,text,text,jsonb,int8multirange,integer,text,timestamp with time zone,timestamp with time zone) to authenticated, service_role;

-- Publications -----------------------------------------------------------------------------------

alter publication supabase_realtime add table public.agent_health (id, agent_id, status, last_check, latency_ms, consecutive_failures, circuit_state, circuit_opened_at, circuit_retry_at, circuit_opens, is_alerted, created_at, updated_at);
alter publication supabase_realtime add table public.agent_thoughts (id, agent_id, execution_id, node_id, node_type, content, metadata, parent_node_id, confidence_score, processing_time_ms, request_id, created_at);
alter publication supabase_realtime add table public.agents (id, name, description, type, status, enabled, vendor_id, service_id, model_name, system_prompt, temperature, max_tokens, config, capabilities, deployment_config, voice_provider, voice_id, voice_settings, speech_processing, security, knowledge_base_ids, notes, tags, activity_score, usage_count, last_used_at, is_favorite, is_public, is_published, is_platform, version, created_by, organization_id, created_at, updated_at, team_id, llm_provider, llm_model, config_json, is_active);
alter publication supabase_realtime add table public.chat_messages (id, session_id, interaction_id, seq, role, content, content_parts, name, tool_calls, tool_call_id, continuation, history_fingerprint, finish_reason, status, tokens_in, tokens_out, tokens_used, latency_ms, model_used, audio_url, audio_duration_ms, created_at);
alter publication supabase_realtime add table public.deployments (id, agent_id, version, status, trigger_type, trigger_config, snapshot, deployment_url, error_message, scheduled_at, called_at, webhook_endpoint_id, progress_percent, progress_message, deployed_at, stopped_at, created_at, updated_at);
alter publication supabase_realtime add table public.notifications (id, user_id, type, title, message, data, priority, read_at, expires_at, is_in_app, topic, occurrences, last_occurred_at, sent, created_at);
alter publication supabase_realtime add table public.workflow_executions (id, workflow_id, execution_id, status, input_data, output_data, error_data, execution_time_ms, started_at, completed_at, created_at, updated_at);

alter publication supabase_realtime_messages_publication add table realtime.messages (topic, extension, payload, event, private, updated_at, inserted_at, id);

-- Default privileges -----------------------------------------------------------------------------

alter default privileges for role postgres grant execute on functions to postgres;
