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
create temporary table answers as select pg_temp.begin('1') as turn;
select is(
  (select turn -> 'caller' from answers),
  jsonb_build_object('user_id', tests.id('carol'), 'access_key_id', 'a0000000-0000-4000-8000-000000000001'),
  'the backend is told whose it is'
);
select results_eq(
  'select user_id, organization_id, access_key_id from tests.turns',
  $$ values (tests.id('carol'), tests.id('acme'), 'a0000000-0000-4000-8000-000000000001'::uuid) $$,
  'the turn names person, organization and key'
);
select results_eq(
  'select user_id, org_id from public.chat_sessions', $$ values (tests.id('carol'), tests.id('acme')) $$, 'the conversation is the person''s'
);
select public.settle_chat_turn((turn ->> 'turn_id')::uuid, '{"state": "succeeded", "content": "yo"}') from answers;

-- Whatever the person works in in the meantime.
update public.profiles set current_organization_id = (
  select id from public.organizations where created_by = tests.id('carol') and is_personal
) where id = tests.id('carol');
create temporary table more as
select pg_temp.begin('2', jsonb_build_object('session_id', turn ->> 'session_id')) as turn from answers;
select is(
  (select more.turn ->> 'session_id' from more), (select turn ->> 'session_id' from answers),
  'another key of the person goes on with it'
);
select public.settle_chat_turn((turn ->> 'turn_id')::uuid, '{"state": "succeeded", "content": "yo"}') from more;
select results_eq(
  'select distinct organization_id from public.ai_interactions', $$ values (tests.id('acme')) $$, 'and the same organization pays'
);
create temporary table home as
select public.begin_chat_turn(
  jsonb_build_object('user_id', tests.id('carol')),
  '{"request_id": "r", "model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}'
) as turn;
select is(
  (select access_key_id from tests.turns where request_id = 'r'), null, 'a turn without a key names none'
);
select isnt(
  (select organization_id from tests.turns where request_id = 'r'), tests.id('acme'), 'and is paid where the person is'
);
select public.settle_chat_turn((turn ->> 'turn_id')::uuid, '{"state": "succeeded", "content": "yo"}') from home;
select tests.refused(
  format($$ select pg_temp.begin('1', '{"session_id": "%s"}') $$, (select turn ->> 'session_id' from home)),
  404, 'session_not_found', 'a conversation of another organization is out of reach'
);

select * from finish();
rollback;
