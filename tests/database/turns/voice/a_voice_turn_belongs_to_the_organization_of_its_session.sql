begin;
select plan(9);

create function pg_temp.personal()
returns uuid
language sql
as $$
  select id from public.organizations where created_by = tests.id('carol') and is_personal
$$;
-- Carol belongs to acme, whose models these are, and to her personal organization, where she works
-- now.
update public.profiles set current_organization_id = pg_temp.personal() where id = tests.id('carol');
insert into public.user_api_keys (user_id, vendor_id, encrypted_key, key_preview)
values (tests.id('carol'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', '');
update public.vendor_services set voices = '{alloy}'
where service_kind = 'speech' and vendor_id = 'openai';
insert into public.agents (name, organization_id, created_by, vendor_id, service_id, voice_settings, speech_processing)
values
  ('listener', tests.id('acme'), tests.id('carol'), 'openai', 'openai_whisper', '{}', '{}'),
  ('speaker', tests.id('acme'), tests.id('carol'), 'openai', (
    select id from public.vendor_services where service_kind = 'speech' and vendor_id = 'openai' limit 1
  ), '{}', '{}'),
  ('talker', tests.id('acme'), tests.id('carol'), 'openai', 'openai_gpt4o', '{"model": "speaker"}', '{"model": "listener"}');
create function pg_temp.agent(name text)
returns text
language sql
as $$
  select id::text from public.agents where agents.name = agent.name and organization_id = tests.id('acme')
$$;
create function pg_temp.begin(request jsonb)
returns jsonb
language sql
as $$
  select public.begin_voice_turn(jsonb_build_object('user_id', tests.id('carol')), begin.request)
$$;

-- A new session of acme's agent is acme's, and so are the names that this agent states.
create temporary table begun as select pg_temp.begin(jsonb_build_object('model', pg_temp.agent('talker'))) as session;
select is(
  (session ->> 'organization_id')::uuid, tests.id('acme'), 'the agent''s organization has the session'
) from begun;
select is(session -> 'voices', '["alloy"]', 'where its models are found') from begun;
select is(
  pg_temp.begin(jsonb_build_object('session_id', session ->> 'session_id')) -> 'voices', '["alloy"]',
  'also when the session continues while its person works elsewhere'
) from begun;

-- The parts are turns of their own, of that organization.
create function pg_temp.part(kind text, model text, organization uuid)
returns jsonb
language sql
as $$
  select public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id('carol')),
    jsonb_build_object(
      'kind', part.kind, 'request_id', gen_random_uuid(), 'model', part.model,
      'messages', '[{"role": "user", "content": "hi"}]'::jsonb, 'organization_id', part.organization,
      'units', jsonb_build_object(case part.kind when 'speech' then 'character' else 'second' end, 2)
    )
  )
$$;
select is(
  pg_temp.part('transcription', 'listener', tests.id('acme')) #>> '{agent,id}', pg_temp.agent('listener'),
  'its transcription calls the model of this name there'
);
select is(
  pg_temp.part('speech', 'speaker', tests.id('acme')) #>> '{agent,id}', pg_temp.agent('speaker'), 'so does its speech'
);
select results_eq(
  'select organization_id, session_id from private.running_turns',
  $$ values (tests.id('acme'), null::uuid), (tests.id('acme'), null) $$,
  'acme pays for both, which are not part of the conversation'
);
select tests.refused(
  format('select pg_temp.part(%L, %L, null)', 'speech', 'speaker'), 404, 'model_not_found',
  'without the organization the name would mean another'
);
select tests.refused(
  format('select pg_temp.part(%L, %L, %L)', 'speech', pg_temp.agent('speaker'), pg_temp.personal()),
  422, 'session_of_another_organization', 'acme''s model speaks in no private conversation'
);
delete from public.organization_members where organization_id = tests.id('acme') and user_id = tests.id('carol');
select tests.refused(
  format('select pg_temp.part(%L, %L, %L)', 'speech', 'speaker', tests.id('acme')), 404, 'session_not_found',
  'who has left the organization speaks there no more'
);

select * from finish();
rollback;
