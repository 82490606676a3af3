begin;
select plan(28);

insert into public.agents (name, vendor_id, service_id, is_platform, status, voice_id, voice_settings, speech_processing)
values
  ('listener', 'openai', 'openai_whisper', true, 'active', null, '{}', '{}'),
  ('speaker', 'openai', (select id from public.vendor_services where service_kind = 'speech' and vendor_id = 'openai' limit 1),
    true, 'active', null, '{}', '{}'),
  ('announcer', 'openai', (select id from public.vendor_services where service_kind = 'speech' and vendor_id = 'openai' limit 1),
    true, 'active', null, '{}', '{}'),
  ('talker', 'openai', 'openai_gpt4o', true, 'active', 'alloy', '{"model": "speaker", "speed": 1.5}',
    '{"model": "listener", "language": "de-CH"}');
update public.vendor_services set voices = '{alloy,echo}' where service_kind = 'speech';

create function pg_temp.begin(name text, request jsonb)
returns jsonb
language sql
as $$
  select public.begin_voice_turn(jsonb_build_object('user_id', tests.id(begin.name)), begin.request)
$$;
create function pg_temp.finish(name text, outcome jsonb)
returns void
language sql
as $$
  select public.end_voice_turn(jsonb_build_object('user_id', tests.id(finish.name)), finish.outcome)
$$;
create function pg_temp.path(session uuid, number integer)
returns text
language sql
as $$
  select org_id || '/' || id || '/4ec04d00-0000-4000-8000-00000000000' || path.number || '.webm'
  from public.chat_sessions where id = path.session
$$;

create temporary table begun as select pg_temp.begin('alice', '{"model": "talker"}') as session;
select is(
  (select session - array['id', 'session_id', 'organization_id'] from begun),
  '{"is_new": true, "transcription_model": "listener", "speech_model": "speaker",
    "voices": ["alloy", "echo"], "voice": "alloy", "voice_settings": {"model": "speaker", "speed": 1.5},
    "speech_processing": {"model": "listener", "language": "de-CH"}, "speech_api": "openai", "is_recorded": true}',
  'an agent''s voice is known before anything is spent'
);
select results_eq(
  'select channel, user_id from public.chat_sessions join begun on id = (session ->> ''id'')::uuid',
  $$ values ('voice', tests.id('alice')) $$, 'a new session is the caller''s, of the channel voice'
);
select is(
  pg_temp.begin('alice', jsonb_build_object('session_id', session ->> 'session_id', 'speech_model', 'announcer')) #>> '{speech_model}',
  'announcer', 'a request may name another model'
) from begun;
select is(
  (select count(*) from public.chat_sessions where channel = 'voice'), 1::bigint, 'and goes on with its session'
);
select tests.refused(
  format($$ select pg_temp.begin('eve', '{"session_id": "%s"}') $$, session ->> 'session_id'), 404, 'session_not_found',
  'no one else does'
) from begun;
select tests.refused(
  format($$ select pg_temp.begin('alice', '{"model": "talker", "%s": "nothing"}') $$, field), 404, 'model_not_found',
  format('an unknown %s is refused', field)
) from unnest(array['speech_model', 'transcription_model']) as field;
select tests.refused(
  format($$ select pg_temp.begin('alice', '{"model": "talker"}'::jsonb || '%s') $$, named), 400, code, named || ' is refused'
) from (
  values
    ('{"speech_model": "listener"}', 'agent_cannot_speak'),
    ('{"transcription_model": "speaker"}', 'agent_cannot_transcribe'),
    ('{"model": "speaker"}', 'agent_cannot_chat')
) as cases (named, code);
select is((select count(*) from public.chat_sessions where channel = 'voice'), 1::bigint, 'without a session');

-- A speech model that ended speaks with the voices of its successor.
insert into public.vendor_services (id, vendor_id, service_name, display_name, service_kind, voices) values
  ('openai_newer_speech', 'openai', 'newer-speech', 'Newer', 'speech', '{onyx}');
update public.vendor_services set retired_on = current_date, replaced_by = 'openai_newer_speech'
where id = (select service_id from public.agents where name = 'speaker');
select is(
  pg_temp.begin('alice', jsonb_build_object('session_id', session ->> 'session_id')) -> 'voices', '["onyx"]',
  'the voices are those of the model that answers'
) from begun;

-- An access key needs both scopes, or the answer would be refused behind the transcript.
insert into public.access_keys (id, organization_id, user_id, name, prefix, last_four) values
  ('a0000000-0000-4000-8000-000000000001', tests.id('acme'), tests.id('carol'), 'One', 'agb_1111', '1111');
insert into private.access_key_secrets (token_hash, access_key_id) values
  (repeat('1', 64), 'a0000000-0000-4000-8000-000000000001');
update public.profiles set current_organization_id = tests.id('acme') where id = tests.id('carol');
create function pg_temp.begin_with(scope text)
returns jsonb
language sql
as $$
  update public.access_keys set scopes = array[scope] where name = 'One';
  select public.begin_voice_turn(jsonb_build_object('access_key', repeat('1', 64)), '{"model": "talker"}')
$$;
select tests.refused(
  format('select pg_temp.begin_with(%L)', scope), 403, 'access_key_scope_missing', format('%s alone does not do', scope)
) from unnest(array['chat', 'audio']) as scope;

update public.access_keys set scopes = '{audio,chat}' where name = 'One';
create temporary table keyed as
select public.begin_voice_turn(jsonb_build_object('access_key', repeat('1', 64)), '{"model": "talker"}') as session;
select lives_ok(
  $$ select public.end_voice_turn(jsonb_build_object('access_key', repeat('1', 64)), session) from keyed $$,
  'a key with both begins a turn and ends it'
);
select is_empty(
  $$ select from public.chat_sessions join keyed on id = (session ->> 'id')::uuid $$, 'of which nothing is left where nothing was said'
);

-- Its turn, answered.
insert into public.chat_messages (session_id, interaction_id, role, content)
select (session ->> 'id')::uuid, '70000000-0000-4000-8000-000000000001', role, 'x'
from begun, unnest(array['user', 'assistant']) as role;
create function pg_temp.outcome(heard integer, spoken integer)
returns jsonb
language sql
as $$
  select session || jsonb_build_object(
    'chat_turn_id', '70000000-0000-4000-8000-000000000001',
    'heard', jsonb_build_object('path', pg_temp.path((session ->> 'id')::uuid, heard), 'duration_ms', 2500),
    'spoken', case when spoken is not null
      then jsonb_build_object('path', pg_temp.path((session ->> 'id')::uuid, spoken), 'duration_ms', null) end
  ) from begun
$$;
select lives_ok($$ select pg_temp.finish('eve', pg_temp.outcome(1, 2)) $$, 'another''s turn is ended in vain');
select is((select count(*) from public.chat_messages where audio_url is not null), 0::bigint, 'and nothing of it changes');
select pg_temp.finish('alice', pg_temp.outcome(1, 2));
select results_eq(
  $$ select role, right(audio_path, 6), audio_duration_ms from public.chat_messages where audio_path is not null order by seq $$,
  $$ values ('user', '1.webm', 2500), ('assistant', '2.webm', null) $$,
  'both messages get their recordings'
);
select is((select count(*) from public.chat_sessions where channel = 'voice'), 1::bigint, 'a session in which something was said stays');

-- Nothing was said.
create temporary table silent as select pg_temp.begin('alice', '{"model": "talker"}') as session;
select pg_temp.finish('eve', session) from silent;
select is((select count(*) from public.chat_sessions where channel = 'voice'), 2::bigint, 'another does not remove a session');
select pg_temp.finish('alice', session || '{"is_new": false}') from silent;
select is((select count(*) from public.chat_sessions where channel = 'voice'), 2::bigint, 'one that was there before stays');
select pg_temp.finish('alice', session) from silent;
select is((select count(*) from public.chat_sessions where channel = 'voice'), 1::bigint, 'a new one is removed');
select is((select count(*) from private.recordings_to_delete), 0::bigint, 'and no recording with it');

-- Each call counts, also where the function then refuses the voice and the session is removed.
update public.plans set user_requests_per_minute = 1;
select lives_ok($$ select pg_temp.finish('bob', pg_temp.begin('bob', '{"model": "talker"}')) $$, 'a voice turn is begun within the limit');
select tests.refused(
  $$ select pg_temp.begin('bob', '{"model": "talker"}') $$, 429, 'rate_limit_exceeded', 'and not beyond it'
);
select is((select count(*) from public.chat_sessions where channel = 'voice'), 1::bigint, 'without a session');
select tests.act_as('alice');
select tests.denied($$ select public.begin_voice_turn('{"user_id": "00000000-0000-4000-8000-00000000000b"}', '{}') $$, 'clients do not call it');

select * from finish();
rollback;
