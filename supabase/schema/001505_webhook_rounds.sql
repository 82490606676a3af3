-- The current state of what 001505_webhook_rounds.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.call_webhook_sender()
returns uuid
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  -- A round that started within the last second checks once more before it ends.
  if exists (
    select from private.function_call_outbox calls
    where calls.path = '/webhooks/deliver' and calls.created_at > now() - interval '1 second'
  ) then
    return null;
  end if;
  return private.enqueue_function_call('/webhooks/deliver');
end
$body$;

create function private.call_webhook_sender_if_due()
returns uuid
language sql volatile security invoker
set search_path=""
as $body$
  select private.call_webhook_sender()
  where exists (select from private.due_deliveries(1))
$body$;

create function private.send_new_deliveries()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  if exists (select from new_rows where new_rows.next_attempt_at <= now()) then
    perform private.call_webhook_sender();
  end if;
  return null;
exception when others then
  -- The event is committed regardless; the job calls the sender within a minute.
  raise warning 'The sender of webhooks was not called: %', sqlerrm;
  return null;
end
$body$;
