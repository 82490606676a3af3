-- Sessions, messages and bots as seed 004 names them.

create view public.agent_sessions with (security_invoker = true) as
select
  sessions.id, sessions.session_id, sessions.agent_id, sessions.user_id, sessions.website_domain,
  abbrev(sessions.ip_address) as ip_address,
  sessions.channel,
  sessions.message_count,
  public.conversation_history(sessions) as conversation_history,
  sessions.context_data, sessions.status,
  sessions.started_at at time zone 'UTC' as started_at,
  sessions.last_activity_at at time zone 'UTC' as last_activity_at,
  sessions.ended_at at time zone 'UTC' as ended_at
from public.chat_sessions sessions;
comment on view public.agent_sessions is
  'chat_sessions under the names of seed 004, with its types: times in UTC without a time zone, '
  'the address as text.';
comment on column public.agent_sessions.id is 'chat_sessions.id.';
comment on column public.agent_sessions.session_id is 'chat_sessions.session_id.';
comment on column public.agent_sessions.agent_id is 'chat_sessions.agent_id.';
comment on column public.agent_sessions.user_id is 'chat_sessions.user_id.';
comment on column public.agent_sessions.website_domain is 'chat_sessions.website_domain.';
comment on column public.agent_sessions.ip_address is 'chat_sessions.ip_address, as text.';
comment on column public.agent_sessions.channel is 'chat_sessions.channel.';
comment on column public.agent_sessions.message_count is
  'chat_sessions.message_count: the number of messages, whatever is written.';
comment on column public.agent_sessions.conversation_history is
  'The messages, oldest first, made from chat_messages. A list with more of them adds messages; '
  'existing rows do not change.';
comment on column public.agent_sessions.context_data is 'chat_sessions.context_data.';
comment on column public.agent_sessions.status is 'chat_sessions.status.';
comment on column public.agent_sessions.started_at is 'chat_sessions.started_at, in UTC.';
comment on column public.agent_sessions.last_activity_at is
  'chat_sessions.last_activity_at, in UTC.';
comment on column public.agent_sessions.ended_at is 'chat_sessions.ended_at, in UTC.';
grant select, delete on public.agent_sessions to authenticated;
grant insert (
  id, session_id, agent_id, user_id, website_domain, ip_address, channel, message_count,
  conversation_history, context_data
) on public.agent_sessions to authenticated;
grant update (message_count, conversation_history, context_data, status, ended_at)
  on public.agent_sessions
  to authenticated;
grant select, insert, update, delete on public.agent_sessions to service_role;

-- A list that is written to conversation_history becomes messages. Messages that the session has
-- are neither written again nor changed.

create function private.append_history(session_id uuid, history jsonb)
returns void
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.append_history(uuid, jsonb) is
  'Adds to a session, with the caller''s rights, those messages of a history that it does not '
  'have; an empty one adds nothing. Errors: PT400 history_is_no_list or message_is_malformed, '
  'PT409 history_is_append_only.';

create function private.plain_history(history jsonb, length integer)
returns jsonb
language sql
immutable
set search_path = ''
as $$
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
$$;
comment on function private.plain_history(jsonb, integer) is
  'The first messages of a history, reduced to their contents, without a client''s own fields.';
grant execute on function
  private.append_history(uuid, jsonb),
  private.plain_history(jsonb, integer)
to authenticated, service_role;

create function private.as_chat_session(session public.agent_sessions)
returns jsonb
language sql
stable
set search_path = ''
as $$
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
$$;
comment on function private.as_chat_session(public.agent_sessions) is
  'What a row of agent_sessions stores in chat_sessions, as JSON.';
grant execute on function
  private.as_chat_session(public.agent_sessions)
to authenticated, service_role;

create function private.insert_agent_session()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  stored jsonb := private.insert_row('public.chat_sessions', private.as_chat_session(new));
begin
  perform private.append_history((stored ->> 'id')::uuid, new.conversation_history);
  select sessions.* into new
  from public.agent_sessions sessions
  where sessions.id = (stored ->> 'id')::uuid;
  return new;
end
$$;
comment on function private.insert_agent_session() is
  'Trigger: an insert into agent_sessions becomes one into chat_sessions, and its history '
  'becomes messages. What is null takes its default.';
create trigger insert_agent_session instead of insert on public.agent_sessions
  for each row execute function private.insert_agent_session();

create function private.update_agent_session()
returns trigger
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.update_agent_session() is
  'Trigger: an update of agent_sessions becomes one of chat_sessions. Of the history, what is '
  'new becomes messages; message_count follows from them.';
create trigger update_agent_session instead of update on public.agent_sessions
  for each row execute function private.update_agent_session();

create function private.delete_agent_session()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  delete from public.chat_sessions where chat_sessions.id = old.id;
  return case when found then old end;
end
$$;
comment on function private.delete_agent_session() is
  'Trigger: a delete from agent_sessions becomes one from chat_sessions.';
create trigger delete_agent_session instead of delete on public.agent_sessions
  for each row execute function private.delete_agent_session();

create view public.agent_messages with (security_invoker = true) as
select
  id, session_id, role, content, audio_url, audio_duration_ms, tokens_used, latency_ms, model_used,
  created_at
from public.chat_messages;
comment on view public.agent_messages is 'chat_messages under the names of seed 004.';
comment on column public.agent_messages.id is 'chat_messages.id.';
comment on column public.agent_messages.session_id is
  'chat_messages.session_id, that is agent_sessions.id.';
comment on column public.agent_messages.role is 'chat_messages.role.';
comment on column public.agent_messages.content is 'chat_messages.content.';
comment on column public.agent_messages.audio_url is 'chat_messages.audio_url.';
comment on column public.agent_messages.audio_duration_ms is 'chat_messages.audio_duration_ms.';
comment on column public.agent_messages.tokens_used is 'chat_messages.tokens_used.';
comment on column public.agent_messages.latency_ms is 'chat_messages.latency_ms.';
comment on column public.agent_messages.model_used is 'chat_messages.model_used.';
comment on column public.agent_messages.created_at is 'chat_messages.created_at.';
grant select on public.agent_messages to authenticated;
grant insert (
  session_id, role, content, audio_url, audio_duration_ms, tokens_used, latency_ms, model_used
)
  on public.agent_messages to authenticated;
grant select, insert, update, delete on public.agent_messages to service_role;

create view public.bots with (security_invoker = true) as
select
  id, organization_id, name, description, llm_provider, llm_model, system_prompt, temperature,
  max_tokens,
  voice_provider, voice_id, voice_settings, speech_processing, security, knowledge_base_ids,
  config, config_json,
  is_active, is_published, version, created_by, created_at, updated_at
from public.agents;
comment on view public.bots is 'agents under the names of seed 004.';
comment on column public.bots.id is 'agents.id.';
comment on column public.bots.organization_id is 'agents.organization_id.';
comment on column public.bots.name is 'agents.name.';
comment on column public.bots.description is 'agents.description.';
comment on column public.bots.llm_provider is 'agents.vendor_id.';
comment on column public.bots.llm_model is 'agents.model_name.';
comment on column public.bots.system_prompt is 'agents.system_prompt.';
comment on column public.bots.temperature is 'agents.temperature.';
comment on column public.bots.max_tokens is 'agents.max_tokens.';
comment on column public.bots.voice_provider is 'agents.voice_provider.';
comment on column public.bots.voice_id is 'agents.voice_id.';
comment on column public.bots.voice_settings is 'agents.voice_settings.';
comment on column public.bots.speech_processing is 'agents.speech_processing.';
comment on column public.bots.security is 'agents.security.';
comment on column public.bots.knowledge_base_ids is 'agents.knowledge_base_ids.';
comment on column public.bots.config is 'agents.config.';
comment on column public.bots.config_json is 'agents.config_json.';
comment on column public.bots.is_active is 'agents.enabled.';
comment on column public.bots.is_published is 'agents.is_published.';
comment on column public.bots.version is 'agents.version.';
comment on column public.bots.created_by is 'agents.created_by.';
comment on column public.bots.created_at is 'agents.created_at.';
comment on column public.bots.updated_at is 'agents.updated_at.';
grant select, delete on public.bots to authenticated;
grant insert (
  organization_id, name, description, llm_provider, llm_model, system_prompt, temperature,
  max_tokens, voice_provider,
  voice_id, voice_settings, speech_processing, security, knowledge_base_ids, config, config_json,
  is_active, is_published, created_by
) on public.bots to authenticated;
grant update (
  name, description, llm_provider, llm_model, system_prompt, temperature, max_tokens,
  voice_provider,
  voice_id, voice_settings, speech_processing, security, knowledge_base_ids, config, config_json,
  is_active, is_published
) on public.bots to authenticated;
grant select, insert, update, delete on public.bots to service_role;

-- Like the tables behind them, except ai_agents and agent_sessions: these are more than one table,
-- so that Postgres does not support ON CONFLICT for them.
select private.allow_upserts(target)
from unnest(array['public.users', 'public.teams', 'public.bots']::regclass[]) as targets (target);
