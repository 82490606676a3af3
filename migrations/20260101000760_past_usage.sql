-- What was used before the ledger's rows were removed.

-- Past usage: what interactions added to the figures that are no longer in the
-- ledger, because retention removed them. So the figures stay, to the last
-- decimal, in every time zone. docs/decisions/retention.md says how.

create table public.past_usage (
  id bigint primary key generated always as identity,
  organization_id uuid not null references public.organizations (id) on delete cascade,
  started_at timestamptz not null,
  user_id uuid,
  agent_id uuid,
  vendor_id text,
  model_name text,
  access_key_id uuid,
  interactions integer not null default 0,
  failed integer not null default 0,
  unpriced integer not null default 0,
  recorded integer not null default 0,
  input_tokens bigint not null default 0,
  output_tokens bigint not null default 0,
  total_cost numeric not null default 0,
  recorded_cost numeric not null default 0,
  duration_minutes bigint not null default 0,
  satisfaction_sum integer not null default 0,
  satisfaction_count integer not null default 0,
  usefulness_sum integer not null default 0,
  usefulness_count integer not null default 0,
  fingerprints bigint[] not null default '{}',
  created_at timestamptz not null default now(),
  -- Every time zone's day begins on one: so a row lies within one day, whatever the zone.
  constraint past_usage_begins_on_a_quarter_of_an_hour
    check (started_at = date_bin('15 minutes', started_at, '2000-01-01 00:00:00+00')),
  constraint past_usage_is_of_interactions check (interactions >= 0),
  unique nulls not distinct (
    organization_id, started_at, user_id, agent_id, vendor_id, model_name, access_key_id
  )
);
comment on table public.past_usage is
  'What interactions that were removed had added to the figures, summed up per quarter of an '
  'hour, person, agent, vendor, model and access key.';
comment on column public.past_usage.id is 'Primary key.';
comment on column public.past_usage.organization_id is 'The organization that paid.';
comment on column public.past_usage.started_at is
  'Beginning of the quarter of an hour in which they began.';
comment on column public.past_usage.user_id is
  'The person, as the ledger had it; the account may be gone.';
comment on column public.past_usage.agent_id is 'The agent, as the ledger had it; it may be gone.';
comment on column public.past_usage.vendor_id is 'Who was called; null where nobody is known.';
comment on column public.past_usage.model_name is
  'The model that answered, its first 255 characters; null where none is known.';
comment on column public.past_usage.access_key_id is
  'The access key that they came with, as the ledger had it; null for a person''s token.';
comment on column public.past_usage.interactions is 'Interactions; deleted ones do not count.';
comment on column public.past_usage.failed is 'Turns among them that failed.';
comment on column public.past_usage.unpriced is
  'Turns among them that used tokens and have no cost, because no price is known.';
comment on column public.past_usage.recorded is 'Those among them that a person recorded by hand.';
comment on column public.past_usage.input_tokens is 'Prompt tokens.';
comment on column public.past_usage.output_tokens is 'Tokens of the answers.';
comment on column public.past_usage.total_cost is
  'US dollars that turns cost, as far as prices are known: what budgets count.';
comment on column public.past_usage.recorded_cost is
  'US dollars that people recorded by hand; no part of total_cost.';
comment on column public.past_usage.duration_minutes is 'Minutes, where they are known.';
comment on column public.past_usage.satisfaction_sum is 'Sum of the ratings given.';
comment on column public.past_usage.satisfaction_count is 'How many were given.';
comment on column public.past_usage.usefulness_sum is 'Sum of the ratings given.';
comment on column public.past_usage.usefulness_count is 'How many were given.';
comment on column public.past_usage.fingerprints is
  'Of each of them, deleted ones too, as private.interaction_fingerprint() made it: an archive '
  'brings back what is here, and only that.';
comment on column public.past_usage.created_at is 'When the row was made.';

alter table public.past_usage enable row level security;
create policy "Members read their organizations' past usage" on public.past_usage
  for select to authenticated
    using (organization_id = any (array(select private.my_organizations('viewer'))));
grant select on public.past_usage to authenticated, service_role;
create index past_usage_agent_id_idx on public.past_usage (agent_id, started_at);
create index past_usage_user_id_idx on public.past_usage (user_id, started_at);
create index past_usage_access_key_id_idx
  on public.past_usage (access_key_id, started_at)
  where access_key_id is not null;
