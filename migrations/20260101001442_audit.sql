-- Audit: an append-only log of the changes that owners, admins, operators and the backend make. The
-- chapter audited_tables says which tables write to it. docs/decisions/audit.md has the reasons.

create table public.audit_events (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid,
  actor_type text not null,
  actor_id uuid references public.profiles (id) on delete set null,
  actor_name text,
  access_key_id uuid,
  action text not null,
  table_name text not null,
  row_id text not null,
  before jsonb,
  after jsonb,
  created_at timestamptz not null default clock_timestamp(),
  constraint actor_type_is_known check (actor_type in ('user', 'service', 'operator', 'job')),
  constraint only_a_user_has_an_id check (actor_id is null or actor_type = 'user'),
  constraint audit_action_is_known
    check (action in ('created', 'changed', 'deleted', 'moved_in', 'moved_out')),
  constraint audit_before_is_at_most_128_kib check (octet_length(before::text) <= 131072),
  constraint audit_after_is_at_most_128_kib check (octet_length(after::text) <= 131072)
);
comment on table public.audit_events is
  'Who changed what and when, in organizations and on the platform. Written by the database; no '
  'role of the API can change or delete a row. Kept for plans.audit_days.';
comment on column public.audit_events.id is 'Identifies the audit event.';
comment on column public.audit_events.organization_id is
  'The organization, which may have been deleted since; null for the platform''s own rows, such '
  'as prices, whose events only operators read.';
comment on column public.audit_events.actor_type is
  'user; service: the backend with the service role; operator: a database login; job: a '
  'scheduled job.';
comment on column public.audit_events.actor_id is
  'The user; null for other actors, and for a user whose account was deleted.';
comment on column public.audit_events.actor_name is
  'The database role of an operator, or the name of a job; null for other actors.';
comment on column public.audit_events.access_key_id is
  'The access key with which the user called, if any; it may have been deleted since.';
comment on column public.audit_events.action is
  'created, changed, deleted; moved_out and moved_in where a row changes its organization, one in '
  'each.';
comment on column public.audit_events.table_name is 'Table of the row, such as agents.';
comment on column public.audit_events.row_id is
  'Primary key of the row; several columns are joined with a slash.';
comment on column public.audit_events.before is
  'Values before: all recorded ones of a deleted row, the changed ones of another. Secrets and '
  'configurations, and values of more than 1 KiB, appear as their size: {"bytes": 512}.';
comment on column public.audit_events.after is 'Values after, in the same form.';
comment on column public.audit_events.created_at is
  'When the row was changed, by the clock: later than the start of the transaction.';

alter table public.audit_events enable row level security;
create policy "Owners read the audit log of their organizations" on public.audit_events
  for select to authenticated
  using (organization_id = any (array(select private.my_organizations('owner'))));
-- Not even the backend writes or deletes here.
grant select on public.audit_events to authenticated, service_role;
create index audit_events_organization_id_idx
  on public.audit_events (organization_id, created_at desc, id);
create index audit_events_row_idx
  on public.audit_events (organization_id, table_name, row_id, created_at desc);
create index audit_events_actor_id_idx
  on public.audit_events (actor_id, organization_id, created_at desc);

create function public.list_audit_events(
  organization_id uuid, page_size integer default 50, before timestamptz default 'infinity',
  before_id uuid default null, table_name text default null, row_id text default null,
  actor_id uuid default null, action text default null, since timestamptz default '-infinity'
)
returns setof public.audit_events
language plpgsql
stable
set search_path = ''
set plan_cache_mode = 'force_custom_plan'
as $$
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
$$;
comment on function public.list_audit_events(
  uuid, integer, timestamptz, uuid, text, text, uuid, text, timestamptz
) is
  'The audit log of an organization for its owners, newest first, page by page: before and '
  'before_id are created_at and id of the last event of the page before. The other arguments '
  'filter. For the backend, a null organization means the platform''s own rows. Errors: PT400 '
  'page_size_out_of_range, PT404 organization_not_found.';
grant execute on function public.list_audit_events(
  uuid, integer, timestamptz, uuid, text, text, uuid, text, timestamptz
) to authenticated, service_role;

create function private.audit_lifetime(organization_id uuid)
returns interval
language sql
stable
set search_path = ''
as $$
  select case
    when organizations.id is null then (private.limits()).audit_lifetime
    else make_interval(days => plans.audit_days)
  end
  from (select audit_lifetime.organization_id as id) asked
  left join public.organizations on organizations.id = asked.id
  left join public.plans on plans.id = organizations.plan
$$;
comment on function private.audit_lifetime(uuid) is
  'How long audit events of an organization are kept: by its plan; those of the platform and of '
  'purged organizations for (private.limits()).audit_lifetime. Null for no end.';

create function private.old_audit_events()
returns table (organization_id uuid, due_at timestamptz)
language sql
stable
set search_path = ''
as $$
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
$$;
comment on function private.old_audit_events() is
  'The organizations with audit events that are no longer kept, null for the platform''s, and '
  'since when the oldest has been due.';

create function private.delete_old_audit_events(organization_id uuid, batch integer)
returns integer
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.delete_old_audit_events(uuid, integer) is
  'Deletes up to batch audit events of an organization, or of the platform for null, that are no '
  'longer kept; returns how many.';
