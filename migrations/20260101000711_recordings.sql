-- Recordings of messages: files in the private bucket voice. Their paths are
-- {organization}/{chat_sessions.id}/{uuid}.{extension}, and those who see the session may play
-- them.

create function private.may_play_recording(path text)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  return exists (
    -- Row level security decides which of the sessions the caller sees.
    select from public.chat_sessions sessions
    where sessions.id = private.session_of_recording(may_play_recording.path)
      and sessions.org_id::text = split_part(may_play_recording.path, '/', 1)
  );
end
$$;
comment on function private.may_play_recording(text) is
  'Whether the caller sees the session of a recording: the owner of the session, and of a '
  'visitor''s every member of the organization.';

create function private.owns_recording(path text, is_new boolean default false)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
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
$$;
comment on function private.owns_recording(text, boolean) is
  'Whether a recording belongs to a session of the caller''s own; for a new one also whether the '
  'session is active and the caller still a member of its organization.';
grant execute on function
  private.may_play_recording(text), private.owns_recording(text, boolean)
  to authenticated, service_role;

create function private.recording_bucket_is_missing()
returns boolean
language plpgsql
stable
set search_path = ''
as $$
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
$$;
comment on function private.recording_bucket_is_missing() is
  'Whether this project has Storage, but not the private bucket voice with its policies.';
grant execute on function private.recording_bucket_is_missing() to service_role;

create function private.create_recording_bucket()
returns void
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.create_recording_bucket() is
  'Creates the private bucket voice and the policies of its objects, if the project has Storage '
  'and they are missing. A public bucket of that name is made private, with a warning. Idempotent.';
select private.create_recording_bucket();

create table private.recordings_to_delete (
  path text primary key,
  due_at timestamptz not null default now(),
  attempts integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint recording_path_has_at_most_1024_bytes check (octet_length(path) <= 1024),
  constraint recording_attempts_are_not_negative check (attempts >= 0)
);
comment on table private.recordings_to_delete is
  'Files in the bucket voice that no longer belong to a message, until the Storage API has deleted '
  'them: a row of storage.objects that SQL deletes leaves its file behind.';
comment on column private.recordings_to_delete.path is 'Path in the bucket.';
comment on column private.recordings_to_delete.due_at is
  'When it is deleted; when it was claimed, after which time it is claimed again.';
comment on column private.recordings_to_delete.attempts is 'How often it was claimed.';
comment on column private.recordings_to_delete.created_at is 'When its message was deleted.';
comment on column private.recordings_to_delete.updated_at is 'When the row was last changed.';
grant select on private.recordings_to_delete to service_role;
create index recordings_to_delete_due_at_idx on private.recordings_to_delete (due_at);
create trigger update_recordings_to_delete_updated_at before update on private.recordings_to_delete
  for each row execute function public.update_updated_at_column();

create function private.queue_recordings()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  insert into private.recordings_to_delete (path)
  select distinct old_messages.audio_path
  from old_messages
  where old_messages.audio_path is not null
  on conflict (path) do nothing;
  return null;
end
$$;
comment on function private.queue_recordings() is
  'Trigger: recordings of messages that are deleted, alone, with their session, their user or '
  'their organization, are deleted too.';
create trigger queue_recordings after delete on public.chat_messages
  referencing old table as old_messages
  for each statement execute function private.queue_recordings();

create function private.queue_replaced_recording()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  insert into private.recordings_to_delete (path) values (old.audio_path)
  on conflict (path) do nothing;
  return null;
end
$$;
comment on function private.queue_replaced_recording() is
  'Trigger: a recording that is replaced is deleted.';
create trigger queue_replaced_recording after update of audio_url, session_id
  on public.chat_messages
  for each row
  when (old.audio_path is not null and old.audio_path is distinct from new.audio_path)
  execute function private.queue_replaced_recording();
