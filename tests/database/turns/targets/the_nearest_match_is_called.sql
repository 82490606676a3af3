begin;
select plan(9);

update public.profiles set current_organization_id = tests.id('acme') where id = tests.id('carol');
insert into public.agents (id, name, created_by, organization_id, vendor_id, created_at) values
  ('20000000-0000-4000-8000-000000000001', 'acme''s', null, tests.id('acme'), 'openai', '2026-01-03'),
  ('20000000-0000-4000-8000-000000000002', 'acme''s by carol', tests.id('carol'), tests.id('acme'), 'openai', '2026-01-04'),
  ('20000000-0000-4000-8000-000000000003', 'carol''s', tests.id('carol'), null, 'openai', '2026-01-05'),
  ('20000000-0000-4000-8000-000000000004', 'carol''s older', tests.id('carol'), null, 'openai', '2026-01-02'),
  ('20000000-0000-4000-8000-000000000005', 'gpt-4o', tests.id('carol'), null, 'openai', '2026-01-01');
insert into public.models (agent_id, name, model_id)
select id, 'gpt-4o', 'x' from public.agents where id::text like '20000000-%' and name <> 'gpt-4o';
update public.agents set model_name = 'x' where name = 'gpt-4o';
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
create function pg_temp.chosen()
returns text
language sql
as $$ select pg_temp.begin('carol', '{"model": "gpt-4o"}') #>> '{agent,name}' $$;

select is(pg_temp.chosen(), 'acme''s by carol', 'made by the caller, and the organization''s');
update public.agents set enabled = false where name = 'acme''s by carol';
select is(pg_temp.chosen(), 'carol''s older', 'then the caller''s own, the older first');
update public.agents set status = 'paused' where name = 'carol''s older';
select is(pg_temp.chosen(), 'carol''s', 'one that is off or paused comes last');
update public.agents set enabled = false where name = 'carol''s';
select is(pg_temp.chosen(), 'acme''s', 'then the organization''s');
update public.agents set enabled = false where name = 'acme''s';
select is(pg_temp.chosen(), 'droid', 'then the platform''s');
update public.agents set enabled = false where name = 'droid';
select is(pg_temp.chosen(), 'gpt-4o', 'then an agent of that name');
update public.agents set enabled = false where name = 'gpt-4o';
select tests.refused(
  'select pg_temp.chosen()', 403, 'agent_disabled', 'and if all are off, the caller is told that it is off'
);

update public.agents set enabled = true, status = 'active';
update public.organizations set settings = '{"default_agent": "droid"}' where id = tests.id('acme');
select is(pg_temp.chosen(), 'droid', 'the organization''s default agent comes before all of them');
update public.organizations set settings = '{"default_agent": "gpt-4o"}' where id = tests.id('acme');
select is(pg_temp.chosen(), 'acme''s by carol', 'but only among those that offer a model of the name');

select * from finish();
rollback;
