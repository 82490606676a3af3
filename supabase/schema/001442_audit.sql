-- The current state of what 001442_audit.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table public.audit_events (
  id uuid default gen_random_uuid() not null,
  organization_id uuid,
  actor_type text not null,
  actor_id uuid,
  actor_name text,
  access_key_id uuid,
  action text not null,
  table_name text not null,
  row_id text not null,
  before jsonb,
  after jsonb,
  created_at timestamp with time zone default clock_timestamp() not null,
  constraint audit_events_pkey PRIMARY KEY (id),
  constraint audit_events_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES public.profiles(id) ON DELETE SET NULL,
  constraint actor_type_is_known CHECK ((actor_type = ANY (ARRAY['user'::text, 'service'::text, 'operator'::text, 'job'::text]))),
  constraint audit_action_is_known CHECK ((action = ANY (ARRAY['created'::text, 'changed'::text, 'deleted'::text, 'moved_in'::text, 'moved_out'::text]))),
  constraint audit_after_is_at_most_128_kib CHECK ((octet_length((after)::text) <= 131072)),
  constraint audit_before_is_at_most_128_kib CHECK ((octet_length((before)::text) <= 131072)),
  constraint only_a_user_has_an_id CHECK (((actor_id IS NULL) OR (actor_type = 'user'::text)))
);
alter table public.audit_events enable row level security;
create policy "Owners read the audit log of their organizations" on public.audit_events
  as permissive for select to authenticated
  using ((organization_id = ANY (ARRAY( SELECT private.my_organizations('owner'::text) AS my_organizations))));
grant select on public.audit_events to authenticated;
grant select on public.audit_events to service_role;
CREATE INDEX audit_events_actor_id_idx ON public.audit_events USING btree (actor_id, organization_id, created_at DESC);
CREATE INDEX audit_events_organization_id_idx ON public.audit_events USING btree (organization_id, created_at DESC, id);
CREATE INDEX audit_events_row_idx ON public.audit_events USING btree (organization_id, table_name, row_id, created_at DESC);

-- Functions --------------------------------------------------------------------------------------

create function private.audit_lifetime(organization_id uuid)
returns interval
language sql stable security invoker
set search_path=""
as $body$
  select case
    when organizations.id is null then (private.limits()).audit_lifetime
    else make_interval(days => plans.audit_days)
  end
  from (select audit_lifetime.organization_id as id) asked
  left join public.organizations on organizations.id = asked.id
  left join public.plans on plans.id = organizations.plan
$body$;

create function private.delete_old_audit_events(organization_id uuid, batch integer)
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  cutoff constant timestamptz := now() - private.audit_lifetime(
    delete_old_audit_events.organization_id
  );
  deleted integer;
begin
  delete from public.audit_events where audit_events.id in (
    select events.id from public.audit_events events
    where events.organization_id = delete_old_audit_events.organization_id
      and events.created_at < cutoff
    union all
    select events.id from public.audit_events events
    where events.organization_id is null
      and delete_old_audit_events.organization_id is null
      and events.created_at < cutoff
    limit delete_old_audit_events.batch
  );
  get diagnostics deleted = row_count;
  return deleted;
end
$body$;

create function private.old_audit_events()
returns TABLE(organization_id uuid, due_at timestamp with time zone)
language sql stable security invoker
set search_path=""
as $body$
  -- Skips from one organization to the next by the index, instead of reading all events.
  with recursive logged (id) as (
    (
      select events.organization_id from public.audit_events events
      where events.organization_id is not null
      order by events.organization_id limit 1
    )
    union all
    select (
      select events.organization_id from public.audit_events events
      where events.organization_id > logged.id
      order by events.organization_id limit 1
    )
    from logged
    where logged.id is not null
  ),
  oldest (organization_id, created_at) as (
    select logged.id, (
      select events.created_at from public.audit_events events
      where events.organization_id = logged.id
      order by events.created_at limit 1
    )
    from logged
    where logged.id is not null
    union all
    select null, (
      select events.created_at from public.audit_events events
      where events.organization_id is null
      -- The only order that the index supports for null.
      order by events.organization_id desc, events.created_at limit 1
    )
  )
  select oldest.organization_id, oldest.created_at + kept.lifetime
  from oldest
  cross join lateral (select private.audit_lifetime(oldest.organization_id) as lifetime) kept
  where oldest.created_at < now() - kept.lifetime
$body$;

create function public.list_audit_events(organization_id uuid, page_size integer DEFAULT 50, before timestamp with time zone DEFAULT 'infinity'::timestamp with time zone, before_id uuid DEFAULT NULL::uuid, table_name text DEFAULT NULL::text, row_id text DEFAULT NULL::text, actor_id uuid DEFAULT NULL::uuid, action text DEFAULT NULL::text, since timestamp with time zone DEFAULT '-infinity'::timestamp with time zone)
returns SETOF public.audit_events
language plpgsql stable security invoker
set plan_cache_mode=force_custom_plan
set search_path=""
as $body$
begin
  perform private.refuse_page_size(page_size);
  if not private.is_backend() and not exists (
    select from private.my_organizations('owner') mine (id)
    where mine.id = list_audit_events.organization_id
  ) then
    perform private.refuse(
      'organization_not_found', 'Organization not found, or you are not its owner.',
      'Ask an owner of the organization.'
    );
  end if;
  return query
  select events.*
  from public.audit_events events
  where (
      events.organization_id = list_audit_events.organization_id
      or (list_audit_events.organization_id is null and events.organization_id is null)
    )
    and events.created_at >= list_audit_events.since
    and events.created_at <= list_audit_events.before
    and (events.created_at < list_audit_events.before or events.id > list_audit_events.before_id)
    and (list_audit_events.table_name is null or events.table_name = list_audit_events.table_name)
    and (list_audit_events.row_id is null or events.row_id = list_audit_events.row_id)
    and (list_audit_events.actor_id is null or events.actor_id = list_audit_events.actor_id)
    and (list_audit_events.action is null or events.action = list_audit_events.action)
  -- The organization leads, so that the index gives this order for null as well.
  order by events.organization_id, events.created_at desc, events.id
  limit list_audit_events.page_size;
end
$body$;
grant execute on function public.list_audit_events(uuid,integer,timestamp with time zone,uuid,text,text,uuid,text,timestamp with time zone) to authenticated, service_role;
