begin;
select plan(2);

-- A stranger's public agent that is called by the id of another one must not be given its messages.
insert into public.organizations (id, name, slug, created_by)
values ('60000000-0000-4000-8000-000000000001', 'Eve''s', 'eves', tests.id('eve'));
insert into public.agents (name, organization_id, created_by, is_public, vendor_id, model_name, created_at)
select agents.id::text, '60000000-0000-4000-8000-000000000001', tests.id('eve'), true, 'openai', 'm', '2020-01-01'
from public.agents where agents.name = 'droid';
insert into public.agents (id, name, organization_id, vendor_id, model_name) values
  ('20000000-0000-4000-8000-000000000001', 'ours', tests.id('acme'), 'openai', 'm');
insert into public.agents (name, organization_id, created_by, is_public, vendor_id, model_name, created_at) values (
  '20000000-0000-4000-8000-000000000001', '60000000-0000-4000-8000-000000000001', tests.id('eve'), true, 'openai', 'm',
  '2020-01-01'
);
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
  pg_temp.begin('carol', jsonb_build_object('model', agents.id)) #>> '{agent,id}', agents.id::text,
  agents.name || ' is reached by its id'
)
from public.agents where agents.name in ('droid', 'ours');

select * from finish();
rollback;
