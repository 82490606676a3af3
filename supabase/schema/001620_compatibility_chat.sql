-- The current state of what 001620_compatibility_chat.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

CREATE TRIGGER delete_agent_session INSTEAD OF DELETE ON public.agent_sessions FOR EACH ROW EXECUTE FUNCTION private.delete_agent_session();
CREATE TRIGGER insert_agent_session INSTEAD OF INSERT ON public.agent_sessions FOR EACH ROW EXECUTE FUNCTION private.insert_agent_session();
CREATE TRIGGER update_agent_session INSTEAD OF UPDATE ON public.agent_sessions FOR EACH ROW EXECUTE FUNCTION private.update_agent_session();

-- Views ------------------------------------------------------------------------------------------

create view public.agent_messages with (security_invoker=true) as
 SELECT id,
    session_id,
    role,
    content,
    audio_url,
    audio_duration_ms,
    tokens_used,
    latency_ms,
    model_used,
    created_at
   FROM public.chat_messages;
grant delete, insert, select, update on public.agent_messages to service_role;
grant insert (session_id, role, content, audio_url, audio_duration_ms, tokens_used, latency_ms, model_used), select on public.agent_messages to authenticated;

create view public.agent_sessions with (security_invoker=true) as
 SELECT id,
    session_id,
    agent_id,
    user_id,
    website_domain,
    abbrev(ip_address) AS ip_address,
    channel,
    message_count,
    public.conversation_history(sessions.*) AS conversation_history,
    context_data,
    status,
    (started_at AT TIME ZONE 'UTC'::text) AS started_at,
    (last_activity_at AT TIME ZONE 'UTC'::text) AS last_activity_at,
    (ended_at AT TIME ZONE 'UTC'::text) AS ended_at
   FROM public.chat_sessions sessions;
grant delete, insert (id, session_id, agent_id, user_id, website_domain, ip_address, channel, message_count, conversation_history, context_data), select, update (message_count, conversation_history, context_data, status, ended_at) on public.agent_sessions to authenticated;
grant delete, insert, select, update on public.agent_sessions to service_role;

create view public.bots with (security_invoker=true) as
 SELECT id,
    organization_id,
    name,
    description,
    llm_provider,
    llm_model,
    system_prompt,
    temperature,
    max_tokens,
    voice_provider,
    voice_id,
    voice_settings,
    speech_processing,
    security,
    knowledge_base_ids,
    config,
    config_json,
    is_active,
    is_published,
    version,
    created_by,
    created_at,
    updated_at
   FROM public.agents;
grant delete, insert (id, organization_id, name, description, llm_provider, llm_model, system_prompt, temperature, max_tokens, voice_provider, voice_id, voice_settings, speech_processing, security, knowledge_base_ids, config, config_json, is_active, is_published, created_by), select, update (id, organization_id, name, description, llm_provider, llm_model, system_prompt, temperature, max_tokens, voice_provider, voice_id, voice_settings, speech_processing, security, knowledge_base_ids, config, config_json, is_active, is_published, created_by) on public.bots to authenticated;
grant delete, insert, select, update on public.bots to service_role;

-- Functions --------------------------------------------------------------------------------------

create function private.append_history(session_id uuid, history jsonb)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  stored jsonb;
  known integer;
begin
  if append_history.history is null or append_history.history in ('null', '[]') then
    return;
  end if;
  if jsonb_typeof(append_history.history) <> 'array'
    or append_history.history @? '$[*] ? (@.type() != "object")'
  then
    perform private.refuse(
      'history_is_no_list', '"conversation_history" must be a list of messages.',
      'Send [{"role": "user", "content": "…"}, …].'
    );
  end if;
  if exists (
    select from jsonb_array_elements(append_history.history) as message
    where jsonb_typeof(message.value -> 'role') is distinct from 'string'
      or coalesce(
        jsonb_typeof(message.value -> 'content'), 'null'
      ) not in ('string', 'array', 'null')
  ) then
    perform private.refuse(
      'message_is_malformed',
      'A message of "conversation_history" has no role, or its content is not text.',
      'Send {"role": "user", "content": "…"}, or a list of parts as its content.'
    );
  end if;
  select public.conversation_history(sessions) into stored
  from public.chat_sessions sessions where sessions.id = append_history.session_id;
  known := jsonb_array_length(stored);
  if known > 0
    and private.plain_history(
      append_history.history, known
    ) is distinct from private.plain_history(stored, known)
  then
    perform private.refuse(
      'history_is_append_only', 'Messages of "conversation_history" cannot be changed or removed.',
      'Read the session again and append to its list, or delete rows of agent_messages with a '
      'secret key.'
    );
  end if;
  insert into public.chat_messages (
    session_id, role, content, content_parts, name, tool_calls, tool_call_id
  )
  select
    append_history.session_id,
    message.value ->> 'role',
    private.text_of(message.value -> 'content'),
    case jsonb_typeof(message.value -> 'content') when 'array' then message.value -> 'content' end,
    message.value ->> 'name',
    nullif(message.value -> 'tool_calls', 'null'),
    message.value ->> 'tool_call_id'
  from jsonb_array_elements(append_history.history) with ordinality as message
  where message.ordinality > known
  order by message.ordinality;
end
$body$;
grant execute on function private.append_history(uuid,jsonb) to authenticated, service_role;

create function private.as_chat_session(session public.agent_sessions)
returns jsonb
language sql stable security invoker
set search_path=""
as $body$
  -- The database counts the messages itself.
  select to_jsonb(as_chat_session.session) - 'conversation_history' - 'message_count'
    || jsonb_build_object(
      'website_domain', lower((as_chat_session.session).website_domain),
      -- The longest address has 49 characters: an error quotes no more of an invalid one.
      'ip_address', left((as_chat_session.session).ip_address, 50),
      'started_at', (as_chat_session.session).started_at at time zone 'UTC',
      'last_activity_at', (as_chat_session.session).last_activity_at at time zone 'UTC',
      'ended_at', (as_chat_session.session).ended_at at time zone 'UTC'
    )
$body$;
grant execute on function private.as_chat_session(public.agent_sessions) to authenticated, service_role;

create function private.delete_agent_session()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  delete from public.chat_sessions where chat_sessions.id = old.id;
  return case when found then old end;
end
$body$;

create function private.insert_agent_session()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  stored jsonb := private.insert_row('public.chat_sessions', private.as_chat_session(new));
begin
  perform private.append_history((stored ->> 'id')::uuid, new.conversation_history);
  select sessions.* into new
  from public.agent_sessions sessions
  where sessions.id = (stored ->> 'id')::uuid;
  return new;
end
$body$;

create function private.plain_history(history jsonb, length integer)
returns jsonb
language sql immutable security invoker
set search_path=""
as $body$
  select jsonb_agg(
    jsonb_build_array(
      message.value -> 'role', coalesce(nullif(message.value -> 'content', 'null'), '""'),
      nullif(message.value -> 'tool_calls', 'null'),
      nullif(message.value -> 'tool_call_id', 'null')
    )
    order by message.ordinality
  )
  from jsonb_array_elements(plain_history.history) with ordinality as message
  where message.ordinality <= plain_history.length
$body$;
grant execute on function private.plain_history(jsonb,integer) to authenticated, service_role;

create function private.update_agent_session()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  if private.update_row(
    'public.chat_sessions',
    jsonb_build_object('id', old.id),
    private.changed_fields(private.as_chat_session(old), private.as_chat_session(new))
  ) is null then
    return null;
  end if;
  if new.conversation_history is distinct from old.conversation_history then
    perform private.append_history(new.id, new.conversation_history);
  end if;
  select sessions.* into new from public.agent_sessions sessions where sessions.id = new.id;
  return new;
end
$body$;
