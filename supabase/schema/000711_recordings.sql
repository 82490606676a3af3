-- The current state of what 000711_recordings.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table private.recordings_to_delete (
  path text not null,
  due_at timestamp with time zone default now() not null,
  attempts integer default 0 not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint recordings_to_delete_pkey PRIMARY KEY (path),
  constraint recording_attempts_are_not_negative CHECK ((attempts >= 0)),
  constraint recording_path_has_at_most_1024_bytes CHECK ((octet_length(path) <= 1024))
);
grant delete, insert, select, update on private.recordings_to_delete to service_role;
CREATE INDEX recordings_to_delete_due_at_idx ON private.recordings_to_delete USING btree (due_at);
CREATE TRIGGER update_recordings_to_delete_updated_at BEFORE UPDATE ON private.recordings_to_delete FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

-- Functions --------------------------------------------------------------------------------------

create function private.hears_recording(path text)
returns boolean
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return exists (
    -- Row level security decides which of the sessions the caller sees.
    select from public.chat_sessions sessions
    where sessions.id = private.session_of_recording(hears_recording.path)
      and sessions.org_id::text = split_part(hears_recording.path, '/', 1)
  );
end
$body$;
grant execute on function private.hears_recording(text) to authenticated, service_role;

create function private.owns_recording(path text, is_new boolean DEFAULT false)
returns boolean
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return exists (
    select from public.chat_sessions sessions
    where sessions.id = private.session_of_recording(owns_recording.path)
      and sessions.org_id::text = split_part(owns_recording.path, '/', 1)
      and sessions.user_id = (select auth.uid())
      and (not owns_recording.is_new or (
        sessions.status = 'active'
        and sessions.org_id = any (array(select private.my_organizations('member')))
      ))
  );
end
$body$;
grant execute on function private.owns_recording(text,boolean) to authenticated, service_role;

create function private.queue_recordings()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  insert into private.recordings_to_delete (path)
  select distinct old_messages.audio_path
  from old_messages
  where old_messages.audio_path is not null
  on conflict (path) do nothing;
  return null;
end
$body$;

create function private.queue_replaced_recording()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  insert into private.recordings_to_delete (path) values (old.audio_path)
  on conflict (path) do nothing;
  return null;
end
$body$;

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
