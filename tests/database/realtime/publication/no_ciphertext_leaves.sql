begin;
select plan(2);

create temporary view published as
select tables.tablename, columns.column_name
from pg_publication_tables tables
join information_schema.columns columns
  on columns.table_schema = tables.schemaname and columns.table_name = tables.tablename
where tables.pubname = 'supabase_realtime';

select is_empty(
  $$
    select * from published
    where column_name ~ '(encrypted|ciphertext|oauth|token_hash|secret|password)' or tablename in (
      'user_api_keys', 'ai_agent_configs', 'mcp_sessions', 'organization_invitations'
    )
  $$,
  'no table with a ciphertext or a hash is published'
);
select isnt_empty($$ select * from published where tablename = 'chat_messages' $$, 'of those that are looked at');

select * from finish();
rollback;
