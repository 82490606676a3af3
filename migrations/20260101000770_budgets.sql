-- Budgets: how much an organization, one of its members, agents or access keys may spend in a day,
-- a month or in total, and what is reserved for running turns.

create table public.budgets (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  user_id uuid,
  agent_id uuid references public.agents (id) on delete cascade,
  access_key_id uuid,
  period text not null,
  limit_usd numeric(20, 10) not null,
  spent_usd numeric(20, 10) not null default 0,
  reserved_usd numeric(20, 10) not null default 0,
  period_started_at timestamptz not null default now(),
  is_active boolean not null default true,
  created_by uuid default auth.uid() references public.profiles (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint budget_is_for_a_member foreign key (organization_id, user_id)
    references public.organization_members (organization_id, user_id) on delete cascade,
  constraint budget_is_for_an_access_key_of_the_organization
    foreign key (organization_id, access_key_id)
    references public.access_keys (organization_id, id) on delete cascade,
  constraint budget_period_is_known check (period in ('day', 'month', 'total')),
  constraint budget_is_for_one_person_agent_or_key
    check (num_nonnulls(user_id, agent_id, access_key_id) <= 1),
  -- In Postgres, NaN is greater than any number.
  constraint budget_limit_is_positive check (limit_usd > 0 and limit_usd <> 'NaN'),
  constraint spent_is_not_negative check (spent_usd >= 0),
  constraint reserved_is_not_negative check (reserved_usd >= 0),
  constraint one_budget_per_scope_and_period
    unique nulls not distinct (organization_id, user_id, agent_id, access_key_id, period)
);
comment on table public.budgets is
  'Limits on spending of an organization, or of one member, agent or access key in it, per '
  'period.';
comment on column public.budgets.id is 'Identifies the budget.';
comment on column public.budgets.organization_id is 'The organization whose spending is limited.';
comment on column public.budgets.user_id is
  'The member whose spending is limited; null for everyone''s.';
comment on column public.budgets.agent_id is
  'The agent whose spending is limited; null for every agent''s.';
comment on column public.budgets.access_key_id is
  'The access key whose spending is limited; null for everything''s.';
comment on column public.budgets.period is
  'day, month or total; days and months are those of the organization''s time zone.';
comment on column public.budgets.limit_usd is 'US dollars that may be spent in a period.';
comment on column public.budgets.spent_usd is
  'US dollars settled in the period that began at period_started_at; budget_status has the current '
  'value. Kept by the database.';
comment on column public.budgets.reserved_usd is
  'US dollars reserved for running turns. Kept by the database.';
comment on column public.budgets.period_started_at is
  'Beginning of the period of spent_usd. Updated by the first turn of a new period, or by a job '
  'within a minute. Kept by the database.';
comment on column public.budgets.is_active is 'False lifts the limit.';
comment on column public.budgets.created_by is 'Who set it.';
comment on column public.budgets.created_at is 'When the budget was created.';
comment on column public.budgets.updated_at is 'When the budget was last changed.';

alter table public.budgets enable row level security;
create policy "Members read their organizations' budgets" on public.budgets
  for select to authenticated
    using (organization_id = any (array(select private.my_organizations('viewer'))));
create policy "Admins set budgets, owners of access keys the keys'" on public.budgets
  for insert to authenticated
  with check (
    created_by = (select auth.uid())
    and (
      organization_id = any (array(select private.my_organizations('admin')))
      or access_key_id = any (array(select private.my_access_keys()))
    )
    and (agent_id is null or private.sees_agent(agent_id, 'viewer'))
  );
create policy "Admins change budgets, owners of access keys what they set" on public.budgets
  for update to authenticated
  using (
    organization_id = any (array(select private.my_organizations('admin')))
    or (
      created_by = (select auth.uid())
      and access_key_id = any (array(select private.my_access_keys()))
    )
  )
  with check (
    organization_id = any (array(select private.my_organizations('admin')))
    or (
      created_by = (select auth.uid())
      and access_key_id = any (array(select private.my_access_keys()))
    )
  );
create policy "Admins lift budgets, owners of access keys what they set" on public.budgets
  for delete to authenticated
  using (
    organization_id = any (array(select private.my_organizations('admin')))
    or (
      created_by = (select auth.uid())
      and access_key_id = any (array(select private.my_access_keys()))
    )
  );
grant select, delete on public.budgets to authenticated;
grant insert (
  organization_id, user_id, agent_id, access_key_id, period, limit_usd, is_active, created_by
)
  on public.budgets
  to authenticated;
grant update (limit_usd, is_active) on public.budgets to authenticated;
grant select, insert, update, delete on public.budgets to service_role;
create index budgets_agent_id_idx on public.budgets (agent_id);
create index budgets_access_key_id_idx on public.budgets (access_key_id, organization_id);
create index budgets_created_by_idx on public.budgets (created_by);
create trigger update_budgets_updated_at before update on public.budgets
  for each row execute function public.update_updated_at_column();

create function private.may_set_budget(organization_id uuid, access_key_id uuid)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  return not row_security_active('public.budgets')
    or may_set_budget.organization_id = any (array(select private.my_organizations('admin')))
    or exists (
      select from public.access_keys keys
      where keys.id = may_set_budget.access_key_id
        and keys.organization_id = may_set_budget.organization_id
        and keys.id = any (array(select private.my_access_keys()))
    );
end
$$;
comment on function private.may_set_budget(uuid, uuid) is
  'Whether the caller may set a budget of an organization, or of an access key in it: an admin, '
  'who has the key, or the backend.';
grant execute on function private.may_set_budget(uuid, uuid) to authenticated, service_role;

create function private.period_start(period text, timezone text, at timestamptz)
returns timestamptz
language plpgsql
stable
set search_path = ''
as $$
begin
  return case period_start.period
    when 'total' then '-infinity'::timestamptz
    when 'day'
      then private.day_start(
        (period_start.at at time zone period_start.timezone)::date, period_start.timezone
      )
    when 'month'
      then private.day_start(
        date_trunc('month', period_start.at at time zone period_start.timezone)::date,
        period_start.timezone
      )
  end;
end
$$;
comment on function private.period_start(text, text, timestamptz) is
  'Beginning of the day or month that a moment lies in, in a time zone; -infinity for total, '
  'null for any other period.';
grant execute
  on function private.period_start(text, text, timestamptz)
  to authenticated, service_role;

create function private.period_end(period text, timezone text, at timestamptz)
returns timestamptz
language sql
stable
set search_path = ''
as $$
  select case when period_end.period <> 'total' then
    private.day_start(
      (
        date_trunc(
          period_end.period, period_end.at at time zone period_end.timezone
        ) + ('1 ' || period_end.period)::interval
      )::date,
      period_end.timezone
    )
  end
$$;
comment on function private.period_end(text, text, timestamptz) is
  'Beginning of the next day or month in a time zone; null for total.';
grant execute
  on function private.period_end(text, text, timestamptz)
  to authenticated, service_role;

create function private.budgets_of(
  organization_id uuid, user_id uuid, agent_id uuid, access_key_id uuid
)
returns setof public.budgets
language plpgsql
stable
set search_path = ''
as $$
begin
  return query
  select budgets.*
  from public.budgets
  where budgets.organization_id = budgets_of.organization_id
    and (budgets.user_id is null or budgets.user_id = budgets_of.user_id)
    and (budgets.agent_id is null or budgets.agent_id = budgets_of.agent_id)
    and (budgets.access_key_id is null or budgets.access_key_id = budgets_of.access_key_id);
end
$$;
comment on function private.budgets_of(uuid, uuid, uuid, uuid) is
  'The budgets that a turn counts against: the organization''s, and the person''s, the agent''s '
  'and the access key''s in it.';
grant execute on function private.budgets_of(uuid, uuid, uuid, uuid) to service_role;

create function private.spent_of(budget public.budgets)
returns numeric
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    select coalesce(sum(turns.total_cost), 0)
    from public.ai_interactions turns
    where turns.organization_id = spent_of.budget.organization_id
      and turns.source not in ('manual', 'import')
      and turns.started_at >= spent_of.budget.period_started_at
      and (spent_of.budget.user_id is null or turns.user_id = spent_of.budget.user_id)
      and (spent_of.budget.agent_id is null or turns.agent_id = spent_of.budget.agent_id)
      and (
        spent_of.budget.access_key_id is null
        or turns.access_key_id = spent_of.budget.access_key_id
      )
  ) + (
    -- Including rows that retention removed.
    select coalesce(sum(past.total_cost), 0)
    from public.usage_archive_rollup past
    where past.organization_id = spent_of.budget.organization_id
      and past.started_at >= spent_of.budget.period_started_at
      and (spent_of.budget.user_id is null or past.user_id = spent_of.budget.user_id)
      and (spent_of.budget.agent_id is null or past.agent_id = spent_of.budget.agent_id)
      and (
        spent_of.budget.access_key_id is null or past.access_key_id = spent_of.budget.access_key_id
      )
  );
end
$$;
comment on function private.spent_of(public.budgets) is
  'US dollars that the turns of a budget cost in its current period, by the ledger.';
grant execute on function private.spent_of(public.budgets) to service_role;

create function private.lock_budgets(organization_id uuid)
returns boolean
language plpgsql
set search_path = ''
as $$
begin
  -- A concurrent insert of a budget commits before this, or waits for it.
  perform pg_advisory_xact_lock_shared(
    private.lock_namespace('budgets'), hashtext(lock_budgets.organization_id::text)
  );
  -- All of them, always in the same order, whichever a turn counts against, so that transactions
  -- that settle several turns cannot deadlock.
  perform
  from public.budgets
  where budgets.organization_id = lock_budgets.organization_id
  order by budgets.id
  for no key update;
  if not found then
    return false;
  end if;
  update public.budgets
  set
    spent_usd = 0,
    period_started_at = private.period_start(budgets.period, organizations.timezone, now())
  from public.organizations
  where organizations.id = budgets.organization_id
    and budgets.organization_id = lock_budgets.organization_id
    and budgets.period_started_at < private.period_start(
      budgets.period, organizations.timezone, now()
    );
  return true;
end
$$;
comment on function private.lock_budgets(uuid) is
  'Locks the budgets of an organization and begins a new period in those whose period has ended. '
  'False when there are none.';
grant execute on function private.lock_budgets(uuid) to service_role;

create function private.begin_budget_period()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  zone text;
begin
  -- A turn that is charged concurrently would neither see this budget nor be part of its sum, so
  -- the two are serialized.
  perform pg_advisory_xact_lock(
    private.lock_namespace('budgets'), hashtext(new.organization_id::text)
  );
  select organizations.timezone into zone
  from public.organizations
  where organizations.id = new.organization_id;
  new.period_started_at = coalesce(
    private.period_start(new.period, zone, clock_timestamp()), now()
  );
  new.spent_usd = private.spent_of(new);
  return new;
end
$$;
comment on function private.begin_budget_period() is
  'Trigger: initializes spent_usd of a new budget from the ledger.';

-- Triggers run before policies. For callers whom the policy refuses, nothing is locked or summed
-- up, so that the time reveals neither the organization's size nor its existence.
create trigger begin_budget_period before insert on public.budgets
  for each row when (private.may_set_budget(new.organization_id, new.access_key_id))
  execute function private.begin_budget_period();
