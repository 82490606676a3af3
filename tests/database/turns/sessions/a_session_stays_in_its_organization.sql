begin;
select plan(4);

insert into public.agents (id, name, organization_id, vendor_id, model_name) values
  ('20000000-0000-4000-8000-000000000001', 'acme''s', tests.id('acme'), 'openai', 'm');
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
create temporary table answers as
select 'private' as name, pg_temp.begin('carol', '{"model": "droid"}') as turn
union all
select 'acme', pg_temp.begin('carol', '{"model": "20000000-0000-4000-8000-000000000001"}');
select public.settle_chat_turn((turn ->> 'turn_id')::uuid, '{"state": "succeeded", "content": "yo"}') from answers;

select tests.refused(
  format('select pg_temp.begin(''carol'', ''{"model": "20000000-0000-4000-8000-000000000001", "session_id": "%s"}'')', turn ->> 'session_id'),
  422, 'session_of_another_organization', 'a private conversation is not carried to an organization''s agent'
)
from answers where name = 'private';
select pg_temp.begin('carol', jsonb_build_object('model', 'droid', 'session_id', turn ->> 'session_id'))
from answers where name = 'acme';
select results_eq(
  $$ select organization_id from private.running_turns $$, $$ values (tests.id('acme')) $$,
  'an organization''s goes on with a platform agent, and the organization pays'
);


-- Names mean in a conversation what they meant when it began, wherever its person works now.
select public.settle_chat_turn(turns.id, '{"state": "succeeded", "content": "yo"}')
from private.running_turns turns;
select is(
  pg_temp.begin('carol', jsonb_build_object('model', 'acme''s', 'session_id', turn ->> 'session_id')) #>> '{agent,name}',
  'acme''s', 'which names its agents, although its person works elsewhere now'
)
from answers where name = 'acme';
update public.profiles set current_organization_id = tests.id('acme') where id = tests.id('carol');
select tests.refused(
  format('select pg_temp.begin(''carol'', ''{"model": "acme''''s", "session_id": "%s"}'')', turn ->> 'session_id'),
  404, 'model_not_found', 'a private one does not, although its person works there'
)
from answers where name = 'private';

select * from finish();
rollback;
