-- The messages of sessions. Seeds 001 and 004.

create function private.session_of_recording(path text)
returns uuid
language plpgsql
immutable
set search_path = ''
as $$
begin
  return case when session_of_recording.path ~ (
    '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/'
    '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}[.][a-z0-9]{2,4}$'
  ) then split_part(session_of_recording.path, '/', 2)::uuid end;
end
$$;
comment on function private.session_of_recording(text) is
  'The session to which a path in the bucket voice belongs; null for a path of another form.';

create function private.recording_path(session_id uuid, audio_url text)
returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
  return case when private.session_of_recording(recording_path.audio_url)
    = recording_path.session_id then recording_path.audio_url end;
end
$$;
comment on function private.recording_path(uuid, text) is
  'The audio_url of a message that is the path of a recording of its session in the bucket voice: '
  '{organization}/{chat_sessions.id}/{uuid}.{extension}. Null for any other.';
grant execute on function
  private.session_of_recording(text), private.recording_path(uuid, text)
  to authenticated, service_role;

create function private.refuse_large_message()
returns boolean
language plpgsql
set search_path = ''
as $$
begin
  perform private.refuse(
    'message_too_large',
    'Cannot store the message: its content, parts or tool calls are larger than 1 MiB.'
  );
  return false;
end
$$;
comment on function private.refuse_large_message() is
  'Refuses a message of more than 1 MiB that a client writes directly. Called by the policy, which '
  'does not apply to the backend. Errors: PT413 message_too_large.';
grant execute on function private.refuse_large_message() to authenticated;

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
  continuation jsonb,
  content_fingerprint uuid generated always as (
    private.message_fingerprint(role, name, content, content_parts, tool_calls)
  ) stored,
  history_fingerprint uuid,
  finish_reason text,
  status text not null default 'complete',
  tokens_in integer,
  tokens_out integer,
  tokens_used integer,
  latency_ms integer,
  model_used text,
  audio_url text,
  audio_duration_ms integer,
  audio_path text generated always as (
    case when audio_url is not null then private.recording_path(session_id, audio_url) end
  ) stored,
  created_at timestamptz not null default now(),
  constraint message_role_is_known
    check (role in ('system', 'developer', 'user', 'assistant', 'tool')),
  constraint message_status_is_known check (status in ('complete', 'partial', 'error')),
  constraint content_parts_are_a_list check (jsonb_typeof(content_parts) = 'array'),
  constraint tool_calls_are_a_list check (jsonb_typeof(tool_calls) = 'array'),
  constraint only_an_assistant_calls_tools check (tool_calls is null or role = 'assistant'),
  constraint only_a_tool_answers_a_call check (tool_call_id is null or role = 'tool'),
  constraint continuation_is_an_object check (jsonb_typeof(continuation) = 'object'),
  constraint message_tokens_are_not_negative
    check (least(tokens_in, tokens_out, tokens_used) >= 0),
  constraint message_latency_is_not_negative check (latency_ms >= 0),
  constraint audio_duration_is_not_negative check (audio_duration_ms >= 0),
  -- Sizes of columns that clients write.
  constraint message_content_is_at_most_64_mib check (octet_length(content) <= 67108864),
  constraint content_parts_are_at_most_64_mib check (pg_column_size(content_parts) <= 67108864),
  constraint tool_calls_are_at_most_64_mib check (pg_column_size(tool_calls) <= 67108864),
  constraint continuation_is_at_most_64_mib check (pg_column_size(continuation) <= 67108864),
  constraint message_name_is_one_line_of_at_most_255_characters check (private.is_label(name)),
  constraint tool_call_id_has_no_control_characters check (private.is_plain(tool_call_id)),
  constraint tool_call_id_is_at_most_64_kib check (private.is_prose(tool_call_id)),
  constraint model_used_is_one_line_of_at_most_255_characters check (private.is_label(model_used)),
  constraint audio_url_is_a_web_address_or_a_path check (
    private.is_web_address(audio_url)
    or (audio_url ~ '^[A-Za-z0-9_./-]+$' and octet_length(audio_url) <= 1024)
  )
);
comment on table public.chat_messages is
  'A message of a conversation. Seed 004 calls it agent_messages.';
comment on column public.chat_messages.id is 'Identifies the chat message.';
comment on column public.chat_messages.session_id is
  'The conversation that the message belongs to, by chat_sessions.id.';
comment on column public.chat_messages.interaction_id is
  'The turn that it belongs to, whose interaction is written when it is settled and may be gone; '
  'null for a message written by hand.';
comment on column public.chat_messages.seq is 'Order of writing.';
comment on column public.chat_messages.role is 'system, developer, user, assistant or tool.';
comment on column public.chat_messages.content is 'Its text; empty where there is none.';
comment on column public.chat_messages.content_parts is
  'Its parts as the client sent them (text, images), where it is more than a text.';
comment on column public.chat_messages.name is 'Name of its author, where the client gave one.';
comment on column public.chat_messages.tool_calls is 'Calls that the assistant asks for.';
comment on column public.chat_messages.tool_call_id is 'The call that a tool message answers.';
comment on column public.chat_messages.continuation is
  'What the vendor of an answer needs to continue from it, such as its reasoning or a signature, '
  'as {"vendor_id", "message": fields}. Sent to that vendor only.';
comment on column public.chat_messages.content_fingerprint is
  'A hash of its content, by which it is recognised when a client sends it again; null for '
  'instructions and empty answers.';
comment on column public.chat_messages.history_fingerprint is
  'For an answer: a hash of its user and the conversation up to and including it, by which it is '
  'found when a client sends the conversation again without a session id.';
comment on column public.chat_messages.finish_reason is
  'Why the answer ended: stop, length, tool_calls, function_call or content_filter.';
comment on column public.chat_messages.status is
  'complete; partial when the answer was cut; error when the turn failed, and then it is no part '
  'of the history.';
comment on column public.chat_messages.tokens_in is
  'Tokens of the turn''s whole prompt, on the answer.';
comment on column public.chat_messages.tokens_out is
  'Tokens of the answer, on the answer, as the vendor counted them.';
comment on column public.chat_messages.tokens_used is 'tokens_in + tokens_out.';
comment on column public.chat_messages.latency_ms is
  'Milliseconds from the request to the end of the answer, on the answer.';
comment on column public.chat_messages.model_used is
  'The model that the vendor reported, on the answer.';
comment on column public.chat_messages.audio_url is
  'Recording of it, whose transcript is content: its path in the bucket voice, which is signed to '
  'be played, or a web address.';
comment on column public.chat_messages.audio_duration_ms is
  'Length of the recording in milliseconds.';
comment on column public.chat_messages.audio_path is
  'audio_url where it is the path of a recording in the bucket voice. Such a recording is deleted '
  'with its message.';
comment on column public.chat_messages.created_at is 'When the message was stored.';

alter table public.chat_messages enable row level security;
create policy "People read the messages of sessions that they see" on public.chat_messages
  for select to authenticated
  -- Checked for the session of each message. Without "offset 0" the planner would read all of the
  -- reader's sessions instead, even for a page of a long session.
  using (
    exists (
      select from public.chat_sessions
      where chat_sessions.id = chat_messages.session_id
      offset 0
    )
  );
create policy "People write messages in their own sessions" on public.chat_messages
  for insert to authenticated
  with check (
    exists (
      select from public.chat_sessions
      where chat_sessions.id = chat_messages.session_id
        and chat_sessions.user_id = (select auth.uid())
        and chat_sessions.org_id = any (array(select private.my_organizations('member')))
    )
    and (
      greatest(octet_length(content), pg_column_size(content_parts), pg_column_size(tool_calls))
        <= 1048576
      or (select private.refuse_large_message())
    )
  );
grant select on public.chat_messages to authenticated;
grant insert (
  session_id, role, content, content_parts, name, tool_calls, tool_call_id, tokens_in, tokens_out,
  tokens_used,
  latency_ms, model_used, audio_url, audio_duration_ms
) on public.chat_messages to authenticated;
grant select, insert, update, delete on public.chat_messages to service_role;

-- Uncompressed, so that pg_column_size tells what they take when they are read.
alter table public.chat_messages alter column content_parts set storage external;
alter table public.chat_messages alter column tool_calls set storage external;
alter table public.chat_messages alter column continuation set storage external;

create index chat_messages_session_id_idx on public.chat_messages (session_id, seq);
create index chat_messages_instructions_idx
  on public.chat_messages (session_id, seq)
  where role in ('system', 'developer');
create index chat_messages_history_fingerprint_idx
  on public.chat_messages (history_fingerprint, seq)
  where history_fingerprint is not null;
create index chat_messages_interaction_id_idx on public.chat_messages (interaction_id);
create index chat_messages_audio_path_idx
  on public.chat_messages (audio_path)
  where audio_path is not null;

-- Counters of a session. One update per statement and session, relative to the row as it is then,
-- so that concurrent writers lose nothing, and in the order of ids, so that they cannot deadlock.

create function private.count_messages(
  session_id uuid, messages bigint, latest timestamptz, are_answers boolean
)
returns void
language plpgsql
set search_path = ''
as $$
begin
  update public.chat_sessions
  set message_count = message_count + count_messages.messages,
      -- An answer soon follows its question, so it rarely changes the order of sessions. The column
      -- is indexed, so changing it would update every index of the row.
      last_activity_at = case
        when count_messages.are_answers
          and last_activity_at > count_messages.latest - interval '1 minute'
          then last_activity_at
        else greatest(last_activity_at, count_messages.latest)
      end
  where chat_sessions.id = count_messages.session_id;
end
$$;
comment on function private.count_messages(uuid, bigint, timestamptz, boolean) is
  'Adds messages to their session''s message_count and updates last_activity_at to the time of the '
  'latest; for an answer only if it is more than a minute later.';
grant execute
  on function private.count_messages(uuid, bigint, timestamptz, boolean)
  to service_role;

create function private.count_new_messages()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  -- Turns and imports count their own messages. Checked here and not in a WHEN condition, which
  -- Postgres would parse and plan for each statement.
  if concat(
    current_setting('agentbase.is_retention', true), current_setting('agentbase.is_turn', true)
  ) <> '' then
    return null;
  end if;
  perform private.count_messages(
    added.session_id, added.messages, added.latest, added.are_answers
  )
  from (
    select
      new_messages.session_id,
      count(*) as messages,
      max(new_messages.created_at) as latest,
      bool_and(new_messages.role = 'assistant') as are_answers
    from new_messages
    group by new_messages.session_id
    order by new_messages.session_id
  ) added;
  return null;
end
$$;
comment on function private.count_new_messages() is
  'Trigger: new messages count in their session.';
create trigger count_new_messages after insert on public.chat_messages
  referencing new table as new_messages
  for each statement execute function private.count_new_messages();

create function private.count_moved_message()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  update public.chat_sessions
  set message_count = greatest(
    0, message_count + case when chat_sessions.id = new.session_id then 1 else -1 end
  )
  where chat_sessions.id in (old.session_id, new.session_id);
  return null;
end
$$;
comment on function private.count_moved_message() is
  'Trigger: a message that is moved to another session counts there.';
create trigger count_moved_message after update of session_id on public.chat_messages
  for each row when (old.session_id <> new.session_id)
  execute function private.count_moved_message();

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
comment on function private.count_deleted_messages() is
  'Trigger: subtracts deleted messages from their session''s message_count.';
create trigger count_deleted_messages after delete on public.chat_messages
  referencing old table as old_messages
  -- Retention removes their sessions too.
  for each statement when (current_setting('agentbase.is_retention', true) is distinct from 'on')
  execute function private.count_deleted_messages();

create function private.as_openai_message(message public.chat_messages)
returns jsonb
language plpgsql
immutable
set search_path = ''
as $$
begin
  -- The common case.
  if num_nonnulls(
    as_openai_message.message.name, as_openai_message.message.content_parts,
    as_openai_message.message.tool_calls, as_openai_message.message.tool_call_id
  ) = 0 then
    return jsonb_build_object(
      'role', as_openai_message.message.role, 'content', as_openai_message.message.content
    );
  end if;
  return jsonb_strip_nulls(jsonb_build_object(
    'role', as_openai_message.message.role,
    'name', as_openai_message.message.name,
    'tool_calls', as_openai_message.message.tool_calls,
    'tool_call_id', as_openai_message.message.tool_call_id
  )) || jsonb_build_object(
    'content', case
      when as_openai_message.message.content_parts is not null
        then as_openai_message.message.content_parts
      when as_openai_message.message.content = ''
        and as_openai_message.message.tool_calls is not null
        then 'null'::jsonb
      else to_jsonb(as_openai_message.message.content)
    end
  );
end
$$;
comment on function private.as_openai_message(public.chat_messages) is
  'A stored message in the shape of OpenAI''s wire format.';
grant execute
  on function private.as_openai_message(public.chat_messages)
  to authenticated, service_role;
