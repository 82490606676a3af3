begin;
select plan(8);

insert into public.agents (id, name, created_by, organization_id, is_public, enabled, vendor_id, service_id) values
  ('20000000-0000-4000-8000-00000000000a', 'acme''s', tests.id('alice'), tests.id('acme'), false, true, 'openrouter', 'openrouter_gpt4o'),
  ('20000000-0000-4000-8000-00000000000b', 'shared', tests.id('alice'), null, true, true, 'openrouter', 'openrouter_gpt4o'),
  ('20000000-0000-4000-8000-00000000000c', 'shared, off', tests.id('alice'), null, true, false, 'openrouter', 'openrouter_gpt4o'),
  ('20000000-0000-4000-8000-00000000000d', 'private', tests.id('alice'), null, false, true, 'openrouter', 'openrouter_gpt4o');
insert into public.user_api_keys (user_id, vendor_id, encrypted_key, key_preview)
select actors.id, 'openrouter', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', '' from tests.actors where actors.name in ('carol', 'dave', 'eve');
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
select is(
  pg_temp.begin('carol', '{"model": "20000000-0000-4000-8000-00000000000a"}') #>> '{agent,name}', 'acme''s',
  'of an organization''s agent, for a member'
);
select is(
  pg_temp.begin('eve', '{"model": "20000000-0000-4000-8000-00000000000B"}') #>> '{agent,name}', 'shared',
  'of a public one, for a stranger, in capitals too'
);
select tests.refused(
  format('select pg_temp.begin(%L, ''{"model": "%s"}'')', person, model), 404, 'model_not_found', reason
)
from (values
  ('eve', '20000000-0000-4000-8000-00000000000a', 'an outsider does not reach an organization''s agent'),
  ('dave', '20000000-0000-4000-8000-00000000000a', 'nor does a viewer, who may not chat'),
  ('eve', '20000000-0000-4000-8000-00000000000c', 'a public one that is off is not public'),
  ('eve', '20000000-0000-4000-8000-00000000000d', 'a private one is for its owner only'),
  ('eve', '20000000-0000-4000-8000-0000000000ff', 'and one that does not exist is the same'),
  ('eve', 'shared', 'a stranger''s agent is not reached by name: names are not unique')
) as refused (person, model, reason);

select * from finish();
rollback;
