-- Audited tables: the registry of the tables and columns whose changes are recorded. Counters,
-- spend, last use and progress are not listed, so a turn writes no event.

create table private.audited_tables (
  table_name text primary key,
  owner text not null,
  recorded text[] not null,
  size_only text[] not null default '{}',
  aliases text[] not null default '{}',
  only_changes boolean not null default false,
  created_at timestamptz not null default now(),
  constraint audited_owner_is_known check (
    owner in (
      'platform', 'organization', 'organization_id', 'agent', 'agent_id', 'user_id', 'created_by',
      'endpoint_id', 'widget_id'
    )
  )
);
comment on table private.audited_tables is
  'The tables of the schema public whose changes are written to audit_events, and the columns that '
  'count as a change. A column that is not listed is never recorded.';
comment on column private.audited_tables.table_name is 'The table in public that is audited.';
comment on column private.audited_tables.owner is
  'How the organization of a row is found: platform (none), organization (its id), agent (its '
  'organization_id, else the personal one of created_by), or the column that references it.';
comment on column private.audited_tables.recorded is 'Columns whose values are recorded.';
comment on column private.audited_tables.size_only is
  'Columns that hold or may hold secrets: of these, only the size is recorded.';
comment on column private.audited_tables.aliases is
  'Columns that a trigger copies into those above; writing one can change another.';
comment on column private.audited_tables.only_changes is
  'Whether creating and deleting a row is not recorded: sign-ups are not.';
comment on column private.audited_tables.created_at is 'When the audit of the table began.';
grant select on private.audited_tables to service_role;

insert into private.audited_tables (table_name, owner, recorded, size_only) values
  ('organizations', 'organization',
    '{name, slug, plan, timezone, is_personal, deleted_at}', '{settings, metadata}'),
  ('organization_members', 'organization_id', '{user_id, role}', '{permissions}'),
  ('organization_invitations', 'organization_id', '{role, expires_at, accepted_by}', '{}'),
  ('access_keys', 'organization_id',
    '{user_id, name, scopes, agent_ids, requests_per_minute, expires_at, rotated_at, revoked_at}',
    '{}'),
  ('user_api_keys', 'user_id',
    '{user_id, organization_id, vendor_id, service_id, display_name, is_active}',
    '{settings, encrypted_key}'),
  ('budgets', 'organization_id',
    '{user_id, agent_id, access_key_id, period, limit_usd, is_active}', '{}'),
  ('agents', 'agent',
    '{name, description, type, status, enabled, vendor_id, service_id, model_name, system_prompt, '
    'temperature, max_tokens, voice_provider, voice_id, tags, is_public, is_published, '
    'is_platform, version, organization_id, knowledge_base_ids, security}',
    '{config, capabilities, deployment_config, voice_settings, speech_processing, notes}'),
  ('models', 'agent_id',
    '{agent_id, name, display_name, provider, model_id, service_id, enabled, is_default}',
    '{config}'),
  ('agent_feature_mappings', 'agent_id', '{agent_id, feature_id, is_primary}', '{}'),
  ('ai_agent_configs', 'agent_id',
    '{agent_id, config_key, config_type, is_encrypted, user_id}', '{config_value}'),
  ('agent_templates', 'created_by', '{name, type, is_public}', '{default_config}'),
  ('deployments', 'agent_id',
    '{agent_id, version, status, trigger_type, scheduled_at, deployment_url, webhook_endpoint_id}',
    '{}'),
  ('workflows', 'agent_id',
    '{agent_id, name, n8n_workflow_id, status, webhook_endpoint_id, timeout_seconds}',
    '{trigger_config}'),
  ('webhook_endpoints', 'organization_id', '{name, kind, is_active, disabled_reason}',
    '{encrypted_url}'),
  ('webhook_secrets', 'endpoint_id', '{endpoint_id, expires_at}', '{encrypted_secret}'),
  ('widgets', 'agent_id',
    '{agent_id, name, is_enabled, is_consent_required, is_identity_required, privacy_url, '
    'messages_per_minute, address_messages_per_minute, site_messages_per_minute, '
    'messages_per_session, idle_minutes, previous_key_until}', '{key}'),
  ('widget_secrets', 'widget_id', '{widget_id, expires_at}', '{encrypted_secret}'),
  ('plans', 'platform',
    '{name, requests_per_minute, user_requests_per_minute, conversation_days, interaction_days, '
    'measurement_days, audit_days, platform_credential, platform_credential_usd}', '{}'),
  ('vendors', 'platform',
    '{name, auth_type, base_url, auth_header, auth_scheme, api_format, probe_path, usage_path, '
    'extra_fields, key_pattern, is_active}', '{}'),
  ('vendor_services', 'platform',
    '{vendor_id, service_name, display_name, service_kind, context_window, max_output_tokens, '
    'retired_on, replaced_by, is_active}', '{}'),
  ('service_aliases', 'platform', '{vendor_id, alias, service_id}', '{}'),
  ('service_prices', 'platform',
    '{service_id, valid_during, min_input_tokens, input_rate, cached_input_rate, '
    'cache_write_rate, cache_write_1h_rate, output_rate, reasoning_rate, request_rate, '
    'unit_rates, unit_increment, unit_minimum, service_tier, multiplier, source}', '{}'),
  ('oauth_providers', 'platform',
    '{name, token_endpoint, client_authentication, resource, scope, default_lifetime, refusals, '
    'revocation_endpoint, revocation_style, account_fields}', '{}');
insert into private.audited_tables (table_name, owner, recorded, only_changes) values
  ('profiles', 'platform', '{status, subscription_tier}', true);
update private.audited_tables
set aliases = '{team_id, llm_provider, llm_model, config_json, is_active}'
where audited_tables.table_name = 'agents';
