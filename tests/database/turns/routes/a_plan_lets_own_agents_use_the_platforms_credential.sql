begin;
select plan(25);

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
  from jsonb_array_elements(pg_temp.begin('eve', jsonb_build_object('model', model)) -> 'routes') with ordinality as route
$$;
insert into public.agents (id, name, created_by, vendor_id, service_id, model_name, config) values
  ('20000000-0000-4000-8000-000000000001', 'mine', tests.id('eve'), 'openai', 'openai_gpt4o', 'gpt-9-dear', '{"base_url": "https://evil.example"}'),
  ('20000000-0000-4000-8000-000000000002', 'no price', tests.id('eve'), 'openai', 'openai_gpt41', null, '{}'),
  ('20000000-0000-4000-8000-000000000003', 'no service', tests.id('eve'), 'openai', null, 'gpt-9-dear', '{}'),
  ('20000000-0000-4000-8000-000000000007', 'by name', tests.id('eve'), 'openai', null, 'gpt-4o', '{}'),
  ('20000000-0000-4000-8000-000000000008', 'by alias', tests.id('eve'), 'openai', null, 'gpt-4o-2024-11-20', '{}'),
  ('20000000-0000-4000-8000-000000000009', 'by old name', tests.id('eve'), 'openai', null, 'gpt-4', '{}'),
  ('20000000-0000-4000-8000-00000000000a', 'by another vendor''s name', tests.id('eve'), 'anthropic', null, 'gpt-4o', '{}'),
  ('20000000-0000-4000-8000-00000000000b', 'named without a price', tests.id('eve'), 'openai', null, 'gpt-4.1', '{}'),
  ('20000000-0000-4000-8000-00000000000c', 'with models', tests.id('eve'), 'openai', null, null, '{}'),
  ('20000000-0000-4000-8000-000000000004', 'embeds', tests.id('eve'), 'openai', 'openai_embedding_3_small', null, '{}'),
  ('20000000-0000-4000-8000-000000000005', 'renamed', tests.id('eve'), 'openai', 'openai_gpt4o_mini', null, '{}');
insert into public.models (agent_id, name, model_id, service_id, is_default) values
  ('20000000-0000-4000-8000-000000000005', 'cheap', 'gpt-9-dear', 'openai_gpt4o_mini', true),
  ('20000000-0000-4000-8000-00000000000c', 'fast', 'gpt-4o-mini-2024-07-18', null, true);
insert into public.service_aliases (vendor_id, alias, service_id) values
  ('openai', 'gpt-4o-2024-11-20', 'openai_gpt4o'), ('openai', 'gpt-4o-mini-2024-07-18', 'openai_gpt4o_mini'),
  ('openrouter', 'gpt-4o-latest', 'openrouter_gpt4o');
insert into public.agents (id, name, created_by, is_public, vendor_id, service_id)
values ('20000000-0000-4000-8000-000000000006', 'shared', tests.id('alice'), true, 'openai', 'openai_gpt4o');
delete from public.service_prices where service_id = 'openai_gpt41';
create temporary table eves as
select current_organization_id as id from public.profiles where profiles.id = tests.id('eve');

select is((select array_agg(distinct platform_credential) from public.plans), array['none'], 'no plan does unasked');
select tests.refused($$ select pg_temp.bought('mine') $$, 400, 'no_vendor_key', 'then a key is needed');
select is_empty('select from public.budgets where organization_id = (select id from eves)', 'and no budget is set');

update public.plans set platform_credential = 'priced_catalogue', platform_credential_usd = 5;
select is(pg_temp.bought('mine'), 'platform gpt-4o', 'the service that is priced, whatever the agent calls its model');
select is(pg_temp.bought('renamed'), 'platform gpt-4o-mini', 'or a model of it');
select tests.refused(
  format('select pg_temp.bought(%L)', name), 400, 'model_not_priced', name || ': nothing whose price is unknown'
) from unnest(array['no price', 'no service', 'by another vendor''s name', 'named without a price']) as name;
select is(
  pg_temp.bought(name), 'platform ' || service, name || ': the service that the vendor has under the name'
) from (values
  ('by name', 'gpt-4o'), ('by alias', 'gpt-4o'), ('by old name', 'gpt-5.6-sol'), ('with models', 'gpt-4o-mini'),
  ('gpt-4o-latest', 'openai/gpt-4o')
) as named (name, service);
select is(
  (
    select string_agg(format('%s %s', id, model), ', ' order by id)
    from private.offered_models((select id from eves), null) where agent in ('by old name', 'with models')
  ),
  'by old name gpt-5.6-sol, with models/fast fast', 'GET /models lists them'
);
select tests.refused(
  $$ select pg_temp.bought('openai/gpt-4o') $$, 400, 'no_vendor_key', 'nor a service without an agent'
);
select tests.refused(
  $$ select pg_temp.bought('20000000-0000-4000-8000-000000000006') $$, 403, 'agent_not_sold', 'nor another''s shared agent'
);
select is(
  (select array_agg(distinct limit_usd) from public.budgets where organization_id = (select id from eves)), array[5::numeric(20, 10)],
  'within the budget that the organization is given'
);
select cmp_ok(
  (select reserved_usd from public.budgets where organization_id = (select id from eves)), '>', 0::numeric,
  'of which a running turn has its part'
);

select tests.act_as('eve');
update public.budgets set limit_usd = 1000000 where organization_id = (select current_organization_id from public.profiles where id = tests.id('eve'));
select tests.reset();
select tests.refused($$ select pg_temp.bought('mine') $$, 400, 'no_vendor_key', 'a budget that its owner raises is none');
update public.budgets set limit_usd = 2, is_active = false;
select tests.refused($$ select pg_temp.bought('mine') $$, 400, 'no_vendor_key', 'nor is one that is lifted');
update public.budgets set is_active = true;
select is(pg_temp.bought('mine'), 'platform gpt-4o', 'a lower one is one');
update public.budgets set spent_usd = 2;
select tests.refused($$ select pg_temp.bought('mine') $$, 402, 'budget_exceeded', 'it is not overdrawn');
delete from public.budgets;
insert into public.user_api_keys (user_id, vendor_id, encrypted_key, key_preview)
values (tests.id('eve'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', '');
select is(pg_temp.bought('mine'), 'own gpt-4o', 'a key of one''s own is used, and no other credential');
select is_empty('select from public.budgets', 'without a budget');

select * from finish();
rollback;
