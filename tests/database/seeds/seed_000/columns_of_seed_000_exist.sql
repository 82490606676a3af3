-- Seed 000: the key columns of the four tables that it builds on, and its five drafts of new ones.
begin;
select plan(2);

create temporary table drafted (relation text, name text, type text);
insert into drafted values
  ('profiles', 'id', 'uuid'),
  ('profiles', 'email', 'text'),
  ('profiles', 'full_name', 'text'),
  ('profiles', 'workos_id', 'text'),
  ('profiles', 'current_organization_id', 'uuid'),
  ('profiles', 'last_login_at', 'timestamp'),
  ('profiles', 'preferences', 'jsonb'),
  -- An enum there; a text with a rule here.
  ('profiles', 'status', 'text'),
  ('organization_members', 'user_id', 'uuid'),
  ('organization_members', 'organization_id', 'uuid'),
  ('organization_members', 'role', 'text'),
  ('organization_members', 'permissions', 'jsonb'),
  ('organization_members', 'last_active_at', 'timestamptz'),
  ('mcp_sessions', 'user_id', 'uuid'),
  ('mcp_sessions', 'session_id', 'text'),
  ('mcp_sessions', 'mcp_state', 'jsonb'),
  ('mcp_sessions', 'oauth_data', 'jsonb'),
  ('mcp_sessions', 'created_at', 'timestamptz'),
  ('mcp_sessions', 'expires_at', 'timestamptz'),
  ('mcp_sessions', 'updated_at', 'timestamptz'),
  ('organizations', 'id', 'uuid'),
  ('organizations', 'name', 'text'),
  ('organizations', 'slug', 'text'),
  ('organizations', 'settings', 'jsonb'),
  ('organizations', 'metadata', 'jsonb'),
  -- "Timestamps, soft deletes, audit fields".
  ('organizations', 'created_at', 'timestamptz'),
  ('organizations', 'updated_at', 'timestamptz'),
  ('organizations', 'deleted_at', 'timestamptz'),
  ('organizations', 'created_by', 'uuid'),
  ('agents', 'id', 'uuid'),
  ('agents', 'name', 'varchar'),
  ('agents', 'type', 'varchar'),
  ('agents', 'enabled', 'boolean'),
  ('agents', 'config', 'jsonb'),
  ('agents', 'created_at', 'timestamptz'),
  ('agents', 'updated_at', 'timestamptz'),
  ('models', 'id', 'uuid'),
  ('models', 'agent_id', 'uuid'),
  ('models', 'name', 'varchar'),
  ('models', 'display_name', 'varchar'),
  ('models', 'provider', 'varchar'),
  ('models', 'model_id', 'varchar'),
  ('models', 'enabled', 'boolean'),
  ('models', 'config', 'jsonb'),
  ('models', 'created_at', 'timestamptz'),
  ('chat_sessions', 'id', 'uuid'),
  ('chat_sessions', 'user_id', 'uuid'),
  ('chat_sessions', 'org_id', 'uuid'),
  ('chat_sessions', 'model_id', 'uuid'),
  ('chat_sessions', 'agent_id', 'uuid'),
  ('chat_sessions', 'title', 'varchar'),
  ('chat_sessions', 'metadata', 'jsonb'),
  ('chat_sessions', 'created_at', 'timestamptz'),
  ('chat_sessions', 'updated_at', 'timestamptz'),
  ('chat_messages', 'id', 'uuid'),
  ('chat_messages', 'session_id', 'uuid'),
  ('chat_messages', 'role', 'varchar'),
  ('chat_messages', 'content', 'text'),
  ('chat_messages', 'tokens_in', 'integer'),
  ('chat_messages', 'tokens_out', 'integer'),
  ('chat_messages', 'created_at', 'timestamptz'),
  ('agent_health', 'id', 'uuid'),
  ('agent_health', 'agent_id', 'uuid'),
  ('agent_health', 'status', 'varchar'),
  ('agent_health', 'last_check', 'timestamptz'),
  ('agent_health', 'updated_at', 'timestamptz');

select isnt_empty('select from drafted', 'columns were drafted');
select is_empty(
  $$ select tests.missing_columns('drafted') $$, 'each of them is there, with a type that takes its values'
);

select * from finish();
rollback;
