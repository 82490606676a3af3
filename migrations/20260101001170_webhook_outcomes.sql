-- Senders: how deliveries are claimed, and their outcomes.

create function private.webhook_retry_delay(attempts integer)
returns interval
language sql
volatile
set search_path = ''
as $$
  -- The schedule that Standard Webhooks suggests, a fifth earlier or later.
  select (array[
    '5 seconds', '5 minutes', '30 minutes', '2 hours', '5 hours', '10 hours', '14 hours',
    '20 hours', '24 hours'
  ]::interval[])[webhook_retry_delay.attempts] * (0.8 + 0.4 * random())
$$;
comment on function private.webhook_retry_delay(integer) is
  'Time between an attempt, from 1, and the next; null after the tenth, which is the last.';
grant execute on function private.webhook_retry_delay(integer) to service_role;

create function public.claim_webhook_deliveries(batch integer default 1)
returns jsonb
language sql
set search_path = ''
as $$
  with candidates as materialized (
    -- More than needed, as concurrent senders claim some of them.
    select due.id, due.place
    from private.due_deliveries(least(claim_webhook_deliveries.batch, 100) + 50)
      with ordinality as due (id, place)
  ),
  taken as (
    select deliveries.id
    from public.webhook_deliveries deliveries
    join candidates on candidates.id = deliveries.id
    where deliveries.status = 'pending' and deliveries.next_attempt_at <= now()
      and deliveries.give_up_at > now()
    order by candidates.place
    limit least(claim_webhook_deliveries.batch, 100)
    for no key update of deliveries skip locked
  ),
  claimed as (
    update public.webhook_deliveries deliveries
    set attempts = deliveries.attempts + 1,
        locked_until = now() + (private.limits()).webhook_lease,
        next_attempt_at = now() + (private.limits()).webhook_lease,
        -- The last attempt; if it is not reported, the delivery is given up.
        give_up_at = case
          when private.webhook_retry_delay(deliveries.attempts + 1) is null
            then least(deliveries.give_up_at, now() + (private.limits()).webhook_lease)
          else deliveries.give_up_at
        end
    where deliveries.id in (select taken.id from taken)
    returning deliveries.*
  )
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', claimed.id,
    'attempt', claimed.attempts,
    'endpoint_id', endpoints.id,
    'organization_id', endpoints.organization_id,
    'encrypted_url', endpoints.encrypted_url,
    'secrets', coalesce(secrets.list, '[]'),
    'body', payloads.body
  )), '[]')
  from claimed
  join public.webhook_endpoints endpoints on endpoints.id = claimed.endpoint_id
  join private.webhook_payloads payloads on payloads.delivery_id = claimed.id
  left join lateral (
    select jsonb_agg(
      jsonb_build_object('id', valid.id, 'ciphertext', valid.encrypted_secret)
      order by valid.created_at desc
    ) as list
    from public.webhook_secrets valid
    where valid.endpoint_id = endpoints.id
      and (valid.expires_at is null or valid.expires_at > now())
  ) secrets on true
$$;
comment on function public.claim_webhook_deliveries(integer) is
  'Claims deliveries that are due for two minutes: a list of {"id", "attempt", "endpoint_id", '
  '"organization_id", "encrypted_url", "secrets": [{"id", "ciphertext"}], "body"}. Outcomes are '
  'recorded with record_webhook_delivery(); without one, a delivery is due again. Backend only.';
grant execute on function public.claim_webhook_deliveries(integer) to service_role;

create function private.notify_admins(
  organization_id uuid, type text, title text, message text, data jsonb
)
returns void
language sql
set search_path = ''
as $$
  select private.notify(
    members.user_id, notify_admins.type, notify_admins.title, notify_admins.message,
    notify_admins.data
  )
  from public.organization_members members
  where members.organization_id = notify_admins.organization_id
    and private.role_rank(members.role) >= private.role_rank('admin')
  -- Concurrent notifications of a topic lock those of each user in this order.
  order by members.user_id
$$;
comment on function private.notify_admins(uuid, text, text, text, jsonb) is
  'Notifies the admins and owners of an organization.';
grant execute on function private.notify_admins(uuid, text, text, text, jsonb) to service_role;

create function private.record_webhook_failure(endpoint uuid, is_gone boolean, pause interval)
returns void
language plpgsql
set search_path = ''
as $$
declare
  failing public.webhook_endpoints;
begin
  update public.webhook_endpoints endpoints
  set consecutive_failures = endpoints.consecutive_failures + 1,
      failing_since = coalesce(endpoints.failing_since, now()),
      -- Applies to all deliveries to the host, so that a dead host is not called for each of them.
      paused_until = greatest(
        endpoints.paused_until,
        now() + greatest(
          record_webhook_failure.pause,
          least(
            interval '1 second' * power(2, least(endpoints.consecutive_failures, 10)),
            interval '5 minutes'
          )
        )
      ),
      is_active = not record_webhook_failure.is_gone
        and coalesce(endpoints.failing_since, now())
          > now() - (private.limits()).webhook_patience,
      disabled_reason = case
        when record_webhook_failure.is_gone then 'gone'
        when endpoints.failing_since <= now() - (private.limits()).webhook_patience then 'failing'
      end
  where endpoints.id = record_webhook_failure.endpoint and endpoints.is_active
  returning * into failing;
  perform private.notify_admins(
    failing.organization_id, 'webhook_disabled', 'Webhook disabled',
    format(
      'The webhook "%s" was disabled: %s.', private.name_to_quote(failing.name),
      case failing.disabled_reason when 'gone' then 'it answered 410 Gone'
        else 'its calls have failed for days' end
    ),
    jsonb_build_object('webhook_endpoint_id', failing.id)
  )
  where not failing.is_active;
end
$$;
comment on function private.record_webhook_failure(uuid, boolean, interval) is
  'Records that a call of an endpoint failed: it is paused for up to five minutes, or its '
  'Retry-After, and disabled after a 410 or five days of failures; admins and owners of its '
  'organization are notified.';
grant execute on function private.record_webhook_failure(uuid, boolean, interval) to service_role;

create function public.record_webhook_delivery(
  delivery uuid, attempt integer, outcome jsonb
)
returns text
language plpgsql
set search_path = ''
as $$
declare
  sent public.webhook_deliveries;
  code integer := (record_webhook_delivery.outcome ->> 'status_code')::integer;
  is_delivered boolean := coalesce(code between 200 and 299, false);
  pause interval := make_interval(secs => least(
    coalesce((record_webhook_delivery.outcome ->> 'retry_after_ms')::numeric, 0) / 1000, 86400
  )::double precision);
  delay interval;
begin
  select deliveries.* into sent
  from public.webhook_deliveries deliveries
  where deliveries.id = record_webhook_delivery.delivery
  for no key update;
  -- A success counts no matter how late it is reported; a failure of an earlier attempt does not.
  if sent.id is null or sent.status <> 'pending'
    or not is_delivered and sent.attempts <> record_webhook_delivery.attempt
  then
    return sent.status;
  end if;
  delay := private.webhook_retry_delay(sent.attempts);
  update public.webhook_deliveries
  set status = case
        when is_delivered then 'delivered'
        when code = 410 or delay is null or now() + greatest(delay, pause) > sent.give_up_at
          then 'dead'
        else 'pending'
      end,
      delivered_at = case when is_delivered then now() end,
      next_attempt_at = now() + greatest(delay, pause),
      locked_until = null, last_status = code,
      last_error = private.without_secrets(record_webhook_delivery.outcome ->> 'error')
  where webhook_deliveries.id = sent.id
  returning * into sent;
  if is_delivered then
    update public.webhook_endpoints endpoints
    set consecutive_failures = 0, failing_since = null, paused_until = null
    where endpoints.id = sent.endpoint_id and endpoints.consecutive_failures > 0;
  else
    perform private.record_webhook_failure(sent.endpoint_id, coalesce(code = 410, false), pause);
  end if;
  return sent.status;
end
$$;
comment on function public.record_webhook_delivery(uuid, integer, jsonb) is
  'Records the outcome of an attempt, {"status_code", "error", "retry_after_ms"}, and returns the '
  'status of the delivery. A status of 2xx is a success; 410 disables the endpoint; all others are '
  'retried, up to ten times within four days, and then dead. Backend only.';
grant execute on function public.record_webhook_delivery(uuid, integer, jsonb) to service_role;

create function private.notify_dead_delivery()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform private.notify_admins(
    endpoints.organization_id, 'webhook_failed', 'Webhook not delivered',
    format(
      'An event could not be delivered to the webhook "%s".',
      private.name_to_quote(endpoints.name)
    ),
    jsonb_build_object('webhook_endpoint_id', endpoints.id, 'delivery_id', new.id)
  )
  from public.webhook_endpoints endpoints
  where endpoints.id = new.endpoint_id;
  return null;
end
$$;
comment on function private.notify_dead_delivery() is
  'Trigger: notifies the admins and owners of an endpoint''s organization that a delivery was '
  'given up.';
create trigger notify_dead_delivery after update of status on public.webhook_deliveries
  for each row when (new.status = 'dead' and old.status = 'pending')
  execute function private.notify_dead_delivery();

create function private.replay_webhook_deliveries(endpoint uuid, delivery uuid)
returns integer
language plpgsql
security definer
set search_path = ''
as $$
declare
  replayed integer;
begin
  if not exists (
    select from public.webhook_endpoints endpoints
    where endpoints.id = replay_webhook_deliveries.endpoint
      and endpoints.organization_id = any (
        array(select private.my_organizations('agent_manager'))
      )
  ) then
    perform private.refuse('webhook_not_found', 'Webhook not found, or you may not manage it.');
  end if;
  update public.webhook_deliveries
  set status = 'pending', attempts = 0, next_attempt_at = now(),
      give_up_at = now() + interval '4 days'
  where webhook_deliveries.id in (
    select dead.id from public.webhook_deliveries dead
    where dead.endpoint_id = replay_webhook_deliveries.endpoint
      and dead.status = 'dead' and dead.subject_id is null
      and (
        replay_webhook_deliveries.delivery is null or dead.id = replay_webhook_deliveries.delivery
      )
    order by dead.created_at
    limit 1000
    for no key update skip locked
  );
  get diagnostics replayed = row_count;
  return replayed;
end
$$;
comment on function private.replay_webhook_deliveries(uuid, uuid) is
  'Body of public.replay_webhook_deliveries(): changes deliveries, which clients only read, after '
  'checking the caller''s role.';
grant execute on function private.replay_webhook_deliveries(uuid, uuid) to authenticated;

create function public.replay_webhook_deliveries(endpoint uuid, delivery uuid default null)
returns integer
language sql
set search_path = ''
as $$
  select private.replay_webhook_deliveries(
    replay_webhook_deliveries.endpoint, replay_webhook_deliveries.delivery
  )
$$;
comment on function public.replay_webhook_deliveries(uuid, uuid) is
  'Sends dead deliveries of an endpoint again, the oldest 1,000 or one that is named, with the '
  'same webhook-id, and returns how many. Deliveries of executions and deployments are left out: '
  'these have failed, and have to be started again. For agent managers of the organization. '
  'Errors: PT404 webhook_not_found.';
grant execute on function public.replay_webhook_deliveries(uuid, uuid) to authenticated;

create function private.give_up_deliveries(organization_id uuid, batch integer)
returns integer
language sql
set search_path = ''
as $$
  with given_up as (
    update public.webhook_deliveries
    set status = 'dead', locked_until = null,
        last_error = coalesce(webhook_deliveries.last_error, case
          when webhook_deliveries.attempts = 0 then 'It was not sent in time.'
          else 'The result of the last attempt is not known.'
        end)
    where webhook_deliveries.id in (
      select overdue.id from public.webhook_deliveries overdue
      where overdue.organization_id = give_up_deliveries.organization_id
        and overdue.status = 'pending' and overdue.give_up_at <= now()
        and coalesce(overdue.locked_until, '-infinity') <= now()
      limit give_up_deliveries.batch
      for no key update skip locked
    )
    returning webhook_deliveries.id
  )
  select count(*)::integer from given_up
$$;
comment on function private.give_up_deliveries(uuid, integer) is
  'Gives up pending deliveries of an organization that are past give_up_at, also those of disabled '
  'webhooks and without reports, at most batch; returns how many.';

create function private.delete_old_deliveries(organization_id uuid, batch integer)
returns integer
language sql
set search_path = ''
as $$
  with deleted as (
    delete from public.webhook_deliveries
    where webhook_deliveries.id in (
      select old.id from public.webhook_deliveries old
      where old.organization_id = delete_old_deliveries.organization_id
        and old.status <> 'pending' and old.created_at < now() - interval '30 days'
      limit delete_old_deliveries.batch
      for update skip locked
    )
    returning webhook_deliveries.id
  )
  select count(*)::integer from deleted
$$;
comment on function private.delete_old_deliveries(uuid, integer) is
  'Deletes deliveries of an organization that ended and are a month old, a bounded number.';

create function private.end_deliveries(kind text, organization_id uuid, batch integer)
returns integer
language sql
set search_path = ''
as $$
  select case end_deliveries.kind
    when 'overdue_deliveries'
      then private.give_up_deliveries(end_deliveries.organization_id, end_deliveries.batch)
    else private.delete_old_deliveries(end_deliveries.organization_id, end_deliveries.batch)
  end
$$;
comment on function private.end_deliveries(text, uuid, integer) is
  'Gives up overdue_deliveries, or deletes old webhook_deliveries, of an organization.';
