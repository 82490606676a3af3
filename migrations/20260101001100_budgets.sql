-- Budgets: how much an organization, one of its members, agents or access keys
-- may spend in a day, a month or at all, and what is set aside for turns that run.

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
  constraint budget_is_for_an_access_key_of_the_organization foreign key (organization_id, access_key_id)
    references public.access_keys (organization_id, id) on delete cascade,
  constraint budget_period_is_known check (period in ('day', 'month', 'total')),
  constraint budget_is_for_one_person_agent_or_key check (num_nonnulls(user_id, agent_id, access_key_id) <= 1),
  -- Postgres holds NaN to be more than any number.
  constraint budget_limit_is_positive check (limit_usd > 0 and limit_usd <> 'NaN'),
  constraint spent_is_not_negative check (spent_usd >= 0),
  constraint reserved_is_not_negative check (reserved_usd >= 0),
  constraint one_budget_per_scope_and_period unique nulls not distinct (organization_id, user_id, agent_id, access_key_id, period)
);
comment on table public.budgets is 'Limits on spending of an organization, or of one member, agent or access key in it, per period.';
comment on column public.budgets.id is 'Primary key.';
comment on column public.budgets.organization_id is 'The organization that pays.';
comment on column public.budgets.user_id is 'The member whose spending is limited; null for everyone''s.';
comment on column public.budgets.agent_id is 'The agent whose spending is limited; null for every agent''s.';
comment on column public.budgets.access_key_id is 'The access key whose spending is limited; null for everything''s.';
comment on column public.budgets.period is 'day, month or total; days and months are those of the organization''s time zone.';
comment on column public.budgets.limit_usd is 'US dollars that may be spent in a period.';
comment on column public.budgets.spent_usd is 'US dollars settled in the period that began at period_started_at: budget_status says what it is at this moment. Kept by the database.';
comment on column public.budgets.reserved_usd is 'US dollars set aside for turns that run. Kept by the database.';
comment on column public.budgets.period_started_at is 'Beginning of the period that spent_usd counts. The first turn of a new period moves it, or a job within a minute. Kept by the database.';
comment on column public.budgets.is_active is 'False lifts the limit.';
comment on column public.budgets.created_by is 'Who set it.';
comment on column public.budgets.created_at is 'When it was set.';
comment on column public.budgets.updated_at is 'Last change.';

alter table public.budgets enable row level security;
create policy "Members read their organizations' budgets" on public.budgets
  for select to authenticated using (organization_id = any (array(select private.my_organizations('viewer'))));
create policy "Admins set budgets, owners of access keys the keys'" on public.budgets
  for insert to authenticated
  with check (
    created_by = (select auth.uid())
    and (organization_id = any (array(select private.my_organizations('admin'))) or access_key_id = any (array(select private.my_access_keys())))
    and (agent_id is null or agent_id in (select private.visible_agents()))
  );
create policy "Admins change budgets, owners of access keys what they set" on public.budgets
  for update to authenticated
  using (
    organization_id = any (array(select private.my_organizations('admin')))
    or (created_by = (select auth.uid()) and access_key_id = any (array(select private.my_access_keys())))
  )
  with check (
    organization_id = any (array(select private.my_organizations('admin')))
    or (created_by = (select auth.uid()) and access_key_id = any (array(select private.my_access_keys())))
  );
create policy "Admins lift budgets, owners of access keys what they set" on public.budgets
  for delete to authenticated
  using (
    organization_id = any (array(select private.my_organizations('admin')))
    or (created_by = (select auth.uid()) and access_key_id = any (array(select private.my_access_keys())))
  );
grant select, delete on public.budgets to authenticated;
grant insert (organization_id, user_id, agent_id, access_key_id, period, limit_usd, is_active, created_by) on public.budgets to authenticated;
grant update (limit_usd, is_active) on public.budgets to authenticated;
grant select, insert, update, delete on public.budgets to service_role;
create index budgets_user_id_idx on public.budgets (organization_id, user_id);
create index budgets_agent_id_idx on public.budgets (agent_id);
create index budgets_access_key_id_idx on public.budgets (access_key_id, organization_id);
create index budgets_created_by_idx on public.budgets (created_by);
create trigger update_budgets_updated_at before update on public.budgets
  for each row execute function public.update_updated_at_column();

create table public.budget_reservations (
  id uuid primary key default gen_random_uuid(),
  budget_id uuid not null references public.budgets (id) on delete cascade,
  interaction_id uuid not null references public.ai_interactions (id) on delete cascade,
  amount_usd numeric(20, 10) not null,
  attempts integer not null default 1,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  unique (budget_id, interaction_id),
  constraint reservation_is_not_negative check (amount_usd >= 0),
  constraint reservation_is_for_an_attempt check (attempts >= 1)
);
comment on table public.budget_reservations is 'What is set aside in a budget for a turn that runs; gone once the turn is settled.';
comment on column public.budget_reservations.id is 'Primary key.';
comment on column public.budget_reservations.budget_id is 'The budget.';
comment on column public.budget_reservations.interaction_id is 'The turn.';
comment on column public.budget_reservations.amount_usd is 'US dollars set aside.';
comment on column public.budget_reservations.attempts is 'For how many calls of a vendor, each of which could cost its share.';
comment on column public.budget_reservations.expires_at is 'Released after this time if nobody settled the turn.';
comment on column public.budget_reservations.created_at is 'When it was set aside.';

alter table public.budget_reservations enable row level security;
create policy "Members read what is reserved in budgets that they see" on public.budget_reservations
  for select to authenticated using (budget_id in (select budgets.id from public.budgets));
grant select on public.budget_reservations to authenticated;
grant select, insert, update, delete on public.budget_reservations to service_role;
create index budget_reservations_interaction_id_idx on public.budget_reservations (interaction_id);
create index budget_reservations_expires_at_idx on public.budget_reservations (expires_at);

-- Spending ---------------------------------------------------------------------

create function private.period_start(period text, timezone text, at timestamptz)
returns timestamptz
language plpgsql
stable
set search_path = ''
as $$
begin
  return case period
    when 'total' then '-infinity'::timestamptz
    when 'day' then private.day_start((at at time zone timezone)::date, timezone)
    when 'month' then private.day_start(date_trunc('month', at at time zone timezone)::date, timezone)
  end;
end
$$;
comment on function private.period_start(text, text, timestamptz) is 'Beginning of the day or month that a moment lies in, in a time zone; -infinity for total, null for any other period.';
grant execute on function private.period_start(text, text, timestamptz) to authenticated, service_role;

create function private.period_end(period text, timezone text, at timestamptz)
returns timestamptz
language sql
stable
set search_path = ''
as $$
  select case when period <> 'total' then
    private.day_start((date_trunc(period, at at time zone timezone) + ('1 ' || period)::interval)::date, timezone)
  end
$$;
comment on function private.period_end(text, text, timestamptz) is 'Beginning of the next day or month in a time zone; null for total.';
grant execute on function private.period_end(text, text, timestamptz) to authenticated, service_role;

create function private.budgets_of(turn public.ai_interactions)
returns setof public.budgets
language plpgsql
stable
set search_path = ''
as $$
begin
  return query
  select budgets.*
  from public.budgets
  where budgets.organization_id = turn.organization_id
    and (budgets.user_id is null or budgets.user_id = turn.user_id)
    and (budgets.agent_id is null or budgets.agent_id = turn.agent_id)
    and (budgets.access_key_id is null or budgets.access_key_id = turn.access_key_id);
end
$$;
comment on function private.budgets_of(public.ai_interactions) is 'The budgets that a turn counts against: the organization''s, and the person''s, the agent''s and the access key''s in it.';
grant execute on function private.budgets_of(public.ai_interactions) to service_role;

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
    where turns.organization_id = budget.organization_id
      and turns.source <> 'manual'
      and turns.started_at >= budget.period_started_at
      and (budget.user_id is null or turns.user_id = budget.user_id)
      and (budget.agent_id is null or turns.agent_id = budget.agent_id)
      and (budget.access_key_id is null or turns.access_key_id = budget.access_key_id)
  ) + (
    -- And what retention removed.
    select coalesce(sum(past.total_cost), 0)
    from public.past_usage past
    where past.organization_id = budget.organization_id
      and past.started_at >= budget.period_started_at
      and (budget.user_id is null or past.user_id = budget.user_id)
      and (budget.agent_id is null or past.agent_id = budget.agent_id)
      and (budget.access_key_id is null or past.access_key_id = budget.access_key_id)
  );
end
$$;
comment on function private.spent_of(public.budgets) is 'US dollars that the turns of a budget cost in its current period, by the ledger.';
grant execute on function private.spent_of(public.budgets) to service_role;

create function private.begin_budget_period()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  zone text;
begin
  -- A turn that is charged meanwhile could not see this budget yet, nor this sum
  -- that turn: it comes first, or waits until it can.
  perform pg_advisory_xact_lock(private.lock_namespace('budgets'), hashtext(new.organization_id::text));
  select organizations.timezone into zone from public.organizations where organizations.id = new.organization_id;
  new.period_started_at = coalesce(private.period_start(new.period, zone, clock_timestamp()), now());
  new.spent_usd = private.spent_of(new);
  return new;
end
$$;
comment on function private.begin_budget_period() is 'Trigger: a new budget knows what was spent before it was set.';

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
comment on function private.may_set_budget(uuid, uuid) is 'Whether the caller may set a budget of an organization, or of an access key in it: an admin, who has the key, or the backend.';
grant execute on function private.may_set_budget(uuid, uuid) to authenticated, service_role;

-- Triggers run before policies. For whom the policy refuses, nothing of the organization
-- is locked or summed up: neither its size nor its existence shows in the time it takes.
create trigger begin_budget_period before insert on public.budgets
  for each row when (private.may_set_budget(new.organization_id, new.access_key_id))
  execute function private.begin_budget_period();

create function private.lock_budgets(organization_id uuid)
returns boolean
language plpgsql
set search_path = ''
as $$
begin
  -- Whoever sets one now comes first, or waits until this is over.
  perform pg_advisory_xact_lock_shared(private.lock_namespace('budgets'), hashtext(lock_budgets.organization_id::text));
  -- All of them, always in the same order, whichever a turn counts against: so
  -- one transaction can settle several turns, and two never wait for each other.
  perform
  from public.budgets
  where budgets.organization_id = lock_budgets.organization_id
  order by budgets.id
  for no key update;
  if not found then
    return false;
  end if;
  update public.budgets
  set spent_usd = 0, period_started_at = private.period_start(budgets.period, organizations.timezone, now())
  from public.organizations
  where organizations.id = budgets.organization_id
    and budgets.organization_id = lock_budgets.organization_id
    and budgets.period_started_at < private.period_start(budgets.period, organizations.timezone, now());
  return true;
end
$$;
comment on function private.lock_budgets(uuid) is 'Locks the budgets of an organization and begins a new period in those whose period is over. False when there are none.';
grant execute on function private.lock_budgets(uuid) to service_role;

create function private.budgets_to_begin()
returns setof private.due_item
language sql
stable
set search_path = ''
as $$
  select budgets.organization_id::text, 1::bigint, min(private.period_end(budgets.period, organizations.timezone, budgets.period_started_at))
  from public.budgets
  join public.organizations on organizations.id = budgets.organization_id
  where budgets.period <> 'total'
    and budgets.period_started_at < private.period_start(budgets.period, organizations.timezone, now())
  group by budgets.organization_id
$$;
comment on function private.budgets_to_begin() is 'Organizations with budgets whose period is over, for the job begin-budget-periods.';

create function private.begin_budget_periods(organization_id uuid)
returns integer
language plpgsql
set search_path = ''
as $$
begin
  return (
    select count(*) filter (where private.lock_budgets(begin_budget_periods.organization_id))::integer
    from private.budgets_to_begin() due
    where due.item = begin_budget_periods.organization_id::text
  );
end
$$;
comment on function private.begin_budget_periods(uuid) is 'Begins new periods in the budgets of an organization whose period is over, and returns 1, or 0 where there is none.';

create function private.recount_budgets(organization_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
begin
  perform private.lock_budgets(recount_budgets.organization_id);
  update public.budgets
  set spent_usd = private.spent_of(budgets)
  where budgets.organization_id = recount_budgets.organization_id;
end
$$;
comment on function private.recount_budgets(uuid) is 'Locks the budgets of an organization and counts again what was spent of them, by the ledger.';
grant execute on function private.recount_budgets(uuid) to service_role;

create function private.move_budget_periods()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform private.lock_budgets(new.id);
  -- The new zone's day may have begun before the old one's, or after it.
  update public.budgets
  set period_started_at = private.period_start(budgets.period, new.timezone, clock_timestamp())
  where budgets.organization_id = new.id;
  perform private.recount_budgets(new.id);
  return null;
end
$$;
comment on function private.move_budget_periods() is 'Trigger: in another time zone the periods of budgets begin at other moments, and other turns are in them.';
create trigger move_budget_periods after update of timezone on public.organizations
  for each row when (old.timezone <> new.timezone) execute function private.move_budget_periods();

create function private.reserve_budgets(turn public.ai_interactions, amount numeric)
returns void
language plpgsql
set search_path = ''
as $$
declare
  full_budget public.budgets;
  scope text;
  zone text;
begin
  select budgets.* into full_budget
  from private.budgets_of(turn) budgets
  where budgets.is_active
    and (budgets.spent_usd >= budgets.limit_usd or budgets.spent_usd + budgets.reserved_usd + amount > budgets.limit_usd)
  order by budgets.limit_usd - budgets.spent_usd - budgets.reserved_usd
  limit 1;
  if full_budget.id is not null then
    select organizations.timezone into zone from public.organizations where organizations.id = full_budget.organization_id;
    scope := case
      when full_budget.user_id is not null then 'user'
      when full_budget.agent_id is not null then 'agent'
      when full_budget.access_key_id is not null then 'access_key'
      else 'organization'
    end;
    perform private.refuse(
      402,
      'budget_exceeded',
      format('This request could cost more than the budget of the %s for the %s leaves.',
        case scope when 'user' then 'member' else replace(scope, '_', ' ') end,
        case full_budget.period when 'total' then 'whole time' else full_budget.period end),
      jsonb_build_object(
        'budget_scope', scope,
        'period', full_budget.period,
        'limit_usd', trim_scale(full_budget.limit_usd)::text,
        'resets_at', private.period_end(full_budget.period, zone, now())
      )::text
    );
  end if;

  insert into public.budget_reservations (budget_id, interaction_id, amount_usd, expires_at)
  select budgets.id, turn.id, amount, turn.lease_expires_at from private.budgets_of(turn) budgets;
  update public.budgets
  set reserved_usd = reserved_usd + amount
  where budgets.id in (select mine.id from private.budgets_of(turn) mine);
end
$$;
comment on function private.reserve_budgets(public.ai_interactions, numeric) is
  'Sets an amount of US dollars aside in every budget of a turn, which lock_budgets() has locked, or refuses the turn. Errors: PT402 budget_exceeded, whose hint is JSON with budget_scope, period, limit_usd and resets_at.';
grant execute on function private.reserve_budgets(public.ai_interactions, numeric) to service_role;

create function private.charge_budgets(turn public.ai_interactions, amount numeric)
returns void
language plpgsql
set search_path = ''
as $$
begin
  if not private.lock_budgets(turn.organization_id) then
    return;
  end if;
  with released as (
    delete from public.budget_reservations where interaction_id = turn.id returning budget_id, amount_usd
  )
  update public.budgets
  set reserved_usd = reserved_usd - coalesce((select released.amount_usd from released where released.budget_id = budgets.id), 0),
      spent_usd = spent_usd + case when turn.started_at >= budgets.period_started_at then coalesce(amount, 0) else 0 end
  where budgets.id in (select mine.id from private.budgets_of(turn) mine);
end
$$;
comment on function private.charge_budgets(public.ai_interactions, numeric) is 'Adds what a turn cost to its budgets, where it began in their current period, and releases what was set aside for it.';
grant execute on function private.charge_budgets(public.ai_interactions, numeric) to service_role;

create function private.reservations_to_release()
returns setof private.due_item
language sql
stable
set search_path = ''
as $$
  select wrong.organization_id::text, 1::bigint, min(wrong.since)
  from (
    select budgets.organization_id, coalesce(min(reservations.created_at), budgets.updated_at) as since
    from public.budgets
    left join public.budget_reservations reservations on reservations.budget_id = budgets.id
    left join public.ai_interactions turns on turns.id = reservations.interaction_id and turns.turn_state = 'running'
    where budgets.reserved_usd > 0 or reservations.id is not null
    group by budgets.id
    having budgets.reserved_usd <> coalesce(sum(reservations.amount_usd) filter (where turns.id is not null), 0)
  ) wrong
  group by wrong.organization_id
$$;
comment on function private.reservations_to_release() is 'Organizations whose budgets set something aside for turns that no longer run, for the job release-reservations.';

create function private.release_reservations(organization_id uuid)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  changed integer;
begin
  perform private.lock_budgets(release_reservations.organization_id);
  delete from public.budget_reservations
  where budget_id in (select budgets.id from public.budgets where budgets.organization_id = release_reservations.organization_id)
    and interaction_id not in (
      select turns.id from public.ai_interactions turns
      where turns.organization_id = release_reservations.organization_id and turns.turn_state = 'running'
    );
  update public.budgets
  set reserved_usd = sums.amount
  from (
    select budgets.id, coalesce(sum(reservations.amount_usd), 0) as amount
    from public.budgets
    left join public.budget_reservations reservations on reservations.budget_id = budgets.id
    where budgets.organization_id = release_reservations.organization_id
    group by budgets.id
  ) sums
  where budgets.id = sums.id and budgets.reserved_usd <> sums.amount;
  get diagnostics changed = row_count;
  return changed;
end
$$;
comment on function private.release_reservations(uuid) is 'Frees what an organization''s budgets set aside for turns that no longer run, and returns how many budgets it corrected. Turns free it themselves: this mends what an operator''s hand broke.';

-- What is left ---------------------------------------------------------------------

create view public.budget_status with (security_invoker = true) as
select
  budgets.id,
  budgets.organization_id,
  budgets.user_id,
  budgets.agent_id,
  budgets.access_key_id,
  budgets.period,
  budgets.is_active,
  budgets.limit_usd,
  present.spent_usd,
  budgets.reserved_usd,
  greatest(budgets.limit_usd - present.spent_usd - budgets.reserved_usd, 0) as remaining_usd,
  present.started_at as period_started_at,
  private.period_end(budgets.period, organizations.timezone, now()) as resets_at
from public.budgets
join public.organizations on organizations.id = budgets.organization_id
cross join lateral (select private.period_start(budgets.period, organizations.timezone, now()) as started_at) begun
cross join lateral (
  select
    greatest(budgets.period_started_at, begun.started_at) as started_at,
    case when budgets.period_started_at < begun.started_at then 0::numeric(20, 10) else budgets.spent_usd end as spent_usd
) present;
comment on view public.budget_status is 'Budgets as they are at this moment: of one whose period has just ended nothing is spent, though no turn has begun the new one yet.';
comment on column public.budget_status.id is 'The budget.';
comment on column public.budget_status.organization_id is 'The organization that pays.';
comment on column public.budget_status.user_id is 'The member whose spending is limited; null for everyone''s.';
comment on column public.budget_status.agent_id is 'The agent whose spending is limited; null for every agent''s.';
comment on column public.budget_status.access_key_id is 'The access key whose spending is limited; null for everything''s.';
comment on column public.budget_status.period is 'day, month or total; days and months are those of the organization''s time zone.';
comment on column public.budget_status.is_active is 'False: the limit is lifted.';
comment on column public.budget_status.limit_usd is 'US dollars that may be spent in a period.';
comment on column public.budget_status.spent_usd is 'US dollars settled in the period that it is now.';
comment on column public.budget_status.reserved_usd is 'US dollars set aside for turns that run.';
comment on column public.budget_status.remaining_usd is 'US dollars that are neither spent nor set aside.';
comment on column public.budget_status.period_started_at is 'Beginning of the period that it is now; -infinity for total.';
comment on column public.budget_status.resets_at is 'Beginning of the next one; null for total.';
grant select on public.budget_status to authenticated, service_role;
