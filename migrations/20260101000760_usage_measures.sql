-- The measures of usage, declared once. Every table of usage is made `like` these two;
-- private.interaction_usage says what each measure is of an interaction; `npm run generate`
-- writes the lists wherever they are summed, added or compared.

create table private.usage_dimensions (
  organization_id uuid not null,
  user_id uuid,
  agent_id uuid,
  vendor_id text,
  model_name text,
  constraint usage_dimensions_holds_no_rows check (false)
);
comment on table private.usage_dimensions is
  'The dimensions of usage. Declares the columns that tables of usage share; holds no rows.';
comment on column private.usage_dimensions.organization_id is 'The organization that paid.';
comment on column private.usage_dimensions.user_id is
  'The person, as the ledger has it; null without one, or where the account was deleted.';
comment on column private.usage_dimensions.agent_id is
  'The agent, as the ledger has it; null without one, or where the agent was deleted.';
comment on column private.usage_dimensions.vendor_id is
  'The vendor that was called; null if unknown.';
comment on column private.usage_dimensions.model_name is
  'The model that answered, truncated to 255 characters; null if unknown.';

create table private.usage_measures (
  interactions bigint not null default 0,
  failed bigint not null default 0,
  unpriced bigint not null default 0,
  recorded bigint not null default 0,
  input_tokens numeric not null default 0,
  output_tokens numeric not null default 0,
  total_cost numeric not null default 0,
  recorded_cost numeric not null default 0,
  duration_minutes bigint not null default 0,
  satisfaction_sum bigint not null default 0,
  satisfaction_count bigint not null default 0,
  usefulness_sum bigint not null default 0,
  usefulness_count bigint not null default 0,
  constraint usage_measures_holds_no_rows check (false)
);
comment on table private.usage_measures is
  'The measures of usage, all of which are additive. Declares the columns that tables of usage '
  'share; holds no rows.';
comment on column private.usage_measures.interactions is
  'Number of interactions; deleted ones are not counted.';
comment on column private.usage_measures.failed is 'Turns that failed.';
comment on column private.usage_measures.unpriced is
  'Turns that used tokens and whose cost is unknown, because there is no price.';
comment on column private.usage_measures.recorded is
  'Interactions that a person recorded by hand.';
comment on column private.usage_measures.input_tokens is
  'Prompt tokens, those read from a vendor''s cache included.';
comment on column private.usage_measures.output_tokens is 'Completion tokens.';
comment on column private.usage_measures.total_cost is
  'Cost of turns in US dollars, as far as prices are known.';
comment on column private.usage_measures.recorded_cost is
  'Cost in US dollars that people recorded by hand; not part of total_cost.';
comment on column private.usage_measures.duration_minutes is
  'Minutes, of the interactions whose duration is known.';
comment on column private.usage_measures.satisfaction_sum is 'Sum of the satisfaction ratings.';
comment on column private.usage_measures.satisfaction_count is
  'Number of the satisfaction ratings.';
comment on column private.usage_measures.usefulness_sum is 'Sum of the usefulness ratings.';
comment on column private.usage_measures.usefulness_count is 'Number of the usefulness ratings.';

create table public.usage_archive_rollup (
  id bigint primary key generated always as identity,
  started_at timestamptz not null,
  like private.usage_dimensions including comments,
  access_key_id uuid,
  like private.usage_measures including comments including defaults,
  fingerprints bigint[] not null default '{}',
  created_at timestamptz not null default now(),
  foreign key (organization_id) references public.organizations (id) on delete cascade,
  -- Days begin on a quarter of an hour in every time zone: a row lies within one day of any.
  constraint archived_usage_begins_on_a_quarter_of_an_hour
    check (started_at = date_bin('15 minutes', started_at, '2000-01-01 00:00:00+00')),
  constraint archived_usage_is_of_interactions check (interactions >= 0),
  unique nulls not distinct (
    organization_id, started_at, user_id, agent_id, vendor_id, model_name, access_key_id
  )
);
comment on table public.usage_archive_rollup is
  'Usage of the interactions that retention removed from the ledger, per quarter of an hour, '
  'person, agent, vendor, model and access key. So figures stay exact, in every time zone '
  '(docs/decisions/retention.md).';
comment on column public.usage_archive_rollup.id is 'Identifies the usage archive rollup.';
comment on column public.usage_archive_rollup.started_at is
  'Beginning of the quarter of an hour in which the interactions began.';
comment on column public.usage_archive_rollup.access_key_id is
  'The access key, as the ledger had it; null for calls with a user''s token.';
comment on column public.usage_archive_rollup.fingerprints is
  'private.interaction_fingerprint() of each interaction, deleted ones included: only what was '
  'removed from this ledger, unchanged, can be restored from an archive.';
comment on column public.usage_archive_rollup.created_at is
  'When the usage archive rollup was created.';

alter table public.usage_archive_rollup enable row level security;
create policy "Members read their organizations' archived usage" on public.usage_archive_rollup
  for select to authenticated
    using (organization_id = any (array(select private.my_organizations('viewer'))));
grant select on public.usage_archive_rollup to authenticated, service_role;
create index usage_archive_rollup_agent_id_idx
  on public.usage_archive_rollup (agent_id, started_at);
create index usage_archive_rollup_user_id_idx on public.usage_archive_rollup (user_id, started_at);
create index usage_archive_rollup_access_key_id_idx
  on public.usage_archive_rollup (access_key_id, started_at)
  where access_key_id is not null;
