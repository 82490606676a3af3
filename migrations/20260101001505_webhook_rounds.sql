-- Rounds: calls of the function webhooks, which sends the deliveries that are due.

create function private.call_webhook_sender()
returns uuid
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.call_webhook_sender() is
  'Calls the function that sends deliveries, unless it was called within the last second.';

create function private.call_webhook_sender_if_due()
returns uuid
language sql
set search_path = ''
as $$
  select private.call_webhook_sender()
  where exists (select from private.due_deliveries(1))
$$;
comment on function private.call_webhook_sender_if_due() is
  'Calls the function that sends deliveries where some are due. For the job deliver-webhooks.';

create function private.send_new_deliveries()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
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
$$;
comment on function private.send_new_deliveries() is
  'Trigger: has a due delivery sent immediately. It never fails the transaction that wrote the '
  'delivery.';
create trigger send_new_deliveries after insert on public.webhook_deliveries
  referencing new table as new_rows
  for each statement execute function private.send_new_deliveries();
