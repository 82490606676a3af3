-- The session of a turn: the one that a request names, the one that continues an earlier turn, the
-- one whose conversation it begins with, or a new one.

create function private.running_turn(session_id uuid)
returns uuid
language plpgsql
set search_path = ''
as $$
declare
  running private.running_turns;
begin
  select turns.* into running
  from private.running_turns turns
  where turns.session_id = running_turn.session_id;
  if running.lease_expires_at < now() then
    perform public.settle_chat_turn(running.id, private.abandoned_turn());
    return null;
  end if;
  return running.id;
end
$$;
comment on function private.running_turn(uuid) is
  'The turn that a session is busy with, or null; one that was abandoned is settled first. The '
  'caller has locked the session.';
grant execute on function private.running_turn(uuid) to service_role;

create function private.continue_chat_session(session_id text)
returns public.chat_sessions
language plpgsql
strict
set search_path = ''
as $$
declare
  me constant uuid := auth.uid();
  visited constant uuid := private.visitor_session_id();
  session public.chat_sessions;
begin
  -- The lock serializes requests on one session, so that exactly one of them finds it free.
  select sessions.* into session
  from public.chat_sessions sessions
  where sessions.session_id = continue_chat_session.session_id
    and case when visited is null then sessions.user_id = me else sessions.id = visited end
  for no key update;
  -- Its agent reads the history, so a key for some agents continues only their sessions.
  if session.id is null
    or not private.key_allows(session.agent_id)
    or not private.has_role(session.org_id, 'member')
  then
    perform private.refuse('session_not_found', 'Session not found, or it is not yours.');
  end if;
  if session.status <> 'active' then
    perform private.refuse('session_ended', 'This session has ended.');
  end if;

  if private.running_turn(session.id) is not null then
    perform private.refuse('session_busy', 'This session is busy with another request.');
  end if;
  return session;
end
$$;
comment on function private.continue_chat_session(text) is
  'The caller''s session, or a visitor''s own, locked and free for a turn; null for none. Errors: '
  'PT404 session_not_found, PT409 session_busy, PT422 session_ended.';
grant execute on function private.continue_chat_session(text) to service_role;

create function private.session_of_turn(turn_id text)
returns public.chat_sessions
language plpgsql
strict
set search_path = ''
as $$
declare
  answer public.chat_messages;
  session public.chat_sessions;
  running uuid;
begin
  select messages.* into answer
  from public.chat_messages messages
  where messages.interaction_id = private.as_uuid(session_of_turn.turn_id)
    and messages.status <> 'error'
    and not private.is_deleted_response(messages.interaction_id)
  order by messages.seq desc
  limit 1;
  select sessions.* into session
  from public.chat_sessions sessions
  where sessions.id = answer.session_id
    and sessions.user_id = (select auth.uid())
    and sessions.org_id = any (array(select private.my_organizations('member')))
    and private.key_allows(sessions.agent_id)
  for no key update;
  if session.id is null then
    perform private.refuse(
      'turn_not_found', 'The turn to continue was not found, or it is not yours.'
    );
  end if;
  running := private.running_turn(session.id);
  if running = answer.interaction_id then
    perform private.refuse(
      'session_busy', 'The turn to continue is still running.',
      'Wait for its answer, then send the request again.'
    );
  elsif running is not null or session.status <> 'active' then
    -- A conversation may continue on several branches at the same time.
    return private.copy_session(session, private.branch_until(session.id, answer.seq));
  end if;
  return session;
end
$$;
comment on function private.session_of_turn(text) is
  'The session that continues an earlier turn of the caller, locked: its own, or a copy up to this '
  'turn if that one is busy or has ended; null for no turn. Errors: PT404 turn_not_found, PT409 '
  'session_busy.';
grant execute on function private.session_of_turn(text) to service_role;

create function private.copy_session(session public.chat_sessions, history int8multirange)
returns public.chat_sessions
language plpgsql
set search_path = ''
as $$
declare
  made public.chat_sessions;
begin
  insert into public.chat_sessions (user_id, org_id, agent_id, model_id, title)
  values (
    copy_session.session.user_id, copy_session.session.org_id, copy_session.session.agent_id,
    copy_session.session.model_id, copy_session.session.title
  )
  returning * into made;
  insert into public.chat_messages (
    session_id, role, content, content_parts, name, tool_calls, tool_call_id, continuation,
    finish_reason, status, history_fingerprint
  )
  select
    made.id, messages.role, messages.content, messages.content_parts, messages.name,
    messages.tool_calls, messages.tool_call_id, messages.continuation, messages.finish_reason,
    messages.status, messages.history_fingerprint
  from public.chat_messages messages
  where messages.session_id = copy_session.session.id
    and messages.seq <@ copy_session.history
    and (
      messages.content_fingerprint is not null and messages.status <> 'error'
      or messages.seq = any (
        (private.instructions_in_force(
          copy_session.session.id, copy_session.history, 20971520
        )).seqs
      )
    )
  order by messages.seq;
  return made;
end
$$;
comment on function private.copy_session(public.chat_sessions, int8multirange) is
  'A new session of the caller with the messages of a branch of another one.';
grant execute
  on function private.copy_session(public.chat_sessions, int8multirange)
  to service_role;

create function private.find_chat_session(
  target private.chat_target, payer uuid, said private.request_messages
)
returns public.chat_sessions
language plpgsql
set search_path = ''
as $$
declare
  session public.chat_sessions;
begin
  if find_chat_session.said.answers is null then
    return null;
  end if;
  -- One that another request holds is busy.
  select sessions.* into session
  from public.chat_sessions sessions
  where sessions.id = (
    select found.answer_session
    from private.find_answer(
      find_chat_session.said, (select auth.uid()), find_chat_session.payer,
      find_chat_session.target.agent_id, null
    ) found
  )
    and sessions.status = 'active'
    and sessions.user_id = (select auth.uid())
    and sessions.org_id = find_chat_session.payer
    and sessions.agent_id is not distinct from find_chat_session.target.agent_id
  for no key update skip locked;
  if session.id is null or private.running_turn(session.id) is not null then
    return null;
  end if;
  return session;
end
$$;
comment on function private.find_chat_session(
  private.chat_target, uuid, private.request_messages
) is
  'The caller''s session whose conversation a request begins with, locked and free for a turn; '
  'null for none.';
grant execute
  on function private.find_chat_session(private.chat_target, uuid, private.request_messages)
  to service_role;

create function private.new_chat_session(target private.chat_target, payer uuid, title text)
returns public.chat_sessions
language plpgsql
set search_path = ''
as $$
declare
  made public.chat_sessions;
begin
  insert into public.chat_sessions (user_id, org_id, agent_id, model_id, title)
  values (
    (select auth.uid()), new_chat_session.payer, new_chat_session.target.agent_id,
    new_chat_session.target.model_id,
    private.plain_label(new_chat_session.title)
  )
  returning * into made;
  return made;
end
$$;
comment on function private.new_chat_session(private.chat_target, uuid, text) is
  'A new session of the caller with the target of a turn, in the organization that pays.';
grant execute on function private.new_chat_session(private.chat_target, uuid, text) to service_role;
