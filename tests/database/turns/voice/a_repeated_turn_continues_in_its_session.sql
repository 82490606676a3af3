begin;
select plan(8);

insert into public.agents (name, vendor_id, service_id, is_platform, status, voice_id, voice_settings, speech_processing)
values
  ('listener', 'openai', 'openai_whisper', true, 'active', null, '{}', '{}'),
  ('speaker', 'openai', (select id from public.vendor_services where service_kind = 'speech' and vendor_id = 'openai' limit 1),
    true, 'active', null, '{}', '{}'),
  ('talker', 'openai', 'openai_gpt4o', true, 'active', 'alloy', '{"model": "speaker"}', '{"model": "listener"}');

create function pg_temp.begin(name text, key text)
returns jsonb
language sql
as $$
  select public.begin_voice_turn(
    jsonb_build_object('user_id', tests.id(begin.name)),
    jsonb_build_object('model', 'talker', 'idempotency_key', begin.key)
  )
$$;
-- The first request, whose chat is running.
create temporary table first as select pg_temp.begin('alice', 'k') ->> 'id' as id;
create function pg_temp.begins_new(name text, key text)
returns boolean
language sql
as $$
  select (session ->> 'is_new')::boolean and session ->> 'id' not in (select id from first)
  from pg_temp.begin(begins_new.name, begins_new.key) as session
$$;
insert into private.running_turns
  (user_id, organization_id, source, title, session_id, idempotency_key, lease_expires_at)
select tests.id('alice'), tests.id('acme'), 'chat', 'x', id::uuid, 'k', now() from first;
create temporary table again as select pg_temp.begin('alice', 'k') as session;
select is(session ->> 'id', first.id, 'a repeated request continues in the session of the first') from again, first;
select is(session ->> 'is_new', 'false', 'which it does not remove') from again;
select ok(pg_temp.begins_new('bob', 'k'), 'another user''s request with the same key begins a session');
select ok(pg_temp.begins_new('alice', 'l'), 'so does another key');
select ok(pg_temp.begins_new('alice', null), 'and a request without a key');

-- Its chat is answered.
delete from private.running_turns;
insert into public.ai_interactions (id, organization_id, title)
values ('30000000-0000-4000-8000-000000000001', tests.id('acme'), 'x');
insert into private.stored_answers
  (interaction_id, user_id, session_id, idempotency_key, fingerprint, body, expires_at)
select '30000000-0000-4000-8000-000000000001', tests.id('alice'), id::uuid, 'k', 'f', '{}', now() + interval '1 hour'
from first;
select is(pg_temp.begin('alice', 'k') ->> 'id', first.id, 'so it does once the chat is answered') from first;
select ok(pg_temp.begins_new('bob', 'k'), 'still only for the same user');
update private.stored_answers set expires_at = now();
select ok(pg_temp.begins_new('alice', 'k'), 'after the answer has expired, the key begins a session');

select * from finish();
rollback;
