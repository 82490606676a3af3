-- The current state of what 000760_usage_measures.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table private.usage_dimensions (
  organization_id uuid not null,
  user_id uuid,
  agent_id uuid,
  vendor_id text,
  model_name text,
  constraint usage_dimensions_holds_no_rows CHECK (false)
);

create table private.usage_measures (
  interactions bigint default 0 not null,
  failed bigint default 0 not null,
  unpriced bigint default 0 not null,
  recorded bigint default 0 not null,
  input_tokens numeric default 0 not null,
  output_tokens numeric default 0 not null,
  total_cost numeric default 0 not null,
  recorded_cost numeric default 0 not null,
  duration_minutes bigint default 0 not null,
  satisfaction_sum bigint default 0 not null,
  satisfaction_count bigint default 0 not null,
  usefulness_sum bigint default 0 not null,
  usefulness_count bigint default 0 not null,
  constraint usage_measures_holds_no_rows CHECK (false)
);

create table public.usage_archive_rollup (
  id bigint generated always as identity not null,
  started_at timestamp with time zone not null,
  organization_id uuid not null,
  user_id uuid,
  agent_id uuid,
  vendor_id text,
  model_name text,
  access_key_id uuid,
  interactions bigint default 0 not null,
  failed bigint default 0 not null,
  unpriced bigint default 0 not null,
  recorded bigint default 0 not null,
  input_tokens numeric default 0 not null,
  output_tokens numeric default 0 not null,
  total_cost numeric default 0 not null,
  recorded_cost numeric default 0 not null,
  duration_minutes bigint default 0 not null,
  satisfaction_sum bigint default 0 not null,
  satisfaction_count bigint default 0 not null,
  usefulness_sum bigint default 0 not null,
  usefulness_count bigint default 0 not null,
  fingerprints bigint[] default '{}'::bigint[] not null,
  created_at timestamp with time zone default now() not null,
  constraint usage_archive_rollup_pkey PRIMARY KEY (id),
  constraint usage_archive_rollup_organization_id_started_at_user_id_age_key UNIQUE NULLS NOT DISTINCT (organization_id, started_at, user_id, agent_id, vendor_id, model_name, access_key_id),
  constraint usage_archive_rollup_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE,
  constraint archived_usage_begins_on_a_quarter_of_an_hour CHECK ((started_at = date_bin('00:15:00'::interval, started_at, '2000-01-01 00:00:00+00'::timestamp with time zone))),
  constraint archived_usage_is_of_interactions CHECK ((interactions >= 0))
);
alter table public.usage_archive_rollup enable row level security;
create policy "Members read their organizations' archived usage" on public.usage_archive_rollup
  as permissive for select to authenticated
  using ((organization_id = ANY (ARRAY( SELECT private.my_organizations('viewer'::text) AS my_organizations))));
grant select on public.usage_archive_rollup to authenticated;
grant select on public.usage_archive_rollup to service_role;
CREATE INDEX usage_archive_rollup_access_key_id_idx ON public.usage_archive_rollup USING btree (access_key_id, started_at) WHERE (access_key_id IS NOT NULL);
CREATE INDEX usage_archive_rollup_agent_id_idx ON public.usage_archive_rollup USING btree (agent_id, started_at);
CREATE INDEX usage_archive_rollup_user_id_idx ON public.usage_archive_rollup USING btree (user_id, started_at);
