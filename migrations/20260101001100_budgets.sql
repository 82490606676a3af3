-- Budgets: how much an organization, one of its members or one of its agents may
-- spend in a day, a month or at all, and what is set aside for turns that run.

create table public.budgets (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  user_id uuid references public.profiles (id) on delete cascade,
  agent_id uuid references public.agents (id) on delete cascade,
  period text not null,
  limit_usd numeric(20, 10) not null,
  spent_usd numeric(20, 10) not null default 0,
  reserved_usd numeric(20, 10) not null default 0,
  period_started_at timestamptz not null default now(),
  is_active boolean not null default true,
  created_by uuid default auth.uid() references public.profiles (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint budget_period_is_known check (period in ('day', 'month', 'total')),
  constraint budget_is_for_a_person_or_an_agent_not_both check (user_id is null or agent_id is null),
  constraint budget_limit_is_positive check (limit_usd > 0),
  constraint spent_is_not_negative check (spent_usd >= 0),
  constraint reserved_is_not_negative check (reserved_usd >= 0),
  constraint one_budget_per_scope_and_period unique nulls not distinct (organization_id, user_id, agent_id, period)
);
comment on table public.budgets is 'Limits on spending of an organization, or of one member or one agent in it, per period.';
comment on column public.budgets.id is 'Primary key.';
comment on column public.budgets.organization_id is 'The organization that pays.';
comment on column public.budgets.user_id is 'The member whose spending is limited; null for everyone''s.';
comment on column public.budgets.agent_id is 'The agent whose spending is limited; null for every agent''s.';
comment on column public.budgets.period is 'day, month or total; days and months are those of the organization''s time zone.';
comment on column public.budgets.limit_usd is 'US dollars that may be spent in a period.';
comment on column public.budgets.spent_usd is 'US dollars settled in the current period. Kept by the database.';
comment on column public.budgets.reserved_usd is 'US dollars set aside for turns that run. Kept by the database.';
comment on column public.budgets.period_started_at is 'Beginning of the period that spent_usd counts. Kept by the database.';
comment on column public.budgets.is_active is 'False lifts the limit.';
comment on column public.budgets.created_by is 'Who set it.';
comment on column public.budgets.created_at is 'When it was set.';
comment on column public.budgets.updated_at is 'Last change.';

alter table public.budgets enable row level security;
create policy "Members read their organizations' budgets" on public.budgets
  for select to authenticated using (organization_id in (select private.my_organizations('viewer')));
create policy "Admins set budgets" on public.budgets
  for insert to authenticated
  with check (created_by = (select auth.uid()) and organization_id in (select private.my_organizations('admin')));
create policy "Admins change budgets" on public.budgets
  for update to authenticated
  using (organization_id in (select private.my_organizations('admin')))
  with check (organization_id in (select private.my_organizations('admin')));
create policy "Admins lift budgets" on public.budgets
  for delete to authenticated using (organization_id in (select private.my_organizations('admin')));
grant select, delete on public.budgets to authenticated;
grant insert (organization_id, user_id, agent_id, period, limit_usd, is_active, created_by) on public.budgets to authenticated;
grant update (limit_usd, is_active) on public.budgets to authenticated;
grant select, insert, update, delete on public.budgets to service_role;
create index budgets_user_id_idx on public.budgets (user_id);
create index budgets_agent_id_idx on public.budgets (agent_id);
create index budgets_created_by_idx on public.budgets (created_by);
create trigger update_budgets_updated_at before update on public.budgets
  for each row execute function public.update_updated_at_column();

create table public.budget_reservations (
  id uuid primary key default gen_random_uuid(),
  budget_id uuid not null references public.budgets (id) on delete cascade,
  interaction_id uuid not null references public.ai_interactions (id) on delete cascade,
  amount_usd numeric(20, 10) not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  unique (budget_id, interaction_id),
  constraint reservation_is_not_negative check (amount_usd >= 0)
);
comment on table public.budget_reservations is 'What is set aside in a budget for a turn that runs; gone once the turn is settled.';
comment on column public.budget_reservations.id is 'Primary key.';
comment on column public.budget_reservations.budget_id is 'The budget.';
comment on column public.budget_reservations.interaction_id is 'The turn.';
comment on column public.budget_reservations.amount_usd is 'US dollars set aside.';
comment on column public.budget_reservations.expires_at is 'Released after this time if nobody settled the turn.';
comment on column public.budget_reservations.created_at is 'When it was set aside.';

alter table public.budget_reservations enable row level security;
create policy "Members read what is reserved in budgets that they see" on public.budget_reservations
  for select to authenticated using (budget_id in (select budgets.id from public.budgets));
grant select on public.budget_reservations to authenticated;
grant select, insert, update, delete on public.budget_reservations to service_role;
create index budget_reservations_interaction_id_idx on public.budget_reservations (interaction_id);
create index budget_reservations_expires_at_idx on public.budget_reservations (expires_at);
