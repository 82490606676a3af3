begin;
select plan(5);

insert into public.agents (id, name, organization_id, is_public, vendor_id, service_id) values
  ('20000000-0000-4000-8000-000000000001', 'acme''s', tests.id('acme'), true, 'openrouter', 'openrouter_gpt4o');
insert into public.user_api_keys (user_id, vendor_id, encrypted_key, key_preview)
select actors.id, 'openrouter', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', '' from tests.actors where actors.name in ('dave', 'eve', 'carol');
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
select person, pg_temp.begin(person, '{"model": "20000000-0000-4000-8000-000000000001"}') as turn
from unnest(array['carol', 'dave', 'eve']) as person;
select public.settle_chat_turn((turn ->> 'turn_id')::uuid, '{"state": "succeeded", "content": "yo"}') from answers;

select results_eq(
  $$
    select person, organizations.slug, i.organization_id = sessions.org_id
    from answers
    join public.chat_sessions sessions on sessions.session_id = turn ->> 'session_id'
    join public.organizations on organizations.id = sessions.org_id
    join public.ai_interactions i on i.session_id = sessions.id
    order by person
  $$,
  $$
    values
      ('carol', 'acme', true), ('dave', 'personal-' || tests.id('dave'), true),
      ('eve', 'personal-' || tests.id('eve'), true)
  $$,
  'the organization pays for its members, a stranger or viewer for himself'
);
select is(
  jsonb_array_length(
    pg_temp.begin(
      person,
      jsonb_build_object('model', '20000000-0000-4000-8000-000000000001', 'session_id', turn ->> 'session_id')
    ) -> 'messages'
  ),
  3, person || ' goes on with it'
)
from answers;

select set_config('request.jwt.claim.sub', '', true);
select tests.act_as('eve');
select is((select count(*) from public.chat_messages), 3::bigint, 'and reads it');

select * from finish();
rollback;
