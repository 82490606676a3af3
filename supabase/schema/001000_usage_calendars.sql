-- The current state of what 001000_usage_calendars.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table private.orphaned_calendars (
  calendar_id bigint not null,
  created_at timestamp with time zone default now() not null,
  constraint orphaned_calendars_pkey PRIMARY KEY (calendar_id)
);

create table public.usage_calendars (
  organization_id uuid not null,
  id bigint generated always as identity not null,
  timezone text not null,
  rolled_up_until timestamp with time zone default 'infinity'::timestamp with time zone not null,
  recent_changes timestamp with time zone[] default '{}'::timestamp with time zone[] not null,
  created_at timestamp with time zone default now() not null,
  constraint usage_calendars_pkey PRIMARY KEY (organization_id),
  constraint usage_calendars_id_key UNIQUE (id),
  constraint usage_calendars_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE
);
alter table public.usage_calendars enable row level security;
create policy "Members read their organizations' calendars" on public.usage_calendars
  as permissive for select to authenticated
  using ((organization_id = ANY (ARRAY( SELECT private.my_organizations('viewer'::text) AS my_organizations))));
grant select on public.usage_calendars to authenticated;
grant select on public.usage_calendars to service_role;
CREATE INDEX usage_calendars_rolled_up_until_idx ON public.usage_calendars USING btree (rolled_up_until) WHERE (rolled_up_until < 'infinity'::timestamp with time zone);
CREATE TRIGGER orphan_calendar AFTER DELETE ON public.usage_calendars FOR EACH ROW EXECUTE FUNCTION private.orphan_calendar();

-- Views ------------------------------------------------------------------------------------------

create view private.interaction_usage with (security_invoker=true) as
 SELECT interaction.id AS interaction_id,
    interaction.started_at,
    interaction.organization_id,
    interaction.user_id,
    interaction.agent_id,
    interaction.vendor_id,
    "left"(interaction.model_name, 255) AS model_name,
    interaction.access_key_id,
    (1)::bigint AS interactions,
    (((NOT (interaction.turn_state IS DISTINCT FROM 'failed'::text)))::integer)::bigint AS failed,
    ((((interaction.source <> 'manual'::text) AND (interaction.total_cost IS NULL) AND ((interaction.input_tokens + interaction.output_tokens) > 0)))::integer)::bigint AS unpriced,
    (((interaction.source = 'manual'::text))::integer)::bigint AS recorded,
    (interaction.input_tokens)::numeric AS input_tokens,
    (interaction.output_tokens)::numeric AS output_tokens,
        CASE
            WHEN (interaction.source = 'manual'::text) THEN (0)::numeric
            ELSE COALESCE(interaction.total_cost, (0)::numeric)
        END AS total_cost,
        CASE
            WHEN (interaction.source = 'manual'::text) THEN COALESCE(interaction.total_cost, (0)::numeric)
            ELSE (0)::numeric
        END AS recorded_cost,
    (COALESCE(interaction.duration_minutes, 0))::bigint AS duration_minutes,
    (COALESCE(interaction.satisfaction_rating, 0))::bigint AS satisfaction_sum,
    (((interaction.satisfaction_rating IS NOT NULL))::integer)::bigint AS satisfaction_count,
    (COALESCE(interaction.usefulness_rating, 0))::bigint AS usefulness_sum,
    (((interaction.usefulness_rating IS NOT NULL))::integer)::bigint AS usefulness_count
   FROM public.ai_interactions interaction
  WHERE (interaction.status <> 'deleted'::text)
UNION ALL
 SELECT NULL::uuid AS interaction_id,
    archived.started_at,
    archived.organization_id,
    archived.user_id,
    archived.agent_id,
    archived.vendor_id,
    archived.model_name,
    archived.access_key_id,
    archived.interactions,
    archived.failed,
    archived.unpriced,
    archived.recorded,
    archived.input_tokens,
    archived.output_tokens,
    archived.total_cost,
    archived.recorded_cost,
    archived.duration_minutes,
    archived.satisfaction_sum,
    archived.satisfaction_count,
    archived.usefulness_sum,
    archived.usefulness_count
   FROM public.usage_archive_rollup archived;
grant select on private.interaction_usage to authenticated;
grant select on private.interaction_usage to service_role;

-- Functions --------------------------------------------------------------------------------------

create function private.maintain_usage_calendar()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  changes timestamptz[];
begin
  -- A new row with a new id: the old rollups have other days.
  delete from public.usage_calendars where usage_calendars.organization_id = new.id
  returning array(
    select changed.at from unnest(recent_changes) as changed (at)
    where changed.at > now() - interval '1 day'
  ) into changes;
  -- Each change rolls up the organization's whole ledger again.
  if tg_op = 'UPDATE' and cardinality(changes) >= 5 and auth.uid() is not null then
    perform private.refuse(
      'timezone_changed_too_often',
      'The time zone of this organization was changed five times within a day, the maximum.'
    );
  end if;
  insert into public.usage_calendars (organization_id, timezone, rolled_up_until, recent_changes)
  values (
    new.id,
    new.timezone,
    case when tg_op = 'INSERT' then 'infinity' else '-infinity' end::timestamptz,
    case when tg_op = 'INSERT' then '{}' else coalesce(changes, '{}') || now() end
  );
  return null;
end
$body$;

create function private.my_calendars()
returns SETOF bigint
language plpgsql stable security definer
set search_path=""
as $body$
begin
  return query
  select calendars.id
  from public.usage_calendars calendars
  where calendars.organization_id = any (array(select private.my_organizations('viewer')));
end
$body$;
grant execute on function private.my_calendars() to authenticated, service_role;

create function private.orphan_calendar()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  insert into private.orphaned_calendars (calendar_id) values (old.id);
  return null;
end
$body$;

create function private.stale_calendars()
returns SETOF bigint
language plpgsql stable security definer
set search_path=""
as $body$
begin
  return query select orphaned_calendars.calendar_id from private.orphaned_calendars;
end
$body$;
grant execute on function private.stale_calendars() to authenticated, service_role;
