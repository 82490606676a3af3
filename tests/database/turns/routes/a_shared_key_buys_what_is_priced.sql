begin;
select plan(16);

-- Carol may chat in Acme, whose key alice shares. Carol's agents are her own.
insert into public.user_api_keys (id, user_id, organization_id, vendor_id, encrypted_key, key_preview) values
  ('40000000-0000-4000-8000-000000000001', tests.id('alice'), tests.id('acme'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', '');
update public.profiles set current_organization_id = tests.id('acme') where id = tests.id('carol');
insert into public.agents (id, name, created_by, vendor_id, service_id, model_name, config) values
  ('20000000-0000-4000-8000-000000000001', 'no service', tests.id('carol'), 'openai', null, 'gpt-9', '{}'),
  ('20000000-0000-4000-8000-000000000006', 'by name', tests.id('carol'), 'openai', null, 'gpt-4o', '{}'),
  ('20000000-0000-4000-8000-000000000002', 'other name', tests.id('carol'), 'openai', 'openai_gpt4o_mini', null, '{}'),
  ('20000000-0000-4000-8000-000000000003', 'no price', tests.id('carol'), 'openai', 'openai_gpt41', null, '{}'),
  ('20000000-0000-4000-8000-000000000004', 'falls back', tests.id('carol'), 'openai', 'openai_gpt41', null, '{"fallbacks": ["no service", "openai/gpt-4o"]}'),
  ('20000000-0000-4000-8000-000000000005', 'both names', tests.id('carol'), 'openai', 'openai_gpt4o_mini', 'gpt-4', '{}');
insert into public.models (agent_id, name, model_id, service_id, is_default) values
  ('20000000-0000-4000-8000-000000000002', 'cheap', 'gpt-4', 'openai_gpt4o_mini', true);
delete from public.service_prices where service_id = 'openai_gpt41';

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
-- Whose credential buys which model.
create function pg_temp.bought(model text)
returns text
language sql
as $$
  select string_agg(
    format('%s %s', route.value ->> 'credential', route.value ->> 'model'), ', ' order by route.ordinality
  )
  from jsonb_array_elements(pg_temp.begin('carol', jsonb_build_object('model', model)) -> 'routes') with ordinality as route
$$;

select is(pg_temp.bought('openai/gpt-4o'), 'shared gpt-4o', 'a service, which is no key of the caller''s own');
select is(pg_temp.bought('other name'), 'shared gpt-4o-mini', 'under its own name, whatever an agent calls it');
select is(pg_temp.bought('other name/cheap'), 'shared gpt-4o-mini', 'or a model');
select is(pg_temp.bought('both names'), 'shared gpt-4o-mini', 'or both');
select tests.refused(
  $$ select pg_temp.begin('carol', '{"model": "no service"}') $$, 400, 'model_not_priced', 'not what has no service'
);
select tests.refused(
  $$ select pg_temp.begin('carol', '{"model": "no price"}') $$, 400, 'model_not_priced', 'nor a service without a price'
);
select is(pg_temp.bought('by name'), 'shared gpt-4o', 'what is named as the vendor names it has one');
select is(pg_temp.bought('falls back'), 'shared gpt-4o', 'a fallback that has one is called');
insert into public.service_prices (service_id, valid_during, input_rate, source)
values ('openai_gpt41', tstzrange('2020-01-01', '2021-01-01'), 1, 'x'), ('openai_gpt41', tstzrange(now() + interval '1 day', null), 1, 'x');
select tests.refused(
  $$ select pg_temp.begin('carol', '{"model": "no price"}') $$, 400, 'model_not_priced', 'a price of another time is none'
);

insert into public.user_api_keys (id, user_id, vendor_id, encrypted_key, key_preview) values
  ('40000000-0000-4000-8000-000000000002', tests.id('carol'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', '');
select is(pg_temp.bought('other name'), 'own gpt-4, shared gpt-4o-mini', 'a key of one''s own buys what its owner asks for, and comes first');
select is(pg_temp.bought('no service'), 'own gpt-9', 'priced or not');
select is(pg_temp.bought('by name'), 'own gpt-4o, shared gpt-4o', 'an own key comes first there as well');
select is(pg_temp.bought('no price'), 'own gpt-4.1', 'and only that');
select results_eq(
  $$
    select route ->> 'credential', key ->> 'id'
    from jsonb_array_elements(pg_temp.begin('carol', '{"model": "openai/gpt-4o"}') -> 'routes') as route,
    jsonb_array_elements(route -> 'keys') as key
  $$,
  $$ values ('own', '40000000-0000-4000-8000-000000000002'), ('shared', '40000000-0000-4000-8000-000000000001') $$,
  'each with its keys'
);

select is(
  pg_temp.begin('alice', '{"model": "openai/gpt-4o"}') #>> '{routes,0,credential}', 'own', 'for its owner a shared key is an own one'
);
update public.models set model_id = 'something/dearer' where name = 'gpt-4o' and service_id = 'openrouter_gpt4o';
select is(pg_temp.bought('droid/gpt-4o'), 'platform openai/gpt-4o', 'the platform''s credential buys the service, too');

select * from finish();
rollback;
