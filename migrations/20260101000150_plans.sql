-- Plans: what an organization can pay for.

create table public.plans (
  id text primary key,
  name text not null,
  requests_per_minute integer not null,
  user_requests_per_minute integer not null,
  conversation_days integer,
  interaction_days integer,
  measurement_days integer,
  audit_days integer,
  platform_credential text not null default 'none',
  platform_credential_usd numeric(20, 10) not null default 10,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint plan_id_is_lower_case_words check (id ~ '^[a-z][a-z0-9_]{0,49}$'),
  constraint plan_limits_are_positive
    check (requests_per_minute > 0 and user_requests_per_minute > 0),
  constraint platform_credential_is_known
    check (platform_credential in ('none', 'priced_catalogue')),
  constraint platform_credential_limit_is_positive
    check (platform_credential_usd > 0 and platform_credential_usd <> 'NaN'),
  -- Long enough that the rows of this month's budgets and the last month's bill still exist.
  constraint plan_keeps_interactions_for_two_months check (interaction_days >= 62),
  constraint plan_keeps_the_rest_for_a_day
    check (conversation_days >= 1 and measurement_days >= 1 and audit_days >= 1)
);
comment on table public.plans is
  'Plans: what an organization can pay for, with its rate limits and retention. Readable by '
  'everyone.';
comment on column public.plans.id is 'Short name, such as starter.';
comment on column public.plans.name is 'Name of the plan to show.';
comment on column public.plans.requests_per_minute is
  'Calls of all its members together, per minute.';
comment on column public.plans.user_requests_per_minute is 'Calls of one member, per minute.';
comment on column public.plans.conversation_days is
  'Days after its last message for which a conversation is kept, and after its last change what '
  'an agent thought or executed; null: forever.';
comment on column public.plans.interaction_days is
  'Days for which rows of the ledger are kept; null: forever. The figures stay.';
comment on column public.plans.measurement_days is
  'Days for which measurements (api_usage, agent_metrics, agent_health_checks) are kept at least; '
  'null: forever. They are removed by the month, after the longest time of the plans in use.';
comment on column public.plans.audit_days is
  'Days for which the audit log (audit_events) is kept; null: forever.';
comment on column public.plans.platform_credential is
  'What users'' own agents may call with the platform''s credential if no key is stored for their '
  'vendor: none, or priced_catalogue (every service that has a price).';
comment on column public.plans.platform_credential_usd is
  'US dollars to which an organization''s monthly budget must limit it, for its own agents to use '
  'the platform''s credential. An organization without such a budget is given this one.';
comment on column public.plans.created_at is 'When the plan was added.';
comment on column public.plans.updated_at is 'When the plan was last changed.';

alter table public.plans enable row level security;
create policy "Anyone reads plans" on public.plans for select to anon, authenticated using (true);
grant select on public.plans to anon, authenticated;
grant select, insert, update, delete on public.plans to service_role;
create trigger update_plans_updated_at before update on public.plans
  for each row execute function public.update_updated_at_column();

insert into public.plans (
  id, name, requests_per_minute, user_requests_per_minute, conversation_days, interaction_days,
  measurement_days, audit_days
)
values
  ('starter', 'Starter', 120, 60, 365, 730, 90, 180),
  ('pro', 'Pro', 600, 300, null, null, 90, 730),
  ('enterprise', 'Enterprise', 6000, 1200, null, null, 400, 2555);
