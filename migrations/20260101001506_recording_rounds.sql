-- Rounds: calls of the function audio, which deletes recordings, and the recordings that it claims.

create function private.unused_recordings(organization text default null)
returns table (path text, created_at timestamptz)
language plpgsql
stable
set search_path = ''
-- For one organization, the index of prefixes is used only where the prefix is known.
set plan_cache_mode = 'force_custom_plan'
as $$
begin
  if to_regclass('storage.objects') is null then
    return;
  end if;
  return query
  select objects.name::text, objects.created_at
  from storage.objects
  where objects.bucket_id = 'voice'
    and objects.name like coalesce(unused_recordings.organization || '/', '') || '%'
    and objects.created_at < now() - (private.limits()).unused_recording_lifetime
    -- Other objects in a bucket of this name are not recordings.
    and private.session_of_recording(objects.name) is not null
    and not exists (
      select from public.chat_messages where chat_messages.audio_path = objects.name
    )
    and not exists (
      select from private.recordings_to_delete queued where queued.path = objects.name
    );
end
$$;
comment on function private.unused_recordings(text) is
  'Recordings that were uploaded over a day ago, belong to no message and are not being deleted '
  'yet: those of an organization, or all.';

create function private.recordings_to_find()
returns setof private.due_item
language sql
stable
set search_path = ''
as $$
  select
    split_part(unused.path, '/', 1), 1::bigint,
    min(unused.created_at) + (private.limits()).unused_recording_lifetime
  from private.unused_recordings() unused
  group by 1
$$;
comment on function private.recordings_to_find() is
  'The organizations with unused recordings, for the job find-unused-recordings.';

create function private.queue_unused_recordings(organization text, batch integer default 1000)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  queued integer;
begin
  insert into private.recordings_to_delete (path)
  select unused.path
  from private.unused_recordings(queue_unused_recordings.organization) unused
  limit queue_unused_recordings.batch
  on conflict (path) do nothing;
  get diagnostics queued = row_count;
  return queued;
end
$$;
comment on function private.queue_unused_recordings(text, integer) is
  'Schedules unused recordings of an organization for deletion, up to a number, and returns how '
  'many.';

create function private.call_recording_remover_if_due()
returns uuid
language sql
set search_path = ''
as $$
  select private.enqueue_function_call('/audio/recordings/remove')
  where exists (
    select from private.recordings_to_delete queued where queued.due_at <= now()
  )
$$;
comment on function private.call_recording_remover_if_due() is
  'Calls the function that deletes recordings where some are due. For the job delete-recordings.';

create function public.claim_recordings_to_delete(batch integer default 100)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  claimed jsonb;
begin
  -- A recording that belongs to a message again is kept.
  delete from private.recordings_to_delete queued
  where queued.due_at <= now()
    and exists (select from public.chat_messages where chat_messages.audio_path = queued.path);
  with taken as (
    select queued.path from private.recordings_to_delete queued
    where queued.due_at <= now()
    order by queued.due_at
    limit least(claim_recordings_to_delete.batch, 1000)
    for no key update skip locked
  ),
  updated as (
    update private.recordings_to_delete queued
    set attempts = queued.attempts + 1,
        -- With pauses of up to a day, while Storage does not answer.
        due_at = now() + interval '5 minutes' * power(2, least(queued.attempts, 8))
    where queued.path in (select taken.path from taken)
    returning queued.path
  )
  select coalesce(jsonb_agg(updated.path), '[]') into claimed from updated;
  return claimed;
end
$$;
comment on function public.claim_recordings_to_delete(integer) is
  'Claims recordings that are due for deletion, up to a number: a list of their paths in the '
  'bucket voice. Those that are not recorded with record_deleted_recordings() are due again, after '
  'five minutes at first. Backend only.';

create function public.record_deleted_recordings(paths jsonb)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  recorded integer;
begin
  delete from private.recordings_to_delete queued
  where queued.path in (
    select jsonb_array_elements_text(record_deleted_recordings.paths)
  );
  get diagnostics recorded = row_count;
  return recorded;
end
$$;
comment on function public.record_deleted_recordings(jsonb) is
  'Records that the Storage API has deleted recordings, by a list of their paths. Returns '
  'how many. Backend only.';
grant insert, update, delete on private.recordings_to_delete to service_role;
grant execute on function
  public.claim_recordings_to_delete(integer), public.record_deleted_recordings(jsonb)
  to service_role;
