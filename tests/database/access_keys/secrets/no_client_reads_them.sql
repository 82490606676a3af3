begin;
select plan(8);

update public.profiles set current_organization_id = tests.id('acme') where id = tests.id('carol');
insert into public.access_keys (id, organization_id, user_id, name, prefix, last_four) values
  ('a0000000-0000-4000-8000-000000000001', tests.id('acme'), tests.id('carol'), 'One', 'agb_1111', '1111'),
  ('a0000000-0000-4000-8000-000000000002', tests.id('acme'), tests.id('carol'), 'Two', 'agb_2222', '2222');
insert into private.access_key_secrets (token_hash, access_key_id) values
  (repeat('1', 64), 'a0000000-0000-4000-8000-000000000001'), (repeat('2', 64), 'a0000000-0000-4000-8000-000000000002');
create function pg_temp.begin(key text, request jsonb default '{}')
returns jsonb
language sql
as $$
  select public.begin_chat_turn(
    jsonb_build_object('access_key', repeat(key, 64)),
    jsonb_build_object('request_id', gen_random_uuid(), 'model', 'gpt-4o', 'messages', '[{"role": "user", "content": "hi"}]'::jsonb)
      || request
  )
$$;
select tests.act_as('carol');
select isnt_empty('select * from access_keys', 'the owner sees the key');
select is_empty(
  $$ select from access_keys keys where to_jsonb(keys)::text ~ '1{64}' $$, 'and nothing of its secret but the ends'
);
select tests.denied('select token_hash from private.access_key_secrets', 'the hash is in a schema that is closed');
select tests.denied($$ select private.use_access_key(repeat('1', 64), 'chat') $$, 'nor is a hash a key: no one uses it');
select tests.denied(
  $$ select begin_chat_turn(jsonb_build_object('access_key', repeat('1', 64)), '{}') $$, 'not even to chat'
);
select tests.denied(
  $$ select create_access_key(jsonb_build_object('user_id', tests.id('carol')), '{}') $$, 'and none is made with a hash of one''s own'
);
select tests.denied(
  $$ select rotate_access_key(jsonb_build_object('user_id', tests.id('carol')), '{}') $$, 'or given one'
);
select tests.reset();
select is_empty(
  $$ select tablename from pg_publication_tables where tablename like 'access_key%' $$, 'and no change of one is published'
);

select * from finish();
rollback;
