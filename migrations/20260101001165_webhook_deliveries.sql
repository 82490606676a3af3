-- Deliveries: the outbox of calls to webhooks. A delivery is written in the transaction of its
-- event and sent afterwards by the function webhooks: at least once, in no particular order.

create table public.webhook_deliveries (
  id uuid primary key default gen_random_uuid(),
  endpoint_id uuid not null references public.webhook_endpoints (id) on delete cascade,
  organization_id uuid not null references public.organizations (id) on delete cascade,
  event_type text not null,
  subject_id uuid,
  status text not null default 'pending',
  attempts integer not null default 0,
  next_attempt_at timestamptz not null default now(),
  locked_until timestamptz,
  give_up_at timestamptz not null default now() + interval '4 days',
  last_status integer,
  last_error text,
  delivered_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint webhook_event_type_is_words_and_dots
    check (event_type ~ '^[a-z][a-z0-9_]{0,62}(\.[a-z][a-z0-9_]{0,62})*$'),
  constraint webhook_delivery_status_is_known
    check (status in ('pending', 'delivered', 'dead', 'canceled')),
  constraint webhook_attempts_are_not_negative check (attempts >= 0),
  constraint webhook_last_error_is_prose check (private.is_prose(last_error)),
  constraint webhook_delivered_at_is_known_when_delivered
    check ((status = 'delivered') = (delivered_at is not null))
);
comment on table public.webhook_deliveries is
  'Calls of webhooks, and their outcomes; kept for a month. Dead ones are the dead letters, which '
  'replay_webhook_deliveries() sends again.';
comment on column public.webhook_deliveries.id is
  'Identifies the delivery; its webhook-id, the same in every attempt.';
comment on column public.webhook_deliveries.endpoint_id is 'The endpoint that is called.';
comment on column public.webhook_deliveries.organization_id is 'The organization of the endpoint.';
comment on column public.webhook_deliveries.event_type is
  'What happened, such as workflow.run, deployment.requested or notification.agent_error.';
comment on column public.webhook_deliveries.subject_id is
  'The execution or deployment that waits for it; null for others.';
comment on column public.webhook_deliveries.status is
  'pending, delivered, dead (given up) or canceled (no longer needed).';
comment on column public.webhook_deliveries.attempts is 'Calls that were begun.';
comment on column public.webhook_deliveries.next_attempt_at is 'When it is due.';
comment on column public.webhook_deliveries.locked_until is
  'The lease of the sender that has claimed it, until which it must report the outcome.';
comment on column public.webhook_deliveries.give_up_at is
  'Retries are not scheduled after this time: the delivery becomes dead, even if no attempt was '
  'reported or its webhook is disabled.';
comment on column public.webhook_deliveries.last_status is 'HTTP status of the last attempt.';
comment on column public.webhook_deliveries.last_error is 'Why the last attempt failed.';
comment on column public.webhook_deliveries.delivered_at is 'When it was delivered.';
comment on column public.webhook_deliveries.created_at is 'When the delivery was written.';
comment on column public.webhook_deliveries.updated_at is 'When the delivery was last changed.';

alter table public.webhook_deliveries enable row level security;
create policy "Agent managers read the deliveries of their webhooks" on public.webhook_deliveries
  for select to authenticated
  using (organization_id = any (array(select private.my_organizations('agent_manager'))));
grant select on public.webhook_deliveries to authenticated;
grant select, insert, update, delete on public.webhook_deliveries to service_role;
create index webhook_deliveries_due_idx
  on public.webhook_deliveries (endpoint_id, next_attempt_at)
  where status = 'pending';
create index webhook_deliveries_give_up_at_idx
  on public.webhook_deliveries (give_up_at)
  where status = 'pending';
create index webhook_deliveries_endpoint_id_idx on public.webhook_deliveries (endpoint_id, status);
create index webhook_deliveries_organization_id_idx
  on public.webhook_deliveries (organization_id, created_at desc);
create index webhook_deliveries_subject_id_idx
  on public.webhook_deliveries (subject_id)
  where subject_id is not null;
-- Unordered: otherwise a list of the latest would scan those of all organizations.
create index webhook_deliveries_created_at_idx
  on public.webhook_deliveries using brin (created_at);
create trigger update_webhook_deliveries_updated_at before update on public.webhook_deliveries
  for each row execute function public.update_updated_at_column();

create table private.webhook_payloads (
  delivery_id uuid primary key references public.webhook_deliveries (id) on delete cascade,
  body text not null,
  created_at timestamptz not null default now(),
  -- Room for the largest definition of an agent, and the configuration of a deployment's trigger.
  constraint webhook_body_is_at_most_4_mib check (octet_length(body) <= 4194304)
);
comment on table private.webhook_payloads is
  'The bytes that a delivery sends and signs, until it is delivered or canceled.';
comment on column private.webhook_payloads.delivery_id is 'The delivery.';
comment on column private.webhook_payloads.body is 'The body, as JSON.';
comment on column private.webhook_payloads.created_at is
  'When the event happened whose body it is.';
grant select, insert, update, delete on private.webhook_payloads to service_role;

create function private.change_delivery_status()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if not (
    (old.status = 'pending' and new.status in ('delivered', 'dead', 'canceled'))
    or (old.status = 'dead' and new.status = 'pending')
  ) then
    perform private.refuse(
      'delivery_transition_refused',
      format('A delivery that is %s cannot become %s.', old.status, new.status),
      'Only a dead delivery can be sent again.'
    );
  end if;
  if new.status in ('delivered', 'canceled') then
    delete from private.webhook_payloads payloads where payloads.delivery_id = new.id;
  end if;
  return new;
end
$$;
comment on function private.change_delivery_status() is
  'Trigger: the state machine of deliveries. A delivery that is no longer sent has no body. '
  'Errors: PT409 delivery_transition_refused.';
create trigger change_delivery_status before update of status on public.webhook_deliveries
  for each row when (old.status is distinct from new.status)
  execute function private.change_delivery_status();

create function private.slack_text(message text)
returns text
language sql
immutable
set search_path = ''
as $$
  select left(
    replace(replace(replace(slack_text.message, '&', '&amp;'), '<', '&lt;'), '>', '&gt;'), 3000
  )
$$;
comment on function private.slack_text(text) is
  'A text escaped for Slack, so that mentions, links and channels in it have no effect.';

create function private.enqueue_webhook(
  endpoint uuid, event_type text, data jsonb, subject uuid default null,
  not_before timestamptz default null, patience interval default '4 days'
)
returns uuid
language plpgsql
set search_path = ''
as $$
declare
  called public.webhook_endpoints;
  delivery uuid;
begin
  select endpoints.* into called
  from public.webhook_endpoints endpoints
  join public.organizations on organizations.id = endpoints.organization_id
  where endpoints.id = enqueue_webhook.endpoint
    and endpoints.is_active and organizations.deleted_at is null;
  if called.id is null then
    return null;
  end if;
  insert into public.webhook_deliveries (
    endpoint_id, organization_id, event_type, subject_id, next_attempt_at, give_up_at
  )
  values (
    called.id, called.organization_id, enqueue_webhook.event_type, enqueue_webhook.subject,
    coalesce(enqueue_webhook.not_before, now()),
    coalesce(enqueue_webhook.not_before, now()) + enqueue_webhook.patience
  )
  returning webhook_deliveries.id into delivery;
  insert into private.webhook_payloads (delivery_id, body)
  values (
    delivery,
    case called.kind
      when 'slack' then jsonb_build_object(
        'text', private.slack_text(
          coalesce(enqueue_webhook.data ->> 'text', enqueue_webhook.event_type)
        )
      )
      else jsonb_build_object(
        'type', enqueue_webhook.event_type,
        'timestamp', to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'data', enqueue_webhook.data
      )
    end::text
  );
  return delivery;
end
$$;
comment on function private.enqueue_webhook(uuid, text, jsonb, uuid, timestamptz, interval) is
  'Writes a delivery to an active endpoint and returns its id; null if the endpoint is inactive or '
  'deleted. Slack gets the field text of the data. Attempts end after patience.';
grant execute
  on function private.enqueue_webhook(uuid, text, jsonb, uuid, timestamptz, interval)
  to service_role;

create function private.webhooks_with_deliveries()
returns setof uuid
language sql
stable
set search_path = ''
as $$
  with recursive waiting as (
    (
      select deliveries.endpoint_id
      from public.webhook_deliveries deliveries
      where deliveries.status = 'pending'
      order by deliveries.endpoint_id
      limit 1
    )
    union all
    select (
      select deliveries.endpoint_id
      from public.webhook_deliveries deliveries
      where deliveries.status = 'pending' and deliveries.endpoint_id > waiting.endpoint_id
      order by deliveries.endpoint_id
      limit 1
    )
    from waiting
    where waiting.endpoint_id is not null
  )
  select waiting.endpoint_id from waiting where waiting.endpoint_id is not null
$$;
comment on function private.webhooks_with_deliveries() is
  'Endpoints with pending deliveries, found by one index lookup for each.';
grant execute on function private.webhooks_with_deliveries() to service_role;

create function private.due_deliveries(most integer)
returns setof uuid
language sql
stable
set search_path = ''
as $$
  select due.id
  from (
    select
      waiting.id,
      waiting.next_attempt_at,
      row_number() over (
        partition by endpoints.organization_id order by waiting.next_attempt_at, waiting.id
      ) as round
    from private.webhooks_with_deliveries() as pending (endpoint_id)
    join public.webhook_endpoints endpoints on endpoints.id = pending.endpoint_id
    join public.organizations on organizations.id = endpoints.organization_id
    cross join lateral (
      select deliveries.id, deliveries.next_attempt_at
      from public.webhook_deliveries deliveries
      where deliveries.endpoint_id = endpoints.id
        and deliveries.status = 'pending' and deliveries.next_attempt_at <= now()
        and deliveries.give_up_at > now()
      order by deliveries.next_attempt_at
      limit greatest(0, (private.limits()).calls_per_webhook - (
        select count(*) from public.webhook_deliveries sent
        where sent.endpoint_id = endpoints.id
          and sent.status = 'pending' and sent.locked_until > now()
      ))
    ) waiting
    where endpoints.is_active and organizations.deleted_at is null
      and coalesce(endpoints.paused_until, '-infinity') <= now()
  ) due
  order by due.round, due.next_attempt_at
  limit due_deliveries.most
$$;
comment on function private.due_deliveries(integer) is
  'Deliveries to send: each organization''s first, then each one''s second, and so on. An endpoint '
  'gets only a few concurrent calls, and none while it is paused.';
grant execute on function private.due_deliveries(integer) to service_role;
