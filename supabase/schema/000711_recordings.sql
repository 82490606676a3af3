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

create function private.create_recording_bucket()
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  if not private.recording_bucket_is_missing() then
    return;
  end if;
  if exists (select from storage.buckets where buckets.id = 'voice' and buckets.public) then
    raise warning 'The bucket voice was public and is made private, for it holds recordings of '
      'conversations. Links to its files need a signature.';
  end if;
  insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
  values ('voice', 'voice', false, 26214400, array[
    'audio/aac', 'audio/flac', 'audio/mp4', 'audio/mpeg', 'audio/ogg', 'audio/wav', 'audio/webm'
  ])
  on conflict (id) do update set public = false;
  execute $policies$
    drop policy if exists "People hear recordings of sessions that they see" on storage.objects;
    drop policy if exists "People add recordings to their own sessions" on storage.objects;
    drop policy if exists "People delete recordings of their own sessions" on storage.objects;
    create policy "People hear recordings of sessions that they see" on storage.objects
      for select to authenticated
      using (bucket_id = 'voice' and private.may_play_recording(name));
    create policy "People add recordings to their own sessions" on storage.objects
      for insert to authenticated
      with check (bucket_id = 'voice' and private.owns_recording(name, is_new => true));
    create policy "People delete recordings of their own sessions" on storage.objects
      for delete to authenticated
      using (bucket_id = 'voice' and private.owns_recording(name))
  $policies$;
exception when insufficient_privilege then
  raise warning 'Recordings stay closed: this role may not create policies on storage.objects. '
    'See "Recordings" in docs/operations.md.';
end
$body$;

create function private.may_play_recording(path text)
returns boolean
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return exists (
    -- Row level security decides which of the sessions the caller sees.
    select from public.chat_sessions sessions
    where sessions.id = private.session_of_recording(may_play_recording.path)
      and sessions.org_id::text = split_part(may_play_recording.path, '/', 1)
  );
end
$body$;
grant execute on function private.may_play_recording(text) to authenticated, service_role;

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

create function private.recording_bucket_is_missing()
returns boolean
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  -- A database without Storage has conversations without recordings.
  return to_regclass('storage.objects') is not null and (
    not exists (select from storage.buckets where buckets.id = 'voice' and not buckets.public)
    or 3 > (
      select count(*) from pg_catalog.pg_policy policies
      where policies.polrelid = to_regclass('storage.objects')
        and policies.polname in (
          'People hear recordings of sessions that they see',
          'People add recordings to their own sessions',
          'People delete recordings of their own sessions'
        )
    )
  );
end
$body$;
grant execute on function private.recording_bucket_is_missing() to service_role;
