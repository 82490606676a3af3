begin;
select plan(9);

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
insert into public.organizations (id, name, slug, created_by)
values ('00000000-0000-4000-8000-0000000000ff', 'Other', 'other', tests.id('carol'));
insert into public.agents (name, organization_id, created_by, vendor_id, service_id) values
  ('acmes', tests.id('acme'), tests.id('carol'), 'openai', 'openai_gpt4o'),
  ('others', '00000000-0000-4000-8000-0000000000ff', tests.id('carol'), 'openrouter', 'openrouter_gpt4o');
insert into public.user_api_keys (user_id, vendor_id, encrypted_key, key_preview)
values (tests.id('carol'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'abcd');
create function pg_temp.names(caller jsonb)
returns setof text
language sql
as $$ select distinct model ->> 'agent' from jsonb_array_elements(public.list_chat_models(caller)::jsonb -> 'models') as model $$;

select set_eq(
  $$ select pg_temp.names(jsonb_build_object('user_id', tests.id('carol'))) $$, array['ccrouter', 'droid', 'acmes'],
  'its owner names the agents of the organization that she works in'
);
select set_eq(
  $$ select pg_temp.names(jsonb_build_object('access_key', repeat('1', 64))) $$, array['ccrouter', 'droid', 'acmes'],
  'and so does the key'
);
update public.profiles set current_organization_id = '00000000-0000-4000-8000-0000000000ff' where id = tests.id('carol');
select set_eq(
  $$ select pg_temp.names(jsonb_build_object('user_id', tests.id('carol'))) $$, array['ccrouter', 'droid', 'others'],
  'she goes to work elsewhere'
);
select isnt(pg_temp.begin('1', '{"model": "acmes"}'), null, 'and the key does not');
update public.profiles set current_organization_id = tests.id('acme') where id = tests.id('carol');
select tests.refused($$ select pg_temp.begin('1', '{"model": "others"}') $$, 404, 'model_not_found', 'and no others');
update public.agents set is_public = true where name = 'others';
select isnt(
  pg_temp.begin('1', format('{"model": "%s"}', (select id from public.agents where name = 'others'))::jsonb), null,
  'except for one that is shared with everyone'
);
select is(
  (select count(*) from public.ai_interactions where organization_id <> tests.id('acme')), 0::bigint,
  'for which its own organization pays'
);


-- A vendor's key that a colleague shares elsewhere.
insert into public.user_api_keys (user_id, organization_id, vendor_id, encrypted_key, key_preview)
values (tests.id('alice'), '00000000-0000-4000-8000-0000000000ff', 'anthropic', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'abcd');
update public.profiles set current_organization_id = '00000000-0000-4000-8000-0000000000ff' where id = tests.id('carol');
create temporary table wanted as
select 'anthropic/' || service_name as model from public.vendor_services where vendor_id = 'anthropic' and service_kind = 'chat' limit 1;
select isnt(
  public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id('carol')),
    jsonb_build_object('request_id', 'r', 'model', (select model from wanted), 'messages', '[{"role": "user", "content": "hi"}]'::jsonb)
  ), null, 'its owner calls with a key that another organization shares, and which pays'
);
select tests.refused(
  format($$ select pg_temp.begin('1', '{"model": "%s"}') $$, (select model from wanted)), 400, 'no_vendor_key',
  'the access key does not'
);

select * from finish();
rollback;
