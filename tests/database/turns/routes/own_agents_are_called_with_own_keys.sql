begin;
select plan(5);

update public.profiles set current_organization_id = tests.id('acme') where id = tests.id('carol');
insert into public.agents (name, created_by, organization_id, vendor_id, service_id) values
  ('eve''s', tests.id('eve'), null, 'openai', 'openai_gpt4o'),
  ('acme''s', tests.id('alice'), tests.id('acme'), 'openai', 'openai_gpt4o');
insert into public.user_api_keys (id, user_id, organization_id, vendor_id, service_id, encrypted_key, key_preview) values
  ('40000000-0000-4000-8000-000000000001', tests.id('eve'), null, 'openai', null, 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', ''),
  ('40000000-0000-4000-8000-000000000002', tests.id('eve'), null, 'openai', 'openai_gpt4o', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', ''),
  ('40000000-0000-4000-8000-000000000003', tests.id('alice'), tests.id('acme'), 'openai', null, 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', '');
create function pg_temp.begin(person text, request jsonb)
returns jsonb
language sql
as $$
  select public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id(person)),
    jsonb_build_object('request_id', gen_random_uuid(), 'messages', '[{"role": "user", "content": "hi"}]'::jsonb)
      || request
  )
$$;
select is(
  pg_temp.begin('eve', '{"model": "eve''s"}') #> '{routes,0,keys}',
  jsonb_build_array(
    jsonb_build_object(
      'id', '40000000-0000-4000-8000-000000000002', 'user_id', tests.id('eve'), 'vendor_id', 'openai', 'encrypted_key', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA',
      'settings', '{}'::jsonb
    ),
    jsonb_build_object(
      'id', '40000000-0000-4000-8000-000000000001', 'user_id', tests.id('eve'), 'vendor_id', 'openai', 'encrypted_key', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA',
      'settings', '{}'::jsonb
    )
  ),
  'the caller''s, best first, each with what its ciphertext is bound to'
);
select is(
  pg_temp.begin('carol', '{"model": "acme''s"}') #>> '{routes,0,keys,0,id}', '40000000-0000-4000-8000-000000000003',
  'or the one that the organization was given'
);
select is(pg_temp.begin('carol', '{"model": "acme''s"}') #>> '{routes,0,credential}', 'shared', 'which is neither the caller''s own nor the platform''s');

update public.user_api_keys set is_active = false;
select tests.refused(
  $$ select pg_temp.begin('eve', '{"model": "eve''s"}') $$, 400, 'no_vendor_key', 'without a key there is no call'
);
select is_empty('select id from public.chat_sessions where user_id = tests.id(''eve'') and message_count = 0', 'and no trace');

select * from finish();
rollback;
