-- The current state of what 000710_messages.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table public.chat_messages (
  id uuid default gen_random_uuid() not null,
  session_id uuid not null,
  interaction_id uuid,
  seq bigint generated always as identity not null,
  role text not null,
  content text default ''::text not null,
  content_parts jsonb,
  name text,
  tool_calls jsonb,
  tool_call_id text,
  continuation jsonb,
  content_fingerprint uuid generated always as (private.message_fingerprint(role, name, content, content_parts, tool_calls)) stored,
  history_fingerprint uuid,
  finish_reason text,
  status text default 'complete'::text not null,
  tokens_in integer,
  tokens_out integer,
  tokens_used integer,
  latency_ms integer,
  model_used text,
  audio_url text,
  audio_duration_ms integer,
  audio_path text generated always as (
CASE
    WHEN (audio_url IS NOT NULL) THEN private.recording_path(session_id, audio_url)
    ELSE NULL::text
END) stored,
  created_at timestamp with time zone default now() not null,
  constraint chat_messages_pkey PRIMARY KEY (id),
  constraint chat_messages_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.chat_sessions(id) ON DELETE CASCADE
);
alter table public.chat_messages enable row level security;
create policy "People read the messages of sessions that they see" on public.chat_messages
  as permissive for select to authenticated
  using ((EXISTS ( SELECT
   FROM public.chat_sessions
  WHERE (chat_sessions.id = chat_messages.session_id)
 OFFSET 0)));
create policy "People write messages in their own sessions" on public.chat_messages
  as permissive for insert to authenticated
  with check (((EXISTS ( SELECT
   FROM public.chat_sessions
  WHERE ((chat_sessions.id = chat_messages.session_id) AND (chat_sessions.user_id = ( SELECT auth.uid() AS uid)) AND (chat_sessions.org_id = ANY (ARRAY( SELECT private.my_organizations('member'::text) AS my_organizations)))))) AND ((GREATEST(octet_length(content), pg_column_size(content_parts), pg_column_size(tool_calls)) <= 1048576) OR ( SELECT private.refuse_large_message() AS refuse_large_message))));
grant delete, insert, select, update on public.chat_messages to service_role;
grant insert (session_id, role, content, content_parts, name, tool_calls, tool_call_id, tokens_in, tokens_out, tokens_used, latency_ms, model_used, audio_url, audio_duration_ms), select on public.chat_messages to authenticated;
CREATE INDEX chat_messages_audio_path_idx ON public.chat_messages USING btree (audio_path) WHERE (audio_path IS NOT NULL);
CREATE INDEX chat_messages_history_fingerprint_idx ON public.chat_messages USING btree (history_fingerprint, seq) WHERE (history_fingerprint IS NOT NULL);
CREATE INDEX chat_messages_instructions_idx ON public.chat_messages USING btree (session_id, seq) WHERE (role = ANY (ARRAY['system'::text, 'developer'::text]));
CREATE INDEX chat_messages_interaction_id_idx ON public.chat_messages USING btree (interaction_id);
CREATE INDEX chat_messages_session_id_idx ON public.chat_messages USING btree (session_id, seq);
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE OF id, content, status, created_at ON public.chat_messages FOR EACH ROW WHEN ((num_nulls(new.id, new.content, new.status, new.created_at) > 0)) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER count_deleted_messages AFTER DELETE ON public.chat_messages REFERENCING OLD TABLE AS old_messages FOR EACH STATEMENT WHEN ((current_setting('agentbase.is_retention'::text, true) IS DISTINCT FROM 'on'::text)) EXECUTE FUNCTION private.count_deleted_messages();
CREATE TRIGGER count_moved_message AFTER UPDATE OF session_id ON public.chat_messages FOR EACH ROW WHEN ((old.session_id <> new.session_id)) EXECUTE FUNCTION private.count_moved_message();
CREATE TRIGGER count_new_messages AFTER INSERT ON public.chat_messages REFERENCING NEW TABLE AS new_messages FOR EACH STATEMENT EXECUTE FUNCTION private.count_new_messages();
CREATE TRIGGER queue_recordings AFTER DELETE ON public.chat_messages REFERENCING OLD TABLE AS old_messages FOR EACH STATEMENT EXECUTE FUNCTION private.queue_recordings();
CREATE TRIGGER queue_replaced_recording AFTER UPDATE OF audio_url, session_id ON public.chat_messages FOR EACH ROW WHEN (((old.audio_path IS NOT NULL) AND (old.audio_path IS DISTINCT FROM new.audio_path))) EXECUTE FUNCTION private.queue_replaced_recording();
CREATE TRIGGER rules_are_kept BEFORE INSERT OR UPDATE OF id, session_id, interaction_id, seq, role, content, content_parts, name, tool_calls, tool_call_id, continuation, content_fingerprint, history_fingerprint, finish_reason, status, tokens_in, tokens_out, tokens_used, latency_ms, model_used, audio_url, audio_duration_ms, audio_path, created_at ON public.chat_messages FOR EACH ROW EXECUTE FUNCTION private.check_rules_of_chat_messages();

-- Functions --------------------------------------------------------------------------------------

create function private.as_openai_message(message public.chat_messages)
returns jsonb
language plpgsql immutable security invoker
set search_path=""
as $body$
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
$body$;
grant execute on function private.as_openai_message(public.chat_messages) to authenticated, service_role;

create function private.count_deleted_messages()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
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
$body$;

create function private.count_messages(session_id uuid, messages bigint, latest timestamp with time zone, are_answers boolean)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
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
$body$;
grant execute on function private.count_messages(uuid,bigint,timestamp with time zone,boolean) to service_role;

create function private.count_moved_message()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  update public.chat_sessions
  set message_count = greatest(
    0, message_count + case when chat_sessions.id = new.session_id then 1 else -1 end
  )
  where chat_sessions.id in (old.session_id, new.session_id);
  return null;
end
$body$;

create function private.count_new_messages()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
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
$body$;

create function private.recording_path(session_id uuid, audio_url text)
returns text
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  return case when private.session_of_recording(recording_path.audio_url)
    = recording_path.session_id then recording_path.audio_url end;
end
$body$;
grant execute on function private.recording_path(uuid,text) to authenticated, service_role;

create function private.refuse_large_message()
returns boolean
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  perform private.refuse(
    'message_too_large',
    'Cannot store the message: its content, parts or tool calls are larger than 1 MiB.'
  );
  return false;
end
$body$;
grant execute on function private.refuse_large_message() to authenticated;

create function private.session_of_recording(path text)
returns uuid
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  return case when session_of_recording.path ~ (
    '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/'
    '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}[.][a-z0-9]{2,4}$'
  ) then split_part(session_of_recording.path, '/', 2)::uuid end;
end
$body$;
grant execute on function private.session_of_recording(text) to authenticated, service_role;

create function public.chat_messages(ai_interactions public.ai_interactions)
returns SETOF public.chat_messages
language sql stable security invoker
set search_path=""
as $body$  select related.* from public.chat_messages related where related.interaction_id = chat_messages.ai_interactions.id $body$;
grant execute on function public.chat_messages(public.ai_interactions) to authenticated, service_role;
