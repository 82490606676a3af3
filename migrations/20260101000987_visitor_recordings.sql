-- Recordings of visitors: the function widget stores and reads them, for a visitor has no right to
-- Storage.

create function public.find_visitor_message(visitor jsonb, message_id uuid)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  visit private.visit := private.open_visit(find_visitor_message.visitor);
  message public.chat_messages;
begin
  select messages.* into message
  from public.chat_messages messages
  where messages.id = find_visitor_message.message_id
    and messages.session_id = (visit.session).id
    and messages.role in ('user', 'assistant');
  if message.id is null then
    perform private.refuse(
      'message_not_found', 'The conversation has no such message.',
      'Use the id of a message that GET /widget/{key}/messages lists.'
    );
  end if;
  return jsonb_build_object(
    'folder', (visit.session).org_id || '/' || (visit.session).id,
    'path', message.audio_path,
    'is_own', message.role = 'user',
    'is_recorded', coalesce(((visit.agent).security ->> 'recording')::boolean, true)
  );
end
$$;
comment on function public.find_visitor_message(jsonb, uuid) is
  'A message of a visitor''s own session: {"folder" and "path" of its recording in the bucket '
  'voice, "is_own": whether the visitor said it, "is_recorded": whether its agent keeps audio}. '
  'Errors: those of open_visit(), PT404 message_not_found. Backend only.';

create function public.set_visitor_recording(visitor jsonb, message_id uuid, recording jsonb)
returns boolean
language plpgsql
set search_path = ''
as $$
declare
  visit private.visit := private.open_visit(set_visitor_recording.visitor);
begin
  update public.chat_messages
  set audio_url = set_visitor_recording.recording ->> 'path',
      audio_duration_ms = (set_visitor_recording.recording ->> 'duration_ms')::integer
  where chat_messages.id = set_visitor_recording.message_id
    and chat_messages.session_id = (visit.session).id
    and chat_messages.role = 'user'
    and chat_messages.audio_url is null;
  return found;
end
$$;
comment on function public.set_visitor_recording(jsonb, uuid, jsonb) is
  'Attaches {"path", "duration_ms"} to a visitor''s message without a recording; returns whether '
  'it was attached. Errors: those of open_visit(). Backend only.';
grant execute on function
  public.find_visitor_message(jsonb, uuid), public.set_visitor_recording(jsonb, uuid, jsonb)
  to service_role;
