-- Seed 000: the key columns of the four tables that it builds on, and its five drafts of new ones.
begin;
select plan(3);

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
