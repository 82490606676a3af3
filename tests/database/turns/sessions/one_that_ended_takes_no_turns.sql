begin;
select plan(5);

insert into public.chat_sessions (session_id, user_id, org_id, status) values
  ('sess_ended_00001', tests.id('alice'), tests.id('acme'), 'ended'),
  ('sess_expired_0001', tests.id('alice'), tests.id('acme'), 'expired');
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
select tests.refused(
  format('select pg_temp.begin(''alice'', ''{"model": "droid", "session_id": "%s"}'')', session),
  422, 'session_ended', session
)
from unnest(array['sess_ended_00001', 'sess_expired_0001']) as session;
select is_empty('select id from public.ai_interactions', 'no turn was begun');
select is_empty('select id from public.chat_messages', 'and nothing stored');

update public.chat_sessions set status = 'active';
select isnt(
  pg_temp.begin('alice', '{"model": "droid", "session_id": "sess_ended_00001"}') ->> 'turn_id', null,
  'one that was opened again is not'
);

select * from finish();
rollback;
