begin;
select plan(6);

insert into public.chat_sessions (session_id, user_id, org_id) values
  ('sess_of_alice_0001', tests.id('alice'), tests.id('acme')), ('sess_of_dave_00001', tests.id('dave'), tests.id('acme'));
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
  format('select pg_temp.begin(%L, ''{"model": "droid", "session_id": "%s"}'')', person, session),
  404, 'session_not_found', reason
)
from (values
  ('eve', 'sess_of_alice_0001', 'an outsider does not find it'),
  ('bob', 'sess_of_alice_0001', 'nor does a colleague'),
  ('alice', 'sess_that_is_not_there', 'nor anybody one that is not there'),
  ('dave', 'sess_of_dave_00001', 'nor a viewer the own, from when chatting was allowed')
) as refused (person, session, reason);
select isnt(
  pg_temp.begin('alice', '{"model": "droid", "session_id": "sess_of_alice_0001"}') ->> 'turn_id', null, 'its person does'
);

update public.organizations set deleted_at = now() where id = tests.id('acme');
select tests.refused(
  $$ select pg_temp.begin('alice', '{"model": "droid", "session_id": "sess_of_alice_0001"}') $$,
  404, 'session_not_found', 'until the organization is deleted'
);

select * from finish();
rollback;
