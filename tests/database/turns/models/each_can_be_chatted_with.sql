begin;
select plan(16);

update public.profiles set current_organization_id = tests.id('acme') where id = tests.id('carol');
insert into public.agents (name, created_by, organization_id, vendor_id, model_name) values
  ('mine', tests.id('carol'), null, 'openai', 'gpt-x'), ('ours', null, tests.id('acme'), 'openai', 'gpt-x');
insert into public.user_api_keys (user_id, vendor_id, encrypted_key, key_preview)
values (tests.id('carol'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', '');
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
  pg_temp.begin('carol', jsonb_build_object('model', model.value ->> 'id')) #>> '{agent,id}', model.value ->> 'agent_id',
  model.value ->> 'id'
)
from jsonb_array_elements(public.list_chat_models(jsonb_build_object('user_id', tests.id('carol')))::jsonb -> 'models') as model;

select * from finish();
rollback;
