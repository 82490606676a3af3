-- Chat: conversations and their messages. Seeds 000, 001 and 004. A session
-- belongs to the person who has it, or to no person when a visitor of a
-- website has it; its organization pays.

create table public.chat_sessions (
  id uuid primary key default gen_random_uuid(),
  session_id text not null unique default private.new_token('sess_'),
  user_id uuid default auth.uid() references public.profiles (id) on delete cascade,
  org_id uuid not null references public.organizations (id) on delete cascade,
  agent_id uuid references public.agents (id) on delete set null,
  model_id uuid references public.models (id) on delete set null,
  title text,
  metadata jsonb not null default '{}',
  website_domain text,
  ip_address inet,
  channel text not null default 'api',
  message_count integer not null default 0,
  context_data jsonb not null default '{}',
  status text not null default 'active',
  started_at timestamptz not null default now(),
  last_activity_at timestamptz not null default now(),
  ended_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint session_id_is_16_to_255_characters check (char_length(session_id) between 16 and 255),
  constraint session_title_is_at_most_255_characters check (char_length(title) <= 255),
  constraint website_domain_is_a_host_name check (website_domain ~ '^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:[0-9]{1,5})?$'),
  constraint channel_is_1_to_50_characters check (char_length(channel) between 1 and 50),
  constraint message_count_is_not_negative check (message_count >= 0),
  constraint context_data_is_an_object check (jsonb_typeof(context_data) = 'object'),
  constraint session_metadata_is_an_object check (jsonb_typeof(metadata) = 'object'),
  constraint session_status_is_known check (
    status in ('active', 'ended', 'expired', 'closed', 'completed', 'inactive')
  ),
  constraint session_ends_after_it_starts check (ended_at >= started_at),
  -- A call by telephone comes from no site.
  constraint session_without_person_names_its_site check (
    user_id is not null or website_domain is not null or channel in ('voice', 'phone')
  ),
  -- What clients write is bounded.
  constraint session_id_has_no_control_characters check (private.is_plain(session_id)),
  constraint session_title_has_no_control_characters check (private.is_plain(title)),
  constraint session_metadata_is_at_most_256_kib_and_64_levels check (
    private.is_document(metadata)
  ),
  constraint context_data_is_at_most_256_kib_and_64_levels check (
    private.is_document(context_data)
  ),
  constraint channel_has_no_control_characters check (private.is_plain(channel)),
  constraint session_ended_at_is_from_1970_to_2199 check (private.is_calendar_time(ended_at))
);
comment on table public.chat_sessions is 'A conversation. Seed 004 calls it agent_sessions.';
comment on column public.chat_sessions.id is 'Primary key.';
comment on column public.chat_sessions.session_id is 'Public, unguessable name: the x-session-id of chat.';
comment on column public.chat_sessions.user_id is 'Whose conversation; null for a visitor of a website.';
comment on column public.chat_sessions.org_id is 'The organization that pays for it; where none is given, the agent''s or the person''s.';
comment on column public.chat_sessions.agent_id is 'The agent it began with.';
comment on column public.chat_sessions.model_id is 'The model it began with.';
comment on column public.chat_sessions.title is 'Title to show.';
comment on column public.chat_sessions.metadata is 'What the client keeps with it.';
comment on column public.chat_sessions.website_domain is 'The site on which a visitor chats, in lower case, with its port where it has one.';
comment on column public.chat_sessions.ip_address is 'The visitor''s address.';
comment on column public.chat_sessions.channel is 'Way in, such as api, web, widget or voice.';
comment on column public.chat_sessions.message_count is 'Number of its messages. Kept by the database.';
comment on column public.chat_sessions.context_data is 'What the agent knows about the conversation.';
comment on column public.chat_sessions.status is 'active, ended or expired, or what another system calls its end: closed, completed, inactive. Only an active session continues.';
comment on column public.chat_sessions.started_at is 'When it began.';
comment on column public.chat_sessions.last_activity_at is 'Its latest message. Kept by the database.';
comment on column public.chat_sessions.ended_at is 'When it ended.';
comment on column public.chat_sessions.created_at is 'When the row was made.';
comment on column public.chat_sessions.updated_at is 'Last change.';

alter table public.chat_sessions enable row level security;
create policy "People read their own sessions, members those of visitors" on public.chat_sessions
  for select to authenticated
  using (
    org_id = any (array(select private.my_organizations('viewer')))
    and (user_id is null or user_id = (select auth.uid()))
  );
create policy "Members begin sessions" on public.chat_sessions
  for insert to authenticated
  with check (
    user_id = (select auth.uid())
    and org_id = any (array(select private.my_organizations('member')))
    and (agent_id is null or agent_id in (select private.visible_agents('member')))
    and (model_id is null or model_id in (select models.id from public.models))
  );
create policy "People change their own sessions" on public.chat_sessions
  for update to authenticated
  using (user_id = (select auth.uid()) and org_id = any (array(select private.my_organizations('member'))))
  with check (user_id = (select auth.uid()) and org_id = any (array(select private.my_organizations('member'))));
create policy "People delete their own sessions" on public.chat_sessions
  for delete to authenticated
  using (user_id = (select auth.uid()) and org_id = any (array(select private.my_organizations('viewer'))));
grant select, delete on public.chat_sessions to authenticated;
grant insert (
  session_id, user_id, org_id, agent_id, model_id, title, metadata, website_domain, ip_address, channel, context_data
) on public.chat_sessions to authenticated;
grant update (title, metadata, context_data, status, ended_at) on public.chat_sessions to authenticated;
grant select, insert, update, delete on public.chat_sessions to service_role;
create index chat_sessions_user_id_idx on public.chat_sessions (user_id, last_activity_at desc);
create index chat_sessions_org_id_idx on public.chat_sessions (org_id, last_activity_at desc);
create index chat_sessions_agent_id_idx on public.chat_sessions (agent_id);
create index chat_sessions_model_id_idx on public.chat_sessions (model_id);
create index chat_sessions_last_activity_at_idx on public.chat_sessions (last_activity_at) where status = 'active';
create trigger update_chat_sessions_updated_at before update on public.chat_sessions
  for each row execute function public.update_updated_at_column();

create function private.complete_session()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  -- A backend that begins a session for a visitor acts for nobody: the agent's
  -- organization pays. For a person it does where that person is a member.
  new.org_id = coalesce(
    (
      select agents.organization_id
      from public.agents
      where agents.id = new.agent_id
        and (new.user_id is null or agents.organization_id = any (array(select private.my_organizations('member'))))
    ),
    private.my_organization(),
    (select profiles.current_organization_id from public.profiles where profiles.id = new.user_id)
  );
  return new;
end
$$;
comment on function private.complete_session() is 'Trigger: fills in the organization that pays for a session.';
create trigger complete_session before insert on public.chat_sessions
  for each row when (new.org_id is null)
  execute function private.complete_session();

create function private.end_session()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.ended_at = case when new.status <> 'active' then now() end;
  return new;
end
$$;
comment on function private.end_session() is 'Trigger: a session that stops being active has an end, one that becomes active again has none.';
create trigger end_session before update of status on public.chat_sessions
  for each row
  when ((new.status = 'active') <> (old.status = 'active') and new.ended_at is not distinct from old.ended_at)
  execute function private.end_session();

create function private.expire_chat_sessions(organization_id uuid, batch integer)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  expired integer;
begin
  update public.chat_sessions set status = 'expired' where id in (
    select id from public.chat_sessions
    where org_id = expire_chat_sessions.organization_id
      and status = 'active' and last_activity_at < now() - interval '30 days'
    order by last_activity_at limit batch for update skip locked
  );
  get diagnostics expired = row_count;
  return expired;
end
$$;
comment on function private.expire_chat_sessions(uuid, integer) is 'Ends sessions of an organization in which nothing happened for 30 days; who has one can make it active again. Returns how many, at most so many.';

create table public.chat_messages (
  id uuid primary key default gen_random_uuid(),
  session_id uuid not null references public.chat_sessions (id) on delete cascade,
  interaction_id uuid,
  seq bigint generated always as identity,
  role text not null,
  content text not null default '',
  content_parts jsonb,
  name text,
  tool_calls jsonb,
  tool_call_id text,
  finish_reason text,
  status text not null default 'complete',
  tokens_in integer,
  tokens_out integer,
  tokens_used integer,
  latency_ms integer,
  model_used text,
  audio_url text,
  audio_duration_ms integer,
  created_at timestamptz not null default now(),
  constraint message_role_is_known check (role in ('system', 'developer', 'user', 'assistant', 'tool')),
  constraint message_status_is_known check (status in ('complete', 'partial', 'error')),
  constraint content_parts_are_a_list check (jsonb_typeof(content_parts) = 'array'),
  constraint tool_calls_are_a_list check (jsonb_typeof(tool_calls) = 'array'),
  constraint only_an_assistant_calls_tools check (tool_calls is null or role = 'assistant'),
  constraint only_a_tool_answers_a_call check (tool_call_id is null or role = 'tool'),
  constraint message_tokens_are_not_negative check (tokens_in >= 0 and tokens_out >= 0 and tokens_used >= 0),
  constraint message_latency_is_not_negative check (latency_ms >= 0),
  constraint audio_duration_is_not_negative check (audio_duration_ms >= 0),
  -- What clients write is bounded.
  constraint message_content_is_at_most_64_mib check (octet_length(content) <= 67108864),
  constraint content_parts_are_at_most_64_mib check (pg_column_size(content_parts) <= 67108864),
  constraint tool_calls_are_at_most_64_mib check (pg_column_size(tool_calls) <= 67108864),
  constraint message_name_is_one_line_of_at_most_255_characters check (private.is_label(name)),
  constraint tool_call_id_has_no_control_characters check (private.is_plain(tool_call_id)),
  constraint tool_call_id_is_at_most_64_kib check (private.is_prose(tool_call_id)),
  constraint model_used_is_one_line_of_at_most_255_characters check (private.is_label(model_used)),
  constraint audio_url_is_a_web_address_or_a_path check (
    private.is_web_address(audio_url) or audio_url ~ '^[A-Za-z0-9_./-]{1,1024}$'
  )
);
comment on table public.chat_messages is 'A message of a conversation. Seed 004 calls it agent_messages.';
comment on column public.chat_messages.id is 'Primary key.';
comment on column public.chat_messages.session_id is 'The conversation, by chat_sessions.id.';
comment on column public.chat_messages.interaction_id is 'The turn that it belongs to; null for a message written by hand.';
comment on column public.chat_messages.seq is 'Order of writing.';
comment on column public.chat_messages.role is 'system, developer, user, assistant or tool.';
comment on column public.chat_messages.content is 'Its text; empty where there is none.';
comment on column public.chat_messages.content_parts is 'Its parts as the client sent them (text, images), where it is more than a text.';
comment on column public.chat_messages.name is 'Name of its author, where the client gave one.';
comment on column public.chat_messages.tool_calls is 'Calls that the assistant asks for.';
comment on column public.chat_messages.tool_call_id is 'The call that a tool message answers.';
comment on column public.chat_messages.finish_reason is 'Why the answer ended: stop, length, tool_calls or content_filter.';
comment on column public.chat_messages.status is 'complete; partial when the answer was cut; error when the turn failed, and then it is no part of the history.';
comment on column public.chat_messages.tokens_in is 'Tokens of the turn''s whole prompt, on the answer.';
comment on column public.chat_messages.tokens_out is 'Tokens of the answer.';
comment on column public.chat_messages.tokens_used is 'Both together.';
comment on column public.chat_messages.latency_ms is 'Milliseconds from request to the end of the answer.';
comment on column public.chat_messages.model_used is 'The model that answered, as the vendor reported it.';
comment on column public.chat_messages.audio_url is 'Recording of it.';
comment on column public.chat_messages.audio_duration_ms is 'Length of the recording in milliseconds.';
comment on column public.chat_messages.created_at is 'When it was written.';

alter table public.chat_messages enable row level security;
create policy "People read the messages of sessions that they see" on public.chat_messages
  for select to authenticated
  using (session_id in (select chat_sessions.id from public.chat_sessions));
create policy "People write messages in their own sessions" on public.chat_messages
  for insert to authenticated
  with check (
    session_id in (
      select chat_sessions.id from public.chat_sessions
      where chat_sessions.user_id = (select auth.uid())
        and chat_sessions.org_id = any (array(select private.my_organizations('member')))
    )
  );
grant select on public.chat_messages to authenticated;
grant insert (
  session_id, role, content, content_parts, name, tool_calls, tool_call_id, tokens_in, tokens_out, tokens_used,
  latency_ms, model_used, audio_url, audio_duration_ms
) on public.chat_messages to authenticated;
grant select, insert, update, delete on public.chat_messages to service_role;

-- Uncompressed, so that pg_column_size tells what they take when they are read.
alter table public.chat_messages alter column content_parts set storage external;
alter table public.chat_messages alter column tool_calls set storage external;

create function private.refuse_large_message()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  perform private.refuse(
    413, 'message_too_large', 'Cannot store the message: its content, parts or tool calls are larger than 1 MiB.',
    'Send larger messages with POST /chat/completions.'
  );
  return null;
end
$$;
comment on function private.refuse_large_message() is 'Trigger: refuses a message that a client writes by itself and that is larger than 1 MiB. Errors: PT413 message_too_large.';
create trigger refuse_large_message before insert on public.chat_messages
  for each row when (
    current_user in ('anon', 'authenticated')
    and not (
      octet_length(new.content) <= 1048576
      and coalesce(pg_column_size(new.content_parts), 0) <= 1048576
      and coalesce(pg_column_size(new.tool_calls), 0) <= 1048576
    )
  )
  execute function private.refuse_large_message();

create index chat_messages_session_id_idx on public.chat_messages (session_id, seq);
create index chat_messages_interaction_id_idx on public.chat_messages (interaction_id);
create index chat_messages_created_at_idx on public.chat_messages (created_at);

-- Counters of a session. One update per statement and session, relative to the
-- row as it is then, so that concurrent writers lose nothing, and in the order of
-- ids, so that none of them waits for another in a circle.

create function private.count_new_messages()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  added record;
begin
  for added in
    select new_messages.session_id, count(*) as messages, max(new_messages.created_at) as latest
    from new_messages
    group by new_messages.session_id
    order by new_messages.session_id
  loop
    update public.chat_sessions
    set message_count = message_count + added.messages,
        last_activity_at = greatest(last_activity_at, added.latest)
    where chat_sessions.id = added.session_id;
  end loop;
  return null;
end
$$;
comment on function private.count_new_messages() is 'Trigger: adds new messages to their session''s message_count and moves last_activity_at.';
create trigger count_new_messages after insert on public.chat_messages
  referencing new table as new_messages
  for each statement execute function private.count_new_messages();

create function private.count_deleted_messages()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  removed record;
begin
  for removed in
    select old_messages.session_id, count(*) as messages
    from old_messages
    group by old_messages.session_id
    order by old_messages.session_id
  loop
    update public.chat_sessions
    set message_count = greatest(0, message_count - removed.messages)
    where chat_sessions.id = removed.session_id;
  end loop;
  return null;
end
$$;
comment on function private.count_deleted_messages() is 'Trigger: takes deleted messages off their session''s message_count.';
create trigger count_deleted_messages after delete on public.chat_messages
  referencing old table as old_messages
  for each statement execute function private.count_deleted_messages();

create function private.count_moved_message()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  update public.chat_sessions
  set message_count = greatest(0, message_count + case when chat_sessions.id = new.session_id then 1 else -1 end)
  where chat_sessions.id in (old.session_id, new.session_id);
  return null;
end
$$;
comment on function private.count_moved_message() is 'Trigger: a message that is moved to another session counts there.';
create trigger count_moved_message after update of session_id on public.chat_messages
  for each row when (old.session_id <> new.session_id)
  execute function private.count_moved_message();

-- The conversation as the model sees it ------------------------------------------

create function private.as_openai_message(message public.chat_messages)
returns jsonb
language plpgsql
immutable
set search_path = ''
as $$
begin
  return jsonb_strip_nulls(jsonb_build_object(
    'role', message.role,
    'name', message.name,
    'tool_calls', message.tool_calls,
    'tool_call_id', message.tool_call_id
  )) || jsonb_build_object(
    'content', case
      when message.content_parts is not null then message.content_parts
      when message.content = '' and message.tool_calls is not null then 'null'::jsonb
      else to_jsonb(message.content)
    end
  );
end
$$;
comment on function private.as_openai_message(public.chat_messages) is 'A stored message in the shape of OpenAI''s wire format.';
grant execute on function private.as_openai_message(public.chat_messages) to authenticated, service_role;

create function public.conversation_history(session public.chat_sessions)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(private.as_openai_message(messages) order by messages.seq), '[]')
  from public.chat_messages messages
  where messages.session_id = session.id and messages.status <> 'error'
$$;
comment on function public.conversation_history(public.chat_sessions) is 'The messages of a session, oldest first, in OpenAI''s shape; those of failed turns left out. A computed field of chat_sessions in the Data API, and seed 004''s column.';
grant execute on function public.conversation_history(public.chat_sessions) to authenticated, service_role;
