-- The current state of what 000970_resolving_turns.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.chatted_organization(organization_id uuid)
returns uuid
language plpgsql stable strict security invoker
set search_path=""
as $body$
begin
  if not private.has_role(chatted_organization.organization_id, 'member') then
    perform private.refuse(
      'session_not_found', 'Session not found, or it is not yours.',
      'Leave the session id out to start a new session.'
    );
  end if;
  return chatted_organization.organization_id;
end
$body$;
grant execute on function private.chatted_organization(uuid) to service_role;

create function private.paying_organization(agent public.agents)
returns uuid
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return case
    when private.has_role(paying_organization.agent.organization_id, 'member')
      then paying_organization.agent.organization_id
    else private.my_organization()
  end;
end
$body$;
grant execute on function private.paying_organization(public.agents) to service_role;

create function private.place_of_request(resolved private.resolved_turn, request jsonb)
returns private.turn_place
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  said private.request_messages := private.read_messages(
    place_of_request.request -> 'messages'
  );
  session public.chat_sessions := private.session_of_request(
    place_of_request.resolved, said, place_of_request.request
  );
  place private.turn_place := private.place_of_turn(
    session, said, (place_of_request.request ->> 'continues_turn')::uuid
  );
begin
  perform private.check_message_length(place_of_request.resolved.agent, place.stored);
  place.session := session;
  return place;
end
$body$;
grant execute on function private.place_of_request(private.resolved_turn,jsonb) to service_role;

create function private.resolve_turn(request jsonb)
returns private.resolved_turn
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  resolved private.resolved_turn;
  session public.chat_sessions := case
    when resolve_turn.request ->> 'continues_turn' is null
      then private.continue_chat_session(resolve_turn.request ->> 'session_id')
    else private.session_of_turn(resolve_turn.request ->> 'continues_turn')
  end;
  -- Names keep their meaning in the session's organization, which pays.
  its_own uuid := coalesce(
    session.org_id,
    private.chatted_organization((resolve_turn.request ->> 'organization_id')::uuid)
  );
  organization uuid := coalesce(its_own, private.my_organization());
  settings jsonb := (
    select organizations.settings
    from public.organizations
    where organizations.id = organization
  );
  target private.chat_target := private.target_of_turn(
    resolve_turn.request ->> 'model', settings, session, organization
  );
  agent public.agents;
begin
  select agents.* into agent from public.agents where agents.id = target.agent_id;
  if agent.is_published then
    agent := private.agent_for_caller(agent);
  end if;
  -- The cheap half first: few turns need the other.
  if agent.organization_id <> its_own then
    if private.has_role(agent.organization_id, 'member') then
      perform private.refuse(
        'session_of_another_organization',
        format('The agent "%s" belongs to a different organization than this session.', agent.name)
      );
    end if;
  end if;
  resolved.session := session;
  resolved.settings := settings;
  resolved.target := target;
  resolved.agent := agent;
  resolved.payer := coalesce(its_own, private.paying_organization(agent));
  resolved.max_tokens := coalesce(
    (resolve_turn.request ->> 'max_output_tokens')::integer,
    agent.max_tokens,
    (settings ->> 'max_tokens')::integer
  );
  if resolved.payer <> organization then
    settings := (
      select organizations.settings
      from public.organizations
      where organizations.id = resolved.payer
    );
  end if;
  resolved.is_broadcast := coalesce((settings ->> 'broadcast_turns')::boolean, false);
  return resolved;
end
$body$;
grant execute on function private.resolve_turn(jsonb) to service_role;

create function private.session_of_request(resolved private.resolved_turn, said private.request_messages, request jsonb)
returns public.chat_sessions
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  session public.chat_sessions := session_of_request.resolved.session;
begin
  if session.id is not null or session_of_request.request @> '{"store": false}' then
    return session;
  end if;
  session := private.find_chat_session(
    session_of_request.resolved.target, session_of_request.resolved.payer, session_of_request.said
  );
  if session.id is not null then
    return session;
  end if;
  return private.new_chat_session(
    session_of_request.resolved.target, session_of_request.resolved.payer,
    coalesce(
      nullif(session_of_request.request ->> 'title', ''),
      private.title_of(session_of_request.said.messages)
    )
  );
end
$body$;
grant execute on function private.session_of_request(private.resolved_turn,private.request_messages,jsonb) to service_role;

create function private.target_of_turn(model text, settings jsonb, session public.chat_sessions, organization uuid)
returns private.chat_target
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  target private.chat_target;
begin
  if coalesce(target_of_turn.model, '') = '' and target_of_turn.session.agent_id is not null then
    -- A session that continues without a model keeps its own.
    target := private.resolve_chat_target(
      target_of_turn.session.agent_id::text, target_of_turn.settings, target_of_turn.organization
    );
    target := coalesce(
      (
        select private.with_service(
          row(models.agent_id, models.id, models.service_id)::private.chat_target
        )
        from public.models where models.id = target_of_turn.session.model_id and models.enabled
      ),
      target
    );
  else
    target := private.resolve_chat_target(
      target_of_turn.model, target_of_turn.settings, target_of_turn.organization
    );
  end if;
  return target;
end
$body$;
grant execute on function private.target_of_turn(text,jsonb,public.chat_sessions,uuid) to service_role;
