-- The current state of what 001165_webhook_deliveries.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table private.webhook_payloads (
  delivery_id uuid not null,
  body text not null,
  created_at timestamp with time zone default now() not null,
  constraint webhook_payloads_pkey PRIMARY KEY (delivery_id),
  constraint webhook_payloads_delivery_id_fkey FOREIGN KEY (delivery_id) REFERENCES public.webhook_deliveries(id) ON DELETE CASCADE,
  constraint webhook_body_is_at_most_4_mib CHECK ((octet_length(body) <= 4194304))
);
grant delete, insert, select, update on private.webhook_payloads to service_role;

create table public.webhook_deliveries (
  id uuid default gen_random_uuid() not null,
  endpoint_id uuid not null,
  organization_id uuid not null,
  event_type text not null,
  subject_id uuid,
  status text default 'pending'::text not null,
  attempts integer default 0 not null,
  next_attempt_at timestamp with time zone default now() not null,
  locked_until timestamp with time zone,
  give_up_at timestamp with time zone default (now() + '4 days'::interval) not null,
  last_status integer,
  last_error text,
  delivered_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint webhook_deliveries_pkey PRIMARY KEY (id),
  constraint webhook_deliveries_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES public.webhook_endpoints(id) ON DELETE CASCADE,
  constraint webhook_deliveries_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE,
  constraint webhook_attempts_are_not_negative CHECK ((attempts >= 0)),
  constraint webhook_delivered_at_is_known_when_delivered CHECK (((status = 'delivered'::text) = (delivered_at IS NOT NULL))),
  constraint webhook_delivery_status_is_known CHECK ((status = ANY (ARRAY['pending'::text, 'delivered'::text, 'dead'::text, 'canceled'::text]))),
  constraint webhook_event_type_is_words_and_dots CHECK ((event_type ~ '^[a-z][a-z0-9_]{0,62}(\.[a-z][a-z0-9_]{0,62})*$'::text)),
  constraint webhook_last_error_is_prose CHECK (private.is_prose(last_error))
);
alter table public.webhook_deliveries enable row level security;
create policy "Agent managers read the deliveries of their webhooks" on public.webhook_deliveries
  as permissive for select to authenticated
  using ((organization_id = ANY (ARRAY( SELECT private.my_organizations('agent_manager'::text) AS my_organizations))));
grant delete, insert, select, update on public.webhook_deliveries to service_role;
grant select on public.webhook_deliveries to authenticated;
CREATE INDEX webhook_deliveries_created_at_idx ON public.webhook_deliveries USING brin (created_at);
CREATE INDEX webhook_deliveries_due_idx ON public.webhook_deliveries USING btree (endpoint_id, next_attempt_at) WHERE (status = 'pending'::text);
CREATE INDEX webhook_deliveries_endpoint_id_idx ON public.webhook_deliveries USING btree (endpoint_id, status);
CREATE INDEX webhook_deliveries_give_up_at_idx ON public.webhook_deliveries USING btree (give_up_at) WHERE (status = 'pending'::text);
CREATE INDEX webhook_deliveries_organization_id_idx ON public.webhook_deliveries USING btree (organization_id, created_at DESC);
CREATE INDEX webhook_deliveries_subject_id_idx ON public.webhook_deliveries USING btree (subject_id) WHERE (subject_id IS NOT NULL);
CREATE TRIGGER change_delivery_status BEFORE UPDATE OF status ON public.webhook_deliveries FOR EACH ROW WHEN ((old.status IS DISTINCT FROM new.status)) EXECUTE FUNCTION private.change_delivery_status();
CREATE TRIGGER fail_undelivered AFTER UPDATE OF status ON public.webhook_deliveries FOR EACH ROW WHEN (((new.status = 'dead'::text) AND (old.status = 'pending'::text) AND (new.event_type = 'workflow.run'::text))) EXECUTE FUNCTION private.fail_undelivered();
CREATE TRIGGER follow_call_of_deployer AFTER UPDATE OF status ON public.webhook_deliveries FOR EACH ROW WHEN (((old.status = 'pending'::text) AND (new.status = ANY (ARRAY['delivered'::text, 'dead'::text])) AND (new.event_type = 'deployment.requested'::text))) EXECUTE FUNCTION private.follow_call_of_deployer();
CREATE TRIGGER notify_dead_delivery AFTER UPDATE OF status ON public.webhook_deliveries FOR EACH ROW WHEN (((new.status = 'dead'::text) AND (old.status = 'pending'::text))) EXECUTE FUNCTION private.notify_dead_delivery();
CREATE TRIGGER send_new_deliveries AFTER INSERT ON public.webhook_deliveries REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.send_new_deliveries();
CREATE TRIGGER update_webhook_deliveries_updated_at BEFORE UPDATE ON public.webhook_deliveries FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

-- Functions --------------------------------------------------------------------------------------

create function private.change_delivery_status()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
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
$body$;

create function private.due_deliveries(most integer)
returns SETOF uuid
language sql stable security invoker
set search_path=""
as $body$
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
$body$;
grant execute on function private.due_deliveries(integer) to service_role;

create function private.enqueue_webhook(endpoint uuid, event_type text, data jsonb, subject uuid DEFAULT NULL::uuid, not_before timestamp with time zone DEFAULT NULL::timestamp with time zone, patience interval DEFAULT '4 days'::interval)
returns uuid
language plpgsql volatile security invoker
set search_path=""
as $body$
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
$body$;
grant execute on function private.enqueue_webhook(uuid,text,jsonb,uuid,timestamp with time zone,interval) to service_role;

create function private.slack_text(message text)
returns text
language sql immutable security invoker
set search_path=""
as $body$
  select left(
    replace(replace(replace(slack_text.message, '&', '&amp;'), '<', '&lt;'), '>', '&gt;'), 3000
  )
$body$;

create function private.webhooks_with_deliveries()
returns SETOF uuid
language sql stable security invoker
set search_path=""
as $body$
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
$body$;
grant execute on function private.webhooks_with_deliveries() to service_role;
