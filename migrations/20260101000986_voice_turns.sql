-- Voice turns: a recording is transcribed, answered and spoken. Each of the three is a separate
-- turn, with its own reservation and price; they share a session and the recordings of its
-- messages.

create function private.first_route(
  target private.chat_target, kinds text[], settings jsonb, payer uuid
)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  routes jsonb[] := private.all_routes(
    first_route.target, first_route.kinds, first_route.settings, first_route.payer
  );
begin
  if routes = '{}' then
    perform private.refuse_kind(first_route.kinds[1], first_route.target);
  end if;
  return routes[1];
end
$$;
comment on function private.first_route(private.chat_target, text[], jsonb, uuid) is
  'The first of all_routes(), whether it may be called now or not. Errors: PT400 of '
  'refuse_kind() where there is none.';
grant execute
  on function private.first_route(private.chat_target, text[], jsonb, uuid)
  to service_role;

create function private.route_of_model(model text, kind text, resolved private.resolved_turn)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  named private.resolved_turn;
begin
  if coalesce(route_of_model.model, '') = '' then
    return null;
  end if;
  -- As the turn will be, which belongs to the session without being part of its conversation.
  named := private.resolve_turn(jsonb_build_object(
    'model', route_of_model.model, 'organization_id', route_of_model.resolved.payer
  ));
  return private.first_route(
    named.target, array[route_of_model.kind], named.settings, named.payer
  );
end
$$;
comment on function private.route_of_model(text, text, private.resolved_turn) is
  'The route to a model of a kind, by its name in the organization of a session that is resolved; '
  'null for no name. Errors: those of resolve_turn() and first_route().';
grant execute
  on function private.route_of_model(text, text, private.resolved_turn)
  to service_role;

create function private.session_of_key(user_id uuid, idempotency_key text)
returns public.chat_sessions
language sql
stable
set search_path = ''
as $$
  select sessions.*
  from public.chat_sessions sessions
  where sessions.user_id = session_of_key.user_id
    and sessions.id = coalesce(
      (
        select turns.session_id from private.running_turns turns
        where turns.user_id = session_of_key.user_id
          and turns.idempotency_key = session_of_key.idempotency_key
      ),
      (
        select answers.session_id from private.stored_answers answers
        where answers.user_id = session_of_key.user_id
          and answers.idempotency_key = session_of_key.idempotency_key
          and answers.expires_at > now()
      )
    )
$$;
comment on function private.session_of_key(uuid, text) is
  'The session of the turn that a person began with an Idempotency-Key, running or answered; null '
  'for none.';
grant execute on function private.session_of_key(uuid, text) to service_role;

create function public.begin_voice_turn(caller jsonb, request jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  profile public.profiles;
  resolved private.resolved_turn;
  session public.chat_sessions;
  hearing text;
  speaking text;
  route jsonb;
  is_new boolean := false;
begin
  perform private.set_idle_timeout();
  -- Both scopes of the access key are checked before anything is spent.
  perform private.impersonate(begin_voice_turn.caller, 'audio');
  profile := private.impersonate(begin_voice_turn.caller, 'chat');
  resolved := private.resolve_turn(begin_voice_turn.request);
  hearing := coalesce(
    begin_voice_turn.request ->> 'transcription_model',
    (resolved.agent).speech_processing ->> 'model'
  );
  speaking := coalesce(
    begin_voice_turn.request ->> 'speech_model', (resolved.agent).voice_settings ->> 'model'
  );
  -- What each part needs is checked before anything is spent.
  perform private.first_route(
    resolved.target, array['chat', 'search'], resolved.settings, resolved.payer
  );
  perform private.route_of_model(hearing, 'transcription', resolved);
  route := private.route_of_model(speaking, 'speech', resolved);
  -- Rate limited separately: a request with an unknown voice begins no turn.
  perform private.take_rate_limit(
    'voice:' || profile.id, (private.plan_limits(resolved.payer) ->> 'user_per_minute')::integer
  );
  session := resolved.session;
  -- A repeated request continues in the session that the first one created.
  if session.id is null then
    session := private.session_of_key(profile.id, begin_voice_turn.request ->> 'idempotency_key');
  end if;
  if session.id is null then
    is_new := true;
    session := private.new_chat_session(resolved.target, resolved.payer, 'Voice');
    update public.chat_sessions set channel = 'voice' where chat_sessions.id = session.id;
  end if;
  return jsonb_build_object(
    'id', session.id,
    'session_id', session.session_id,
    'organization_id', session.org_id,
    'is_new', is_new,
    'transcription_model', hearing,
    'speech_model', speaking,
    'speech_api', route -> 'api_format',
    'voices', route -> 'voices',
    'voice', (resolved.agent).voice_id,
    'voice_settings', (resolved.agent).voice_settings,
    'speech_processing', (resolved.agent).speech_processing,
    'is_recorded', coalesce(((resolved.agent).security ->> 'recording')::boolean, true)
  );
end
$$;
comment on function public.begin_voice_turn(jsonb, jsonb) is
  'The session of a voice turn for a caller and a request {"model", "session_id", '
  '"transcription_model", "speech_model", "idempotency_key" (of its chat)}, a new one where it '
  'names none and no earlier request had the key, and what its agent says of voices and '
  'recordings: the fields of voiceSessionSchema in functions/audio/voice_schema.ts. Errors: those '
  'of resolve_turn(), first_route() and route_of_model(), PT403 access_key_scope_missing, PT429 '
  'rate_limit_exceeded. Backend only.';
grant execute on function public.begin_voice_turn(jsonb, jsonb) to service_role;

create function private.attach_recording(turn_id uuid, role text, recording jsonb)
returns void
language sql
set search_path = ''
as $$
  update public.chat_messages
  set audio_url = attach_recording.recording ->> 'path',
      audio_duration_ms = (attach_recording.recording ->> 'duration_ms')::integer
  where chat_messages.id = (
    select messages.id from public.chat_messages messages
    where messages.interaction_id = attach_recording.turn_id
      and messages.role = attach_recording.role
    order by messages.seq desc
    limit 1
  )
  and attach_recording.recording ->> 'path' is not null
$$;
comment on function private.attach_recording(uuid, text, jsonb) is
  'Attaches {"path", "duration_ms"} to the user''s message of a turn, or to its answer.';
grant execute on function private.attach_recording(uuid, text, jsonb) to service_role;

create function public.end_voice_turn(caller jsonb, outcome jsonb)
returns void
language plpgsql
set search_path = ''
as $$
declare
  profile public.profiles := private.impersonate(end_voice_turn.caller, 'audio');
  session public.chat_sessions;
begin
  select sessions.* into session
  from public.chat_sessions sessions
  where sessions.id = (end_voice_turn.outcome ->> 'id')::uuid and sessions.user_id = profile.id
  for no key update;
  if session.id is null then
    return;
  end if;
  if exists (
    select from public.chat_messages messages
    where messages.session_id = session.id
      and messages.interaction_id = (end_voice_turn.outcome ->> 'chat_turn_id')::uuid
  ) then
    perform private.attach_recording(
      (end_voice_turn.outcome ->> 'chat_turn_id')::uuid, 'user', end_voice_turn.outcome -> 'heard'
    );
    perform private.attach_recording(
      (end_voice_turn.outcome ->> 'chat_turn_id')::uuid, 'assistant',
      end_voice_turn.outcome -> 'spoken'
    );
  end if;
  -- A session that only this turn created has no messages.
  delete from public.chat_sessions
  where chat_sessions.id = session.id
    and (end_voice_turn.outcome ->> 'is_new')::boolean
    and not exists (
      select from public.chat_messages where chat_messages.session_id = session.id
    );
end
$$;
comment on function public.end_voice_turn(jsonb, jsonb) is
  'Ends a voice turn of a caller: {"id" and "is_new" of begin_voice_turn(), "chat_turn_id", '
  '"heard", "spoken": {"path", "duration_ms"}}. The recordings become part of its messages; a new '
  'session without messages is removed. Errors: those of impersonate(). Backend only.';
grant execute on function public.end_voice_turn(jsonb, jsonb) to service_role;
