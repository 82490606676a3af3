-- Seed 002: every field of the twelve tables that it describes, ai_agents through its view.
begin;
select plan(3);

create temporary table drafted (relation text, name text, type text);
insert into drafted values
  ('vendors', 'id', 'text'),
  ('vendors', 'name', 'text'),
  ('vendors', 'description', 'text'),
  ('vendors', 'auth_type', 'text'),
  ('vendors', 'base_url', 'text'),
  ('vendors', 'is_active', 'boolean'),
  ('vendor_services', 'id', 'text'),
  ('vendor_services', 'vendor_id', 'text'),
  ('vendor_services', 'service_name', 'text'),
  ('vendor_services', 'display_name', 'text'),
  ('vendor_services', 'description', 'text'),
  ('vendor_services', 'is_active', 'boolean'),
  ('user_api_keys', 'id', 'uuid'),
  ('user_api_keys', 'user_id', 'uuid'),
  ('user_api_keys', 'vendor_id', 'text'),
  ('user_api_keys', 'service_id', 'text'),
  ('user_api_keys', 'encrypted_key', 'text'),
  ('user_api_keys', 'key_preview', 'text'),
  ('user_api_keys', 'display_name', 'text'),
  ('user_api_keys', 'is_active', 'boolean'),
  ('user_api_keys', 'last_used_at', 'timestamptz'),
  ('agent_features', 'id', 'text'),
  ('agent_features', 'name', 'text'),
  ('agent_features', 'description', 'text'),
  ('agent_features', 'category', 'text'),
  ('agent_features', 'icon', 'text'),
  ('agent_features', 'is_active', 'boolean'),
  ('agent_features', 'sort_order', 'integer'),
  ('interaction_types', 'id', 'text'),
  ('interaction_types', 'name', 'text'),
  ('interaction_types', 'description', 'text'),
  ('interaction_types', 'category', 'text'),
  ('interaction_types', 'icon', 'text'),
  ('interaction_types', 'color', 'text'),
  ('interaction_types', 'is_active', 'boolean'),
  ('interaction_types', 'sort_order', 'integer'),
  ('ai_agents', 'id', 'uuid'),
  ('ai_agents', 'name', 'text'),
  ('ai_agents', 'description', 'text'),
  ('ai_agents', 'vendor_id', 'text'),
  ('ai_agents', 'service_id', 'text'),
  ('ai_agents', 'model_name', 'text'),
  ('ai_agents', 'system_prompt', 'text'),
  ('ai_agents', 'configuration', 'jsonb'),
  ('ai_agents', 'capabilities', 'jsonb'),
  ('ai_agents', 'notes', 'text'),
  ('ai_agents', 'tags', 'text[]'),
  ('ai_agents', 'activity_score', 'real'),
  ('ai_agents', 'last_used_at', 'timestamptz'),
  ('ai_agents', 'usage_count', 'integer'),
  ('ai_agents', 'is_active', 'boolean'),
  ('ai_agents', 'is_favorite', 'boolean'),
  ('ai_agents', 'is_public', 'boolean'),
  ('ai_agents', 'user_id', 'uuid'),
  ('agent_feature_mappings', 'id', 'uuid'),
  ('agent_feature_mappings', 'agent_id', 'uuid'),
  ('agent_feature_mappings', 'feature_id', 'text'),
  ('agent_feature_mappings', 'is_primary', 'boolean'),
  ('agent_feature_mappings', 'user_id', 'uuid'),
  ('ai_interactions', 'id', 'uuid'),
  ('ai_interactions', 'agent_id', 'uuid'),
  ('ai_interactions', 'title', 'text'),
  ('ai_interactions', 'description', 'text'),
  ('ai_interactions', 'interaction_type_id', 'text'),
  ('ai_interactions', 'external_link', 'text'),
  ('ai_interactions', 'external_id', 'text'),
  ('ai_interactions', 'external_metadata', 'jsonb'),
  ('ai_interactions', 'content_preview', 'text'),
  ('ai_interactions', 'full_content', 'text'),
  ('ai_interactions', 'input_tokens', 'integer'),
  ('ai_interactions', 'output_tokens', 'integer'),
  ('ai_interactions', 'total_cost', 'decimal'),
  ('ai_interactions', 'tags', 'text[]'),
  ('ai_interactions', 'keywords', 'text[]'),
  ('ai_interactions', 'satisfaction_rating', 'integer'),
  ('ai_interactions', 'usefulness_rating', 'integer'),
  ('ai_interactions', 'feedback_notes', 'text'),
  ('ai_interactions', 'started_at', 'timestamptz'),
  ('ai_interactions', 'ended_at', 'timestamptz'),
  ('ai_interactions', 'duration_minutes', 'integer'),
  ('ai_interactions', 'status', 'text'),
  ('ai_interactions', 'user_id', 'uuid'),
  ('ai_usage_stats', 'id', 'uuid'),
  ('ai_usage_stats', 'user_id', 'uuid'),
  ('ai_usage_stats', 'date', 'date'),
  ('ai_usage_stats', 'total_interactions', 'integer'),
  ('ai_usage_stats', 'unique_agents_used', 'integer'),
  ('ai_usage_stats', 'total_duration_minutes', 'integer'),
  ('ai_usage_stats', 'feature_usage', 'jsonb'),
  ('ai_usage_stats', 'vendor_usage', 'jsonb'),
  ('ai_usage_stats', 'total_cost', 'decimal'),
  ('ai_usage_stats', 'total_input_tokens', 'integer'),
  ('ai_usage_stats', 'total_output_tokens', 'integer'),
  ('ai_usage_stats', 'avg_satisfaction', 'real'),
  ('ai_usage_stats', 'avg_usefulness', 'real'),
  ('ai_agent_configs', 'id', 'uuid'),
  ('ai_agent_configs', 'agent_id', 'uuid'),
  ('ai_agent_configs', 'config_key', 'text'),
  ('ai_agent_configs', 'config_value', 'jsonb'),
  ('ai_agent_configs', 'config_type', 'text'),
  ('ai_agent_configs', 'description', 'text'),
  ('ai_agent_configs', 'is_encrypted', 'boolean'),
  ('ai_agent_configs', 'user_id', 'uuid');

-- A type that takes at least what was drafted: text without a limit for varchar, numeric for float and
-- for every decimal, bigint for integer, and times always with their zone.
create temporary view missing as
select format('%s.%s %s', drafted.relation, drafted.name, drafted.type) as what
from drafted
where not exists (
  select from pg_attribute columns
  where columns.attrelid = to_regclass('public.' || drafted.relation)
    and columns.attname = drafted.name
    and not columns.attisdropped
    and columns.atttypid::regtype::text = any (case
      when drafted.type in ('text', 'varchar') then array['text']
      when drafted.type = 'integer' then array['integer', 'bigint']
      when drafted.type in ('decimal', 'float') then array['numeric']
      when drafted.type in ('timestamp', 'timestamptz') then array['timestamp with time zone']
      else array[drafted.type]
    end)
);

select isnt_empty('select from drafted', 'columns were drafted');
select is_empty('select what from missing', 'each of them is there, with a type that takes its values');

insert into drafted values ('agents', 'name', 'uuid'), ('agents', 'colour', 'text'), ('agentz', 'name', 'text');
select set_eq(
  'select what from missing', $$ values ('agents.name uuid'), ('agents.colour text'), ('agentz.name text') $$,
  'a column that is missing or of another type is reported'
);

select * from finish();
rollback;
