begin;
select plan(16);

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
create function pg_temp.ids(key text)
returns setof text
language sql
as $$
  select distinct model ->> 'agent'
  from jsonb_array_elements(public.list_chat_models(jsonb_build_object('access_key', repeat(key, 64)))::jsonb -> 'models') as model
$$;
insert into public.agents (name, vendor_id, service_id, is_platform) values
  ('third', 'openrouter', 'openrouter_gpt4o', true);
update public.access_keys
set agent_ids = array(select id from public.agents where name = 'droid')
where name = 'One';

select set_eq($$ select pg_temp.ids('1') $$, array['droid'], 'it lists their models');
select set_eq($$ select pg_temp.ids('2') $$, array['ccrouter', 'droid', 'third'], 'one without a list all');
select isnt(pg_temp.begin('1', format('{"model": "%s"}', model)::jsonb), null, model)
from (
  select unnest(array['gpt-4o', 'droid/gpt-4o', 'droid'])
  union all
  select id::text from public.agents where name = 'droid'
) as allowed (model);
select tests.refused(
  format($$ select pg_temp.begin('1', '{"model": "%s"}') $$, model), 404, 'model_not_found', model || ' is out of reach'
)
from (
  select unnest(array['gemini-1.5-pro', 'ccrouter/gemini-1.5-pro', 'third', 'openai/gpt-4o'])
  union all
  select id::text from public.agents where name = 'ccrouter'
) as forbidden (model);

-- A stranger's shared agent.
insert into public.agents (name, vendor_id, service_id, created_by, is_public)
values ('shared', 'openrouter', 'openrouter_gpt4o', tests.id('eve'), true);
select tests.refused(
  format($$ select pg_temp.begin('1', '{"model": "%s"}') $$, (select id from public.agents where name = 'shared')),
  404, 'model_not_found', 'and so is a shared one'
);

-- A conversation that another user's rules began.
create temporary table answers as select pg_temp.begin('2', '{"model": "gemini-1.5-pro"}') as turn;
select public.settle_chat_turn((turn ->> 'turn_id')::uuid, '{"state": "succeeded", "content": "yo"}') from answers;
select tests.refused(
  format($$ select pg_temp.begin('1', '{"model": null, "session_id": "%s"}') $$, (select turn ->> 'session_id' from answers)),
  404, 'session_not_found', 'and a conversation with another'
);
-- Anyone who holds the key could ask its own agent what was said there.
select tests.refused(
  format($$ select pg_temp.begin('1', '{"session_id": "%s"}') $$, (select turn ->> 'session_id' from answers)),
  404, 'session_not_found', 'also when one that it lists is to go on with it'
);

-- What its agent falls back to, too.
update public.agents set config = '{"fallbacks": ["ccrouter/gemini-1.5-pro"]}' where name = 'droid';
select is(jsonb_array_length(pg_temp.begin('1') -> 'routes'), 1, 'a fallback is another agent');

update public.access_keys set agent_ids = array(select id from public.agents where name = 'third') where name = 'One';
delete from public.agents where name = 'third';
select is_empty($$ select pg_temp.ids('1') $$, 'when the last one is gone it reaches none, not all');

select * from finish();
rollback;
