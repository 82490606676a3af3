begin;
select plan(9);

create function pg_temp.blob(key_id text, letter text)
returns text
language sql
as $$
  select 'v1:' || key_id || ':' || repeat(letter, 16) || ':' || repeat(letter, 24)
$$;
grant execute on function pg_temp.blob(text, text) to service_role;

insert into public.user_api_keys (id, user_id, vendor_id, encrypted_key, key_preview, key_fingerprint) values
  ('40000000-0000-4000-8000-000000000001', tests.id('eve'), 'openai', pg_temp.blob('k1', 'A'), 'abcd', repeat('1', 64)),
  ('40000000-0000-4000-8000-000000000002', tests.id('eve'), 'openai', pg_temp.blob('k1', 'B'), 'abcd', repeat('2', 64)),
  ('40000000-0000-4000-8000-000000000003', tests.id('eve'), 'openai', pg_temp.blob('k2', 'C'), 'abcd', repeat('3', 64));
insert into public.mcp_sessions (session_id, user_id, oauth_provider, oauth_status, oauth_refreshable, oauth_data) values
  ('one', tests.id('eve'), 'google', 'connected', true, jsonb_build_object('ciphertext', pg_temp.blob('k1', 'D'))),
  ('none', tests.id('eve'), null, null, null, null);
insert into public.agents (id, name, created_by) values ('40000000-0000-4000-8000-000000000001', 'Eve''s', tests.id('eve'));
insert into public.ai_agent_configs (id, agent_id, config_key, config_value, is_encrypted, user_id) values
  ('40000000-0000-4000-8000-000000000001', '40000000-0000-4000-8000-000000000001', 'token', to_jsonb(pg_temp.blob('k1', 'E')), true, tests.id('eve')),
  ('40000000-0000-4000-8000-000000000002', '40000000-0000-4000-8000-000000000001', 'plain', to_jsonb(pg_temp.blob('k1', 'F')), false, tests.id('eve'));
select tests.act_as_service();

select results_eq(
  $$ select row_id, owner, scope, blob from public.list_values_to_rotate('k2', 'user_api_keys', 'encrypted_key', null, 10) $$,
  $$
    values
      ('40000000-0000-4000-8000-000000000001', tests.id('eve')::text, 'openai', pg_temp.blob('k1', 'A')),
      ('40000000-0000-4000-8000-000000000002', tests.id('eve')::text, 'openai', pg_temp.blob('k1', 'B'))
  $$,
  'what another key locks is listed with its place, in order'
);
select results_eq(
  $$ select row_id from public.list_values_to_rotate('k2', 'user_api_keys', 'encrypted_key', '40000000-0000-4000-8000-000000000001', 10) $$,
  $$ values ('40000000-0000-4000-8000-000000000002') $$,
  'and a batch continues where the last one ended'
);
select results_eq(
  $$
    select row_id, owner, scope, blob from public.list_values_to_rotate('k2', 'mcp_sessions', 'oauth_data', null, 10)
    union all
    select row_id, owner, scope, blob from public.list_values_to_rotate('k2', 'ai_agent_configs', 'config_value', null, 10)
  $$,
  $$
    values
      ('one', tests.id('eve')::text, 'google', pg_temp.blob('k1', 'D')),
      ('40000000-0000-4000-8000-000000000001', tests.id('eve')::text, 'token', pg_temp.blob('k1', 'E'))
  $$,
  'in every registered column, and nothing that only looks like it'
);

-- In the meantime the first key is replaced.
update public.user_api_keys set encrypted_key = pg_temp.blob('k1', 'X'), key_fingerprint = repeat('9', 64)
where id = '40000000-0000-4000-8000-000000000001';
select is(
  public.swap_rotated_values('user_api_keys', 'encrypted_key', jsonb_build_array(
    jsonb_build_object('row_id', '40000000-0000-4000-8000-000000000001', 'old', pg_temp.blob('k1', 'A'), 'blob', pg_temp.blob('k2', 'A'), 'fingerprint', repeat('a', 64)),
    jsonb_build_object('row_id', '40000000-0000-4000-8000-000000000002', 'old', pg_temp.blob('k1', 'B'), 'blob', pg_temp.blob('k2', 'B'), 'fingerprint', repeat('b', 64)),
    jsonb_build_object('row_id', '40000000-0000-4000-8000-000000000009', 'old', pg_temp.blob('k1', 'G'), 'blob', pg_temp.blob('k2', 'G'), 'fingerprint', repeat('c', 64))
  )),
  1, 'a value that changed since stays, and one that is gone stays gone'
);
select results_eq(
  'select encrypted_key, key_fingerprint, key_preview from public.user_api_keys order by id',
  $$
    values
      (pg_temp.blob('k1', 'X'), repeat('9', 64), 'abcd'),
      (pg_temp.blob('k2', 'B'), repeat('b', 64), 'abcd'),
      (pg_temp.blob('k2', 'C'), repeat('3', 64), 'abcd')
  $$,
  'the blob and its fingerprint were swapped, and nothing else'
);
select results_eq(
  $$
    select public.swap_rotated_values('mcp_sessions', 'oauth_data', jsonb_build_array(jsonb_build_object(
      'row_id', 'one', 'old', pg_temp.blob('k1', 'D'), 'blob', pg_temp.blob('k2', 'D'), 'fingerprint', repeat('d', 64)
    )))
    union all
    select public.swap_rotated_values('ai_agent_configs', 'config_value', jsonb_build_array(jsonb_build_object(
      'row_id', '40000000-0000-4000-8000-000000000001', 'old', pg_temp.blob('k1', 'E'), 'blob', pg_temp.blob('k2', 'E'), 'fingerprint', repeat('e', 64)
    )))
  $$,
  'values (1), (1)', 'columns of every form are swapped'
);
select results_eq(
  $$
    select session_id, oauth_data ->> 'ciphertext' from public.mcp_sessions where oauth_data is not null
    union all
    select id::text, config_value #>> '{}' from public.ai_agent_configs where is_encrypted
  $$,
  $$ values ('one', pg_temp.blob('k2', 'D')), ('40000000-0000-4000-8000-000000000001', pg_temp.blob('k2', 'E')) $$,
  'each in its own form'
);
select tests.refused(
  $$ select public.swap_rotated_values('profiles', 'email', '[]') $$, 404, 'column_not_found',
  'no other column is written this way'
);
select results_eq(
  $$
    select event, count(*) from public.api_key_events
    where key_id::text like '40000000-0000-4000-8000-00000000000_' group by event order by event
  $$,
  $$ values ('created', 3::bigint), ('replaced', 1) $$,
  'a rotation is no change to a key, a replacement is'
);

select * from finish();
rollback;
