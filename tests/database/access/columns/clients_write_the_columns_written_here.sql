-- Which columns a signed-in person may write, table by table. A relation that is not here takes no
-- writes; a column that is not here is the database's own: ids, counters, scores, costs, ciphertexts,
-- times, and whom a row belongs to once it is made. Visitors write nothing.
begin;

create temporary table expected_columns (relation text, command text, columns text, primary key (relation, command));
insert into expected_columns values
  -- Tenancy
  ('profiles', 'insert', 'full_name avatar_url current_organization_id preferences updated_at'),
  ('profiles', 'update', 'full_name avatar_url current_organization_id preferences updated_at'),
  ('users', 'insert', 'full_name avatar_url updated_at'),
  ('users', 'update', 'full_name avatar_url updated_at'),
  ('organizations', 'insert', 'name slug settings metadata timezone created_by'),
  ('organizations', 'update', 'name slug settings metadata timezone'),
  ('teams', 'insert', 'name slug created_by'),
  ('teams', 'update', 'name slug'),
  ('organization_members', 'update', 'role permissions'),
  ('user_roles', 'update', 'role'),
  ('mcp_sessions', 'insert', 'session_id user_id mcp_state expires_at'),
  ('mcp_sessions', 'update', 'mcp_state expires_at'),
  ('notifications', 'insert', 'user_id type title message data priority expires_at'),
  ('notifications', 'update', 'read_at'),
  -- Agents
  ('agents', 'insert',
    'name description type status enabled vendor_id service_id model_name system_prompt temperature max_tokens config
     capabilities deployment_config voice_provider voice_id voice_settings speech_processing security knowledge_base_ids
     notes tags is_favorite is_public is_published created_by organization_id team_id llm_provider llm_model config_json
     is_active'),
  ('agents', 'update',
    'name description type status enabled vendor_id service_id model_name system_prompt temperature max_tokens config
     capabilities deployment_config voice_provider voice_id voice_settings speech_processing security knowledge_base_ids
     notes tags is_favorite is_public is_published llm_provider llm_model config_json is_active'),
  ('ai_agents', 'insert',
    'id name description vendor_id service_id model_name system_prompt configuration capabilities notes tags is_active
     is_favorite is_public user_id'),
  ('ai_agents', 'update',
    'name description vendor_id service_id model_name system_prompt configuration capabilities notes tags is_active
     is_favorite is_public'),
  ('bots', 'insert',
    'organization_id name description llm_provider llm_model system_prompt temperature max_tokens voice_provider voice_id
     voice_settings speech_processing security knowledge_base_ids config config_json is_active is_published
     created_by'),
  ('bots', 'update',
    'name description llm_provider llm_model system_prompt temperature max_tokens voice_provider voice_id voice_settings
     speech_processing security knowledge_base_ids config config_json is_active is_published'),
  ('models', 'insert', 'agent_id name display_name provider model_id service_id enabled is_default config'),
  ('models', 'update', 'name display_name provider model_id service_id enabled is_default config'),
  ('agent_feature_mappings', 'insert', 'agent_id feature_id is_primary user_id'),
  ('agent_feature_mappings', 'update', 'is_primary'),
  ('ai_agent_configs', 'insert', 'agent_id config_key config_value config_type description is_encrypted user_id'),
  ('ai_agent_configs', 'update', 'config_value config_type description'),
  ('agent_templates', 'insert', 'name description type default_config is_public created_by'),
  ('agent_templates', 'update', 'name description type default_config is_public'),
  -- Keys: the edge function writes them, for it encrypts them.
  ('user_api_keys', 'update', 'organization_id display_name is_active'),
  ('access_keys', 'update', 'name scopes agent_ids requests_per_minute expires_at'),
  -- Chat
  ('chat_sessions', 'insert',
    'session_id user_id org_id agent_id model_id title metadata website_domain ip_address channel context_data'),
  ('chat_sessions', 'update', 'title metadata context_data status ended_at'),
  ('agent_sessions', 'insert',
    'id session_id agent_id user_id website_domain ip_address channel message_count conversation_history context_data'),
  ('agent_sessions', 'update', 'message_count conversation_history context_data status ended_at'),
  ('chat_messages', 'insert',
    'session_id role content content_parts name tool_calls tool_call_id tokens_in tokens_out tokens_used latency_ms
     model_used audio_url audio_duration_ms'),
  ('agent_messages', 'insert', 'session_id role content audio_url audio_duration_ms tokens_used latency_ms model_used'),
  -- Ledger: what was used is said once, when the interaction is recorded; ratings and words stay open.
  ('ai_interactions', 'insert',
    'user_id agent_id title description interaction_type_id external_link external_id external_metadata content_preview
     full_content model_name input_tokens output_tokens total_cost tags keywords satisfaction_rating usefulness_rating
     feedback_notes started_at ended_at duration_minutes status'),
  ('ai_interactions', 'update',
    'title description interaction_type_id external_link external_id external_metadata content_preview full_content tags
     keywords satisfaction_rating usefulness_rating feedback_notes status'),
  ('agent_metrics', 'insert', 'agent_id metric_type value unit metadata recorded_at'),
  ('budgets', 'insert', 'organization_id user_id agent_id access_key_id period limit_usd is_active created_by'),
  ('budgets', 'update', 'limit_usd is_active'),
  ('notification_settings', 'insert',
    'user_id webhook_endpoint_id slack_endpoint_id quiet_from quiet_until timezone'),
  ('notification_settings', 'update', 'webhook_endpoint_id slack_endpoint_id quiet_from quiet_until timezone'),
  ('notification_preferences', 'insert', 'user_id type channel is_enabled'),
  ('notification_preferences', 'update', 'is_enabled'),
  -- Workflows
  ('widgets', 'insert',
    'agent_id name is_enabled greeting consent_text is_consent_required is_identity_required privacy_url locale texts accent_color color_scheme placement messages_per_minute address_messages_per_minute site_messages_per_minute messages_per_session idle_minutes created_by'),
  ('widgets', 'update',
    'name is_enabled greeting consent_text is_consent_required is_identity_required privacy_url locale texts accent_color color_scheme placement messages_per_minute address_messages_per_minute site_messages_per_minute messages_per_session idle_minutes'),
  ('webhook_endpoints', 'update', 'name is_active'),
  ('deployments', 'insert',
    'agent_id version status trigger_type trigger_config scheduled_at deployment_url error_message deployed_at stopped_at'),
  ('deployments', 'update', 'status trigger_type trigger_config deployment_url error_message deployed_at stopped_at'),
  ('workflows', 'insert', 'agent_id name description n8n_workflow_id trigger_config status next_execution webhook_endpoint_id timeout_seconds'),
  ('workflows', 'update', 'name description n8n_workflow_id trigger_config status next_execution webhook_endpoint_id timeout_seconds'),
  ('workflow_executions', 'insert',
    'workflow_id execution_id status input_data output_data error_data execution_time_ms started_at completed_at'),
  ('workflow_executions', 'update', 'status output_data error_data execution_time_ms completed_at'),
  ('agent_thoughts', 'insert',
    'agent_id execution_id node_id node_type content metadata parent_node_id confidence_score processing_time_ms request_id');

-- What is inserted may be named in an update, as an upsert does, and so may the key: a trigger refuses
-- another value.
create temporary table upserted (relation text primary key, key text not null);
insert into upserted values
  ('profiles', 'id'), ('users', 'id'), ('organizations', 'id'), ('teams', 'id'), ('notifications', 'id'), ('agents', 'id'),
  ('bots', 'id'), ('models', 'id'), ('agent_feature_mappings', 'id'), ('ai_agent_configs', 'id'),
  ('agent_templates', 'id'), ('chat_sessions', 'id'), ('ai_interactions', 'id'), ('budgets', 'id'),
  ('deployments', 'id'), ('widgets', 'id'), ('workflows', 'id'), ('workflow_executions', 'id'), ('mcp_sessions', 'session_id'),
  ('notification_settings', 'user_id'), ('notification_preferences', 'user_id');
create temporary view expected as
select relation, command, written.name
from expected_columns
cross join regexp_split_to_table(expected_columns.columns, '\s+') as written (name);
create temporary view fixed as
select relation, name from expected join upserted using (relation) where command = 'insert'
union
select relation, key from upserted
except
select relation, name from expected where command = 'update';

select plan(7);

create temporary view writable_columns as
select relations.relname::text collate "default" as relation, rights.command, columns.attname::text collate "default" as name, roles.role
from pg_class relations
join pg_attribute columns on columns.attrelid = relations.oid and columns.attnum > 0 and not columns.attisdropped
cross join unnest(array['insert', 'update']) as rights (command)
cross join unnest(array['anon', 'authenticated', 'service_role']) as roles (role)
where relations.relnamespace = 'public'::regnamespace
  and relations.relkind in ('r', 'p', 'v', 'f')
  and has_column_privilege(roles.role, relations.oid, columns.attnum, rights.command);

select set_eq(
  $$ select relation, command, name from writable_columns where role = 'authenticated' $$,
  $$
    select relation, command, name from expected
    union
    select relation, 'update', name from fixed
    union
    select relation, 'insert', key from upserted
  $$,
  'a signed-in person writes these columns and no other'
);
select set_eq(
  $$
    select tgrelid::regclass::text collate "default", arguments.match[1]
    from pg_trigger
    cross join regexp_matches(
      split_part(pg_get_triggerdef(oid), 'EXECUTE FUNCTION', 2), '''([a-z_]+)''', 'g'
    ) as arguments (match)
    where tgname = 'refuse_change'
  $$,
  $$ select relation, name from fixed where to_regclass(relation) in (select oid from pg_class where relkind <> 'v') $$,
  'what is named in an update only for an upsert does not change'
);
select is_empty(
  $$ select relation, command, name from writable_columns where role = 'anon' $$,
  'a visitor writes no column'
);
-- A right on the whole table would take in every column that is added to it later.
select is_empty(
  $$
    select relations.oid::regclass, rights.command
    from pg_class relations
    cross join unnest(array['insert', 'update']) as rights (command)
    where relations.relnamespace = 'public'::regnamespace
      and relations.relkind in ('r', 'p', 'v', 'f')
      and has_table_privilege('authenticated', relations.oid, rights.command)
  $$,
  'a signed-in person has rights on named columns, never on a table as a whole'
);

-- The catalogue is asked above; these prove that it answers what a statement meets.
select tests.act_as('alice');
insert into public.agents (name) values ('Alice''s');
select tests.denied(
  $$ update agents set activity_score = 1 where name = 'Alice''s' $$,
  'a statement that writes one of the database''s own columns is denied'
);
select tests.denied(
  $$ insert into agents (name, usage_count) values ('Popular', 1000) $$,
  'a new row that brings one along is denied as well'
);
select tests.changes(
  $$ update agents set notes = 'Mine' where name = 'Alice''s' $$, 1,
  'a statement that keeps to the columns above passes'
);

select * from finish();
rollback;
