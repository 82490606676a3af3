begin;
select plan(5);

insert into public.agents (name, created_by, vendor_id, model_name, system_prompt) values
  ('with', tests.id('eve'), 'openai', 'm', 'I am the agent.'), ('without', tests.id('eve'), 'openai', 'm', null);
insert into public.user_api_keys (user_id, vendor_id, encrypted_key, key_preview)
values (tests.id('eve'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', '');
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
  pg_temp.begin('eve', '{"model": "without"}') -> 'messages', '[{"role": "user", "content": "hi"}]'::jsonb,
  'where there is none, none'
);
update public.organizations set settings = '{"system_prompt": "I am the organization."}'
where created_by = tests.id('eve') and is_personal;
select is(
  pg_temp.begin('eve', '{"model": "without"}') -> 'messages',
  '[{"role": "system", "content": "I am the organization."}, {"role": "user", "content": "hi"}]'::jsonb,
  'the organization''s where the agent has none'
);
select is(
  pg_temp.begin('eve', '{"model": "with"}') -> 'messages',
  '[{"role": "system", "content": "I am the agent."}, {"role": "user", "content": "hi"}]'::jsonb, 'the agent''s before it'
);
select is(
  pg_temp.begin('eve', '{"model": "with", "messages": [{"role": "system", "content": "I am the caller."}]}') -> 'messages',
  '[{"role": "system", "content": "I am the agent."}, {"role": "system", "content": "I am the caller."}]'::jsonb,
  'and before the caller''s own'
);
select is_empty(
  $$ select id from public.chat_messages where content like 'I am the agent%' or content like 'I am the organ%' $$,
  'neither is stored with the conversation, which clients read'
);

select * from finish();
rollback;
