-- What a request means: the session that it continues, the agent that it names, and who pays.

create function private.continue_chat_session(session_id text)
returns public.chat_sessions
language plpgsql
strict
set search_path = ''
as $$
declare
  session public.chat_sessions;
  running public.ai_interactions;
begin
  -- The lock makes two requests on one session take turns here, so that exactly
  -- one of them finds it free.
  select sessions.* into session
  from public.chat_sessions sessions
  where sessions.session_id = continue_chat_session.session_id
    and sessions.user_id = auth.uid()
    -- Its agent reads what was said, so a key for some agents goes on with theirs only.
    and private.key_allows(sessions.agent_id)
  for no key update;
  if session.id is null or session.org_id <> all (array(select private.my_organizations('member')))
  then
    perform private.refuse(
      'session_not_found', 'Session not found, or it is not yours.',
      'Leave the session id out to start a new session.'
    );
  end if;
  if session.status <> 'active' then
    perform private.refuse(
      'session_ended', 'This session has ended.',
      'Set its status to "active" to continue it, or leave the session id out to start a new one.'
    );
  end if;

  -- A unique index knows of one at most.
  select turns.* into running
  from public.ai_interactions turns
  where turns.session_id = session.id and turns.turn_state = 'running';
  if running.lease_expires_at < now() then
    perform public.settle_chat_turn(running.id, private.abandoned_turn());
  elsif running.id is not null then
    perform private.refuse(
      'session_busy', 'This session is busy with another request.',
      'Wait for that answer, then send the request again.'
    );
  end if;
  return session;
end
$$;
comment on function private.continue_chat_session(text) is
  'The caller''s session, locked and free for a turn; null for none. Errors: PT404 '
  'session_not_found, PT409 session_busy, PT422 session_ended.';
grant execute on function private.continue_chat_session(text) to service_role;

create function private.paying_organization(agent public.agents)
returns uuid
language plpgsql
stable
set search_path = ''
as $$
begin
  return case
    when paying_organization.agent.organization_id = any (
      array(select private.my_organizations('member'))
    )
      then paying_organization.agent.organization_id
    else private.my_organization()
  end;
end
$$;
comment on function private.paying_organization(public.agents) is
  'The organization that pays for the caller''s turn with an agent: the agent''s where the '
  'caller is a member, else the caller''s own.';
grant execute on function private.paying_organization(public.agents) to service_role;

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
  'A new session of the caller with what a turn goes to, in the organization that pays.';
grant execute on function private.new_chat_session(private.chat_target, uuid, text) to service_role;

create function private.target_of_turn(model text, settings jsonb, session public.chat_sessions)
returns private.chat_target
language plpgsql
stable
set search_path = ''
as $$
declare
  -- A session stays where it was begun, so a name means there what it meant.
  organization uuid := coalesce(target_of_turn.session.org_id, private.my_organization());
  target private.chat_target;
  agent public.agents;
begin
  if coalesce(target_of_turn.model, '') = '' and target_of_turn.session.agent_id is not null then
    -- A session that goes on without a model goes on with its own.
    target := private.resolve_chat_target(
      target_of_turn.session.agent_id::text, target_of_turn.settings, organization
    );
    target := coalesce(
      (
        select row(models.agent_id, models.id, models.service_id)::private.chat_target
        from public.models where models.id = target_of_turn.session.model_id and models.enabled
      ),
      target
    );
  else
    target := private.resolve_chat_target(
      target_of_turn.model, target_of_turn.settings, organization
    );
  end if;

  select agents.* into agent from public.agents where agents.id = target.agent_id;
  -- The cheap half first: hardly any turn has the other to answer.
  if (
    case
      when agent.organization_id <> target_of_turn.session.org_id
        then agent.organization_id = any (array(select private.my_organizations('member')))
    end
  )
  then
    perform private.refuse(
      'session_of_another_organization',
      format('The agent "%s" belongs to a different organization than this session.', agent.name),
      'Leave the session id out to start a new session.'
    );
  end if;
  return target;
end
$$;
comment on function private.target_of_turn(text, jsonb, public.chat_sessions) is
  'What a turn goes to: what the request names, else what the session goes on with, else the '
  'organization''s default. Errors: those of resolve_chat_target, PT422 '
  'session_of_another_organization.';
grant execute on function private.target_of_turn(text, jsonb, public.chat_sessions) to service_role;

create type private.resolved_turn as (
  session public.chat_sessions,
  settings jsonb,
  target private.chat_target,
  agent public.agents,
  payer uuid,
  max_tokens integer
);
comment on type private.resolved_turn is
  'What a request means: the session that it goes on, the settings of the organization it works '
  'in, what its model names, who pays, and the longest answer that anybody asked for.';

create function private.resolve_turn(request jsonb)
returns private.resolved_turn
language plpgsql
set search_path = ''
as $$
declare
  resolved private.resolved_turn;
  session public.chat_sessions := private.continue_chat_session(
    resolve_turn.request ->> 'session_id'
  );
  settings jsonb := (
    select organizations.settings
    from public.organizations
    where organizations.id = coalesce(session.org_id, private.my_organization())
  );
  target private.chat_target := private.target_of_turn(
    resolve_turn.request ->> 'model', settings, session
  );
  agent public.agents;
begin
  select agents.* into agent from public.agents where agents.id = target.agent_id;
  resolved.session := session;
  resolved.settings := settings;
  resolved.target := target;
  resolved.agent := agent;
  resolved.payer := coalesce(session.org_id, private.paying_organization(agent));
  resolved.max_tokens := coalesce(
    (resolve_turn.request ->> 'max_output_tokens')::integer,
    agent.max_tokens,
    (settings ->> 'max_tokens')::integer
  );
  return resolved;
end
$$;
comment on function private.resolve_turn(jsonb) is
  'What a request {"session_id", "model", "max_output_tokens"} of the caller means. Locks the '
  'session. Errors: those of continue_chat_session() and target_of_turn().';
grant execute on function private.resolve_turn(jsonb) to service_role;
