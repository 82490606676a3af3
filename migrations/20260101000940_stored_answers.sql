-- Stored answers of idempotent requests. A call that is repeated with the same Idempotency-Key gets
-- the stored answer, and the model is called once. The key is kept beside the ledger, which
-- co-members read: a key is often an order number, and a hash of a short prompt can be guessed. It
-- is deleted with its person, conversation or access key, and so is the answer.

create table private.stored_answers (
  interaction_id uuid primary key references public.ai_interactions (id) on delete cascade,
  user_id uuid not null references public.profiles (id) on delete cascade,
  session_id uuid references public.chat_sessions (id) on delete cascade,
  access_key_id uuid references public.access_keys (id) on delete cascade,
  idempotency_key text not null,
  fingerprint text not null,
  body jsonb not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  constraint one_turn_per_idempotency_key unique (user_id, idempotency_key),
  constraint idempotency_key_is_1_to_255_characters
    check (char_length(idempotency_key) between 1 and 255)
);
comment on table private.stored_answers is
  'Answers to calls with an Idempotency-Key. They are private content, so no client reaches them.';
comment on column private.stored_answers.interaction_id is 'The turn whose answer is stored.';
comment on column private.stored_answers.user_id is
  'The user who sent the key; two users may send the same.';
comment on column private.stored_answers.session_id is 'The conversation; an answer goes with it.';
comment on column private.stored_answers.access_key_id is
  'The access key that the call authenticated with; null for a user''s token.';
comment on column private.stored_answers.idempotency_key is
  'The header Idempotency-Key of the call.';
comment on column private.stored_answers.fingerprint is
  'SHA-256 of the call''s body: the same key with another body is refused.';
comment on column private.stored_answers.body is
  'The complete answer of a call without streaming; of a stream {"stream"}, its recording as '
  'text.';
comment on column private.stored_answers.expires_at is
  'After this time the key may be used for another request.';
comment on column private.stored_answers.created_at is 'When the turn was settled.';

grant select, insert, update, delete on private.stored_answers to service_role;
create index stored_answers_session_id_idx on private.stored_answers (session_id);
create index stored_answers_access_key_id_idx on private.stored_answers (access_key_id);
create index stored_answers_expires_at_idx on private.stored_answers (expires_at);

create function private.store_replay(
  turn public.ai_interactions, running private.running_turns, outcome jsonb
)
returns void
language plpgsql
set search_path = ''
as $$
begin
  if store_replay.outcome ->> 'state' <> 'succeeded'
    or jsonb_typeof(store_replay.outcome -> 'answer') is distinct from 'object'
    -- Its owner was deleted.
    or (store_replay.turn.user_id, store_replay.turn.session_id, store_replay.turn.access_key_id)
      is distinct from (
        case when not store_replay.running.is_visitors then store_replay.running.user_id end,
        store_replay.running.session_id, store_replay.running.access_key_id
      )
    or not exists (select from public.profiles where profiles.id = store_replay.running.user_id)
  then
    return;
  end if;
  insert into private.stored_answers (
    interaction_id, user_id, session_id, access_key_id, idempotency_key, fingerprint, body,
    expires_at
  )
  values (
    store_replay.turn.id, store_replay.running.user_id, store_replay.turn.session_id,
    store_replay.turn.access_key_id, store_replay.running.idempotency_key,
    store_replay.running.fingerprint, store_replay.outcome -> 'answer',
    now() + (private.limits()).stored_answer_lifetime
  );
end
$$;
comment on function private.store_replay(public.ai_interactions, private.running_turns, jsonb) is
  'Stores what a turn is to answer when its request is repeated. A turn that did not succeed '
  'releases its Idempotency-Key, and so does one whose person, conversation or access key was '
  'deleted.';
grant execute
  on function private.store_replay(public.ai_interactions, private.running_turns, jsonb)
  to service_role;

create function private.withdraw_messages(turn public.ai_interactions)
returns void
language plpgsql
set search_path = ''
as $$
begin
  update public.chat_messages
  set status = 'error'
  where chat_messages.interaction_id = withdraw_messages.turn.id;
  perform private.undo_branch(withdraw_messages.turn.session_id, withdraw_messages.turn.id);
end
$$;
comment on function private.withdraw_messages(public.ai_interactions) is
  'Takes the messages of a failed turn out of the history.';
grant execute on function private.withdraw_messages(public.ai_interactions) to service_role;

create function private.store_answer(turn public.ai_interactions, outcome jsonb)
returns void
language plpgsql
set search_path = ''
as $$
declare
  calls jsonb := nullif(store_answer.outcome -> 'tool_calls', 'null');
  usage jsonb := case jsonb_typeof(store_answer.outcome -> 'usage')
    when 'object' then private.bounded_usage(store_answer.outcome -> 'usage')
  end;
begin
  if store_answer.outcome ->> 'state' = 'failed' then
    perform private.withdraw_messages(store_answer.turn);
  end if;
  if store_answer.turn.session_id is null
    or num_nonnulls(
      store_answer.outcome ->> 'content', store_answer.outcome ->> 'tool_calls',
      store_answer.outcome ->> 'usage'
    ) = 0
  then
    return;
  end if;
  perform set_config('agentbase.is_turn', 'on', true);
  insert into public.chat_messages (
    session_id, interaction_id, role, content, tool_calls, continuation, history_fingerprint,
    finish_reason, status, tokens_in, tokens_out, tokens_used, latency_ms, model_used
  )
  values (
    store_answer.turn.session_id,
    store_answer.turn.id,
    'assistant',
    coalesce(store_answer.outcome ->> 'content', ''),
    calls,
    private.continuation_of(
      coalesce(nullif(store_answer.outcome -> 'continuation', 'null'), '{}')
        || jsonb_build_object('role', 'assistant', 'tool_calls', calls),
      store_answer.outcome ->> 'vendor_id'
    ),
    case
      when store_answer.outcome ->> 'state' <> 'failed' then private.history_fingerprint_of(
        store_answer.turn.session_id,
        private.message_fingerprint(
          'assistant', null, coalesce(store_answer.outcome ->> 'content', ''), null, calls
        )
      )
    end,
    store_answer.outcome ->> 'finish_reason',
    case store_answer.outcome ->> 'state'
      when 'succeeded' then 'complete' when 'partial' then 'partial' else 'error'
    end,
    (usage ->> 'input_tokens')::integer,
    (usage ->> 'output_tokens')::integer,
    (usage ->> 'input_tokens')::integer + (usage ->> 'output_tokens')::integer,
    (store_answer.outcome ->> 'latency_ms')::integer,
    case
      when private.is_label(store_answer.outcome ->> 'model_used')
        then store_answer.outcome ->> 'model_used'
    end
  );
  perform set_config('agentbase.is_turn', '', true);
  perform private.count_messages(store_answer.turn.session_id, 1, now(), true);
  if store_answer.outcome ? 'prompt_limit' then
    perform private.record_prompt_limit(store_answer.turn.session_id, store_answer.outcome);
  end if;
end
$$;
comment on function private.store_answer(public.ai_interactions, jsonb) is
  'Stores what a turn answered, if anything, and takes the messages of a failed turn out of the '
  'history.';
grant execute on function private.store_answer(public.ai_interactions, jsonb) to service_role;
