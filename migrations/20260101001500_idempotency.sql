-- Idempotency: a call that is repeated with the same Idempotency-Key gets the
-- stored answer, and the model is called once. The ledger row carries the key;
-- the answer is kept beside it for a day, as the client was given it.

create table private.stored_answers (
  interaction_id uuid primary key references public.ai_interactions (id) on delete cascade,
  session_id uuid references public.chat_sessions (id) on delete cascade,
  body jsonb not null,
  expires_at timestamptz not null default now() + interval '24 hours',
  created_at timestamptz not null default now()
);
comment on table private.stored_answers is 'Answers of calls that carried an Idempotency-Key. They are what people were told, so no client reaches them.';
comment on column private.stored_answers.interaction_id is 'The turn.';
comment on column private.stored_answers.session_id is 'The conversation; an answer goes with it.';
comment on column private.stored_answers.body is 'The complete answer of a call without streaming; of a stream {"stream"}, its recording as text.';
comment on column private.stored_answers.expires_at is 'After this time the key may be used anew.';
comment on column private.stored_answers.created_at is 'When it was stored.';

grant select, insert, update, delete on private.stored_answers to service_role;
create index stored_answers_session_id_idx on private.stored_answers (session_id);
create index stored_answers_expires_at_idx on private.stored_answers (expires_at);

create function private.find_stored_answer(user_id uuid, request jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  turn public.ai_interactions;
  session text;
  answer private.stored_answers;
begin
  if request ->> 'idempotency_key' is null then
    return null;
  end if;
  -- Two first calls at once: the second waits here until the first has its row.
  perform pg_advisory_xact_lock(
    private.lock_namespace('idempotency_keys'), hashtext(find_stored_answer.user_id::text || ' ' || (request ->> 'idempotency_key'))
  );
  select turns.* into turn
  from public.ai_interactions turns
  where turns.user_id = find_stored_answer.user_id and turns.idempotency_key = request ->> 'idempotency_key';
  if turn.id is null then
    return null;
  end if;

  select answers.* into answer from private.stored_answers answers where answers.interaction_id = turn.id;
  if turn.turn_state <> 'running' and (answer.interaction_id is null or answer.expires_at < now()) then
    update public.ai_interactions
    set idempotency_key = null, request_fingerprint = null
    where ai_interactions.id = turn.id;
    return null;
  end if;
  -- Another session is another request, too, and so is another access key's. So settling an abandoned turn here
  -- locks no session but the one that this request may go on to lock.
  select sessions.session_id into session from public.chat_sessions sessions where sessions.id = turn.session_id;
  if turn.request_fingerprint <> request ->> 'fingerprint'
    or session <> request ->> 'session_id'
    or turn.access_key_id is distinct from ((select auth.jwt()) -> 'access_key' ->> 'id')::uuid
  then
    perform private.refuse(
      422, 'idempotency_key_reused', 'This Idempotency-Key was used for another request.', 'Use a new key for a new request.'
    );
  end if;
  if turn.turn_state = 'running' and turn.lease_expires_at < now() then
    perform public.settle_chat_turn(turn.id, private.abandoned_turn());
    return null;
  end if;
  if turn.turn_state = 'running' then
    perform private.refuse(
      409, 'request_in_progress', 'A request with this Idempotency-Key is still running.', 'Wait for its answer, then ask again.'
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
  'The stored answer {replay, turn_id, session_id, caller} of a request {idempotency_key, fingerprint} that was answered before; null when it is to run. Errors: PT409 request_in_progress, PT422 idempotency_key_reused.';
grant execute on function private.find_stored_answer(uuid, jsonb) to service_role;
