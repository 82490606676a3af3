-- Encryption at rest: where ciphertext lies, and how its keys are changed. The
-- edge functions encrypt and decrypt; Postgres keeps blobs and never sees a key.

create table private.encrypted_columns (
  table_name text not null,
  column_name text not null,
  row_id text not null,
  owner text not null,
  scope text not null,
  blob text not null,
  value text not null,
  created_at timestamptz not null default now(),
  primary key (table_name, column_name)
);
comment on table private.encrypted_columns is 'Every column of the schema public that holds ciphertext, and how a rotation reads and writes it. A column that is missing here fails the tests.';
comment on column private.encrypted_columns.table_name is 'The table; part of what its ciphertexts are bound to.';
comment on column private.encrypted_columns.column_name is 'The column.';
comment on column private.encrypted_columns.row_id is 'Column of the primary key, whose value a ciphertext is bound to.';
comment on column private.encrypted_columns.owner is 'SQL for whose value a row holds; a ciphertext is bound to it.';
comment on column private.encrypted_columns.scope is 'SQL for what the value is for; a ciphertext is bound to it.';
comment on column private.encrypted_columns.blob is 'SQL for the blob of a row; null where it holds none.';
comment on column private.encrypted_columns.value is 'SQL for the column''s value when its blob becomes $1.';
comment on column private.encrypted_columns.created_at is 'When it was listed.';
grant select on private.encrypted_columns to service_role;

insert into private.encrypted_columns (table_name, column_name, row_id, owner, scope, blob, value) values
  ('user_api_keys', 'encrypted_key', 'id', 'user_id', 'vendor_id', 'encrypted_key', '$1'),
  ('mcp_sessions', 'oauth_data', 'session_id', 'user_id', 'oauth_provider', 'oauth_data ->> ''ciphertext''', 'jsonb_build_object(''ciphertext'', $1)'),
  ('ai_agent_configs', 'config_value', 'id', 'user_id', 'config_key', 'case when is_encrypted then config_value #>> ''{}'' end', 'to_jsonb($1)');
