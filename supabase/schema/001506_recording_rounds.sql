-- The current state of what 001506_recording_rounds.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.call_recording_remover_if_due()
returns uuid
language sql volatile security invoker
set search_path=""
as $body$
  select private.enqueue_function_call('/audio/recordings/remove')
  where exists (
    select from private.recordings_to_delete queued where queued.due_at <= now()
  )
$body$;

create function private.queue_unused_recordings()
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  queued integer := 0;
begin
  if to_regclass('storage.objects') is null then
    return queued;
  end if;
  insert into private.recordings_to_delete (path)
  select objects.name
  from storage.objects
  where objects.bucket_id = 'voice'
    and objects.created_at < now() - (private.limits()).unused_recording_lifetime
    -- What else a project keeps in a bucket of this name is not a recording.
    and private.session_of_recording(objects.name) is not null
    and not exists (
      select from public.chat_messages where chat_messages.audio_path = objects.name
    )
  on conflict (path) do nothing;
  get diagnostics queued = row_count;
  return queued;
end
$body$;

create function public.claim_recordings_to_delete(batch integer DEFAULT 100)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  claimed jsonb;
begin
  -- One that is part of a message again stays.
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
        -- Up to a day, while Storage does not answer.
        due_at = now() + interval '5 minutes' * power(2, least(queued.attempts, 8))
    where queued.path in (select taken.path from taken)
    returning queued.path
  )
  select coalesce(jsonb_agg(updated.path), '[]') into claimed from updated;
  return claimed;
end
$body$;
grant execute on function public.claim_recordings_to_delete(integer) to agentbase_functions;

create function public.record_deleted_recordings(paths jsonb)
returns integer
language plpgsql volatile security definer
set search_path=""
as $body$
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
$body$;
grant execute on function public.record_deleted_recordings(jsonb) to agentbase_functions;
