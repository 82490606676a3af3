begin;
select plan(4);

update public.profiles set current_organization_id = tests.id('acme') where id = tests.id('carol');
insert into public.agents (id, name, created_by, organization_id, vendor_id, model_name) values
  ('20000000-0000-4000-8000-000000000001', 'offers it', null, tests.id('acme'), 'openai', 'x'),
  ('20000000-0000-4000-8000-000000000002', 'openai', tests.id('carol'), null, 'openai', 'x'),
  ('20000000-0000-4000-8000-000000000003', 'openai/gpt-4o', tests.id('carol'), null, 'openai', 'x');
insert into public.models (agent_id, name, model_id) values
  ('20000000-0000-4000-8000-000000000001', 'openai/gpt-4o', 'x'), ('20000000-0000-4000-8000-000000000002', 'gpt-4o', 'x');
insert into public.user_api_keys (user_id, vendor_id, encrypted_key, key_preview)
values (tests.id('carol'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'abcd');
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
create function pg_temp.chosen(model text)
returns text
language sql
as $$ select coalesce(pg_temp.begin('carol', jsonb_build_object('model', model)) #>> '{agent,name}', 'no agent') $$;

select is(pg_temp.chosen('openai/gpt-4o'), 'offers it', 'a model of that name, although another agent is nearer');
update public.models set enabled = false where agent_id = '20000000-0000-4000-8000-000000000001';
select is(pg_temp.chosen('openai/gpt-4o'), 'openai', 'then agent and model');
update public.models set enabled = false where agent_id = '20000000-0000-4000-8000-000000000002';
select is(pg_temp.chosen('openai/gpt-4o'), 'no agent', 'then vendor and service');
update public.vendor_services set is_active = false where id = 'openai_gpt4o';
select is(pg_temp.chosen('openai/gpt-4o'), 'openai/gpt-4o', 'then an agent of that name');

select * from finish();
rollback;
