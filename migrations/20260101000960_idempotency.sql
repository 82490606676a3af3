-- How a repeated request is known and answered.

create function private.keep_idempotency_key(turn public.ai_interactions, request jsonb)
returns void
language sql
set search_path = ''
as $$
  insert into private.stored_answers (
    interaction_id, user_id, session_id, access_key_id, idempotency_key, fingerprint
  )
  select
    keep_idempotency_key.turn.id, keep_idempotency_key.turn.user_id,
    keep_idempotency_key.turn.session_id, keep_idempotency_key.turn.access_key_id,
    keep_idempotency_key.request ->> 'idempotency_key',
    keep_idempotency_key.request ->> 'fingerprint'
  where keep_idempotency_key.request ->> 'idempotency_key' is not null
$$;
comment on function private.keep_idempotency_key(public.ai_interactions, jsonb) is
  'Notes the Idempotency-Key of a request, if it has one, for a turn that begins.';
grant execute
  on function private.keep_idempotency_key(public.ai_interactions, jsonb)
  to service_role;

create function private.find_stored_answer(user_id uuid, request jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  given_key text := find_stored_answer.request ->> 'idempotency_key';
  answer private.stored_answers;
  turn public.ai_interactions;
  session text;
begin
  if given_key is null then
    return null;
  end if;
  -- Two first calls at once: the second waits here until the first has its row.
  perform pg_advisory_xact_lock(
    private.lock_namespace('idempotency_keys'),
    hashtext(find_stored_answer.user_id::text || ' ' || given_key)
  );
  select answers.* into answer
  from private.stored_answers answers
  where answers.user_id = find_stored_answer.user_id
    and answers.idempotency_key = given_key;
  if answer.interaction_id is null then
    return null;
  end if;

  select turns.* into turn from public.ai_interactions turns where turns.id = answer.interaction_id;
  -- What was answered in an organization stays there when its caller has left.
  if turn.organization_id <> all (array(select private.my_organizations('member')))
    or turn.turn_state <> 'running' and (answer.body is null or answer.expires_at < now())
  then
    delete from private.stored_answers where stored_answers.interaction_id = answer.interaction_id;
    return null;
  end if;
  -- Another session is another request, too, and so is another access key's. So settling an
  -- abandoned turn here locks no session but the one that this request may go on to lock.
  select sessions.session_id into session
  from public.chat_sessions sessions
  where sessions.id = turn.session_id;
  if answer.fingerprint <> find_stored_answer.request ->> 'fingerprint'
    or session <> find_stored_answer.request ->> 'session_id'
    or answer.access_key_id is distinct from ((select auth.jwt()) -> 'access_key' ->> 'id')::uuid
  then
    perform private.refuse(
      'idempotency_key_reused', 'This Idempotency-Key was used for a different request.',
      'Use a new key for a new request.'
    );
  end if;
  if turn.turn_state = 'running' and turn.lease_expires_at < now() then
    perform public.settle_chat_turn(turn.id, private.abandoned_turn());
    return null;
  end if;
  if turn.turn_state = 'running' then
    perform private.refuse(
      'request_in_progress', 'A request with this Idempotency-Key is still running.',
      'Wait for its answer, then send the request again.'
    );
  end if;
  return jsonb_build_object(
    'replay', answer.body,
    'turn_id', turn.id,
    'session_id', session,
    'caller', jsonb_build_object('user_id', turn.user_id, 'access_key_id', turn.access_key_id)
  );
end
$$;
comment on function private.find_stored_answer(uuid, jsonb) is
  'The stored answer {replay, turn_id, session_id, caller} of a request {idempotency_key, '
  'fingerprint} that was answered before; null when it is to run. Errors: PT409 '
  'request_in_progress, PT422 idempotency_key_reused.';
grant execute on function private.find_stored_answer(uuid, jsonb) to service_role;
