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

create function private.queue_unused_recordings(organization text, batch integer DEFAULT 1000)
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
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
$body$;

create function private.recordings_to_find()
returns SETOF private.due_item
language sql stable security invoker
set search_path=""
as $body$
  select
    split_part(unused.path, '/', 1), 1::bigint,
    min(unused.created_at) + (private.limits()).unused_recording_lifetime
  from private.unused_recordings() unused
  group by 1
$body$;

create function private.unused_recordings(organization text DEFAULT NULL::text)
returns TABLE(path text, created_at timestamp with time zone)
language plpgsql stable security invoker
set plan_cache_mode=force_custom_plan
set search_path=""
as $body$
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
$body$;

create function public.claim_recordings_to_delete(batch integer DEFAULT 100)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
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
