-- How a repeated request is recognized and answered.

create function private.session_of_repeat(
  fingerprint text, session_id uuid, access_key_id uuid, request jsonb
)
returns text
language plpgsql
stable
set search_path = ''
as $$
declare
  session text := (
    select sessions.session_id
    from public.chat_sessions sessions
    where sessions.id = session_of_repeat.session_id
  );
begin
  -- Another session is another request, too, and so is another access key's. So settling an
  -- abandoned turn here locks no other session than this request may lock later.
  if session_of_repeat.fingerprint <> session_of_repeat.request ->> 'fingerprint'
    or session <> session_of_repeat.request ->> 'session_id'
    or session_of_repeat.access_key_id
      is distinct from ((select auth.jwt()) -> 'access_key' ->> 'id')::uuid
  then
    perform private.refuse(
      'idempotency_key_reused', 'This Idempotency-Key was used for a different request.'
    );
  end if;
  return session;
end
$$;
comment on function private.session_of_repeat(text, uuid, uuid, jsonb) is
  'The session in which a request with the same Idempotency-Key was made, by its public name. '
  'Errors: PT422 idempotency_key_reused.';
grant execute on function private.session_of_repeat(text, uuid, uuid, jsonb) to service_role;

create function private.refuse_running_repeat(user_id uuid, request jsonb)
returns void
language plpgsql
set search_path = ''
as $$
declare
  running private.running_turns;
begin
  select turns.* into running
  from private.running_turns turns
  where turns.user_id = refuse_running_repeat.user_id
    and turns.idempotency_key = refuse_running_repeat.request ->> 'idempotency_key';
  if running.id is null then
    return;
  end if;
  perform private.session_of_repeat(
    running.fingerprint, running.session_id, running.access_key_id, refuse_running_repeat.request
  );
  if running.lease_expires_at < now() then
    perform public.settle_chat_turn(running.id, private.abandoned_turn());
    return;
  end if;
  perform private.refuse(
    'request_in_progress', 'A request with this Idempotency-Key is still running.'
  );
end
$$;
comment on function private.refuse_running_repeat(uuid, jsonb) is
  'Refuses a request whose Idempotency-Key belongs to a running turn, or settles that turn where '
  'it was abandoned. Errors: PT409 request_in_progress, PT422 idempotency_key_reused.';
grant execute on function private.refuse_running_repeat(uuid, jsonb) to service_role;

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
  -- Of two simultaneous first calls, the second waits here until the first has its row.
  perform pg_advisory_xact_lock(
    private.lock_namespace('idempotency_keys'),
    hashtext(find_stored_answer.user_id::text || ' ' || given_key)
  );
  select answers.* into answer
  from private.stored_answers answers
  where answers.user_id = find_stored_answer.user_id
    and answers.idempotency_key = given_key;
  if answer.interaction_id is null then
    perform private.refuse_running_repeat(find_stored_answer.user_id, find_stored_answer.request);
    return null;
  end if;

  select turns.* into turn from public.ai_interactions turns where turns.id = answer.interaction_id;
  -- Answers of an organization stay there after their caller has left.
  if turn.organization_id <> all (array(select private.my_organizations('member')))
    or answer.expires_at < now()
  then
    delete from private.stored_answers where stored_answers.interaction_id = answer.interaction_id;
    return null;
  end if;
  session := private.session_of_repeat(
    answer.fingerprint, turn.session_id, turn.access_key_id, find_stored_answer.request
  );
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
