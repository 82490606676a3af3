-- The current state of what 000940_stored_answers.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table private.stored_answers (
  interaction_id uuid not null,
  user_id uuid not null,
  session_id uuid,
  access_key_id uuid,
  idempotency_key text not null,
  fingerprint text not null,
  body jsonb not null,
  expires_at timestamp with time zone not null,
  created_at timestamp with time zone default now() not null,
  constraint stored_answers_pkey PRIMARY KEY (interaction_id),
  constraint one_turn_per_idempotency_key UNIQUE (user_id, idempotency_key),
  constraint stored_answers_access_key_id_fkey FOREIGN KEY (access_key_id) REFERENCES public.access_keys(id) ON DELETE CASCADE,
  constraint stored_answers_interaction_id_fkey FOREIGN KEY (interaction_id) REFERENCES public.ai_interactions(id) ON DELETE CASCADE,
  constraint stored_answers_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.chat_sessions(id) ON DELETE CASCADE,
  constraint stored_answers_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE,
  constraint idempotency_key_is_1_to_255_characters CHECK (((char_length(idempotency_key) >= 1) AND (char_length(idempotency_key) <= 255)))
);
grant delete, insert, select, update on private.stored_answers to service_role;
CREATE INDEX stored_answers_access_key_id_idx ON private.stored_answers USING btree (access_key_id);
CREATE INDEX stored_answers_expires_at_idx ON private.stored_answers USING btree (expires_at);
CREATE INDEX stored_answers_session_id_idx ON private.stored_answers USING btree (session_id);

-- Functions --------------------------------------------------------------------------------------

create function private.store_answer(turn public.ai_interactions, outcome jsonb)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
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
$body$;
grant execute on function private.store_answer(public.ai_interactions,jsonb) to service_role;

create function private.store_replay(turn public.ai_interactions, running private.running_turns, outcome jsonb)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
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
$body$;
grant execute on function private.store_replay(public.ai_interactions,private.running_turns,jsonb) to service_role;

create function private.withdraw_messages(turn public.ai_interactions)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  update public.chat_messages
  set status = 'error'
  where chat_messages.interaction_id = withdraw_messages.turn.id;
  perform private.undo_branch(withdraw_messages.turn.session_id, withdraw_messages.turn.id);
end
$body$;
grant execute on function private.withdraw_messages(public.ai_interactions) to service_role;
