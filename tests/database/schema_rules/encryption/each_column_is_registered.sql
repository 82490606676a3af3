begin;
select plan(3);

create temporary view encrypted as
select checks.conrelid::regclass::text as table_name, columns.attname::text as column_name
from pg_constraint checks
join pg_attribute columns on columns.attrelid = checks.conrelid
  and columns.attnum = any (checks.conkey)
  -- What says whether there is a ciphertext holds none itself.
  and columns.atttypid <> 'boolean'::regtype
where checks.contype = 'c'
  and checks.connamespace = 'public'::regnamespace
  and pg_get_constraintdef(checks.oid) like '%private.is_ciphertext(%';

select set_eq(
  'select table_name, column_name from encrypted',
  'select table_name, column_name from private.encrypted_columns',
  'every column that a constraint keeps to ciphertext is registered for rotation, and no other'
);

create table public.planted (id integer primary key, secret jsonb, note text check (note <> ''));
alter table public.planted add constraint secret_is_ciphertext check (private.is_ciphertext(secret ->> 'blob'));
select set_eq(
  $$ select table_name, column_name from encrypted except select table_name, column_name from private.encrypted_columns $$,
  $$ values ('planted', 'secret') $$,
  'a column that is not is reported'
);

insert into public.user_api_keys (user_id, vendor_id, encrypted_key, key_preview) values
  (tests.id('eve'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'abcd');
insert into public.mcp_sessions (user_id, oauth_provider, oauth_status, oauth_refreshable, oauth_data) values
  (tests.id('eve'), 'google', 'connected', true, '{"ciphertext": "v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA"}'),
  (tests.id('eve'), null, null, null, null);
insert into public.agents (id, name, created_by) values ('40000000-0000-4000-8000-000000000001', 'Eve''s', tests.id('eve'));
insert into public.ai_agent_configs (agent_id, config_key, config_value, is_encrypted, user_id) values
  ('40000000-0000-4000-8000-000000000001', 'token', '"v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA"', true, tests.id('eve')),
  ('40000000-0000-4000-8000-000000000001', 'plain', '"v1:k9:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA"', false, tests.id('eve'));
select results_eq(
  $$ select table_name, column_name, key_id, amount from public.count_encrypted_values() $$,
  $$
    values ('ai_agent_configs', 'config_value', 'k1', 1::bigint),
      ('mcp_sessions', 'oauth_data', 'k1', 1),
      ('user_api_keys', 'encrypted_key', 'k1', 1)
  $$,
  'the ciphertexts of each are counted, and nothing that is none'
);

select * from finish();
rollback;
