-- Periods of budgets, and what is left of them.

create function private.budgets_to_begin()
returns setof private.due_item
language sql
stable
set search_path = ''
as $$
  select
    budgets.organization_id::text,
    1::bigint,
    min(private.period_end(budgets.period, organizations.timezone, budgets.period_started_at))
  from public.budgets
  join public.organizations on organizations.id = budgets.organization_id
  where budgets.period <> 'total'
    and budgets.period_started_at < private.period_start(
      budgets.period, organizations.timezone, now()
    )
  group by budgets.organization_id
$$;
comment on function private.budgets_to_begin() is
  'Organizations with budgets whose period has ended, for the job begin-budget-periods.';

create function private.begin_budget_periods(organization_id uuid)
returns integer
language plpgsql
set search_path = ''
as $$
begin
  return (
    select count(*) filter (
      where private.lock_budgets(begin_budget_periods.organization_id)
    )::integer
    from private.budgets_to_begin() due
    where due.item = begin_budget_periods.organization_id::text
  );
end
$$;
comment on function private.begin_budget_periods(uuid) is
  'Begins new periods in the budgets of an organization whose period has ended, and returns 1, or '
  '0 where there is none.';

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
comment on function private.recount_budgets(uuid) is
  'Locks the budgets of an organization and recomputes their spending from the ledger.';
grant execute on function private.recount_budgets(uuid) to service_role;

create function private.move_budget_periods()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform private.lock_budgets(new.id);
  -- The day may have begun earlier or later in the new time zone.
  update public.budgets
  set period_started_at = private.period_start(budgets.period, new.timezone, clock_timestamp())
  where budgets.organization_id = new.id;
  perform private.recount_budgets(new.id);
  return null;
end
$$;
comment on function private.move_budget_periods() is
  'Trigger: recomputes the budgets of an organization whose time zone changed, as their periods '
  'begin at other times.';
create trigger move_budget_periods after update of timezone on public.organizations
  for each row when (old.timezone <> new.timezone) execute function private.move_budget_periods();

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
cross join lateral (
  select private.period_start(budgets.period, organizations.timezone, now()) as started_at
) begun
cross join lateral (
  select
    greatest(budgets.period_started_at, begun.started_at) as started_at,
    case
      when budgets.period_started_at < begun.started_at then 0::numeric(20, 10)
      else budgets.spent_usd
    end as spent_usd
) present;
comment on view public.budget_status is
  'The current state of budgets. If a period has just ended, nothing is spent, even if no turn has '
  'begun the new one yet.';
comment on column public.budget_status.spent_usd is
  'US dollars settled in the current period.';
comment on column public.budget_status.reserved_usd is 'US dollars reserved for running turns.';
comment on column public.budget_status.remaining_usd is
  'US dollars that are neither spent nor reserved.';
comment on column public.budget_status.period_started_at is
  'Beginning of the current period; -infinity for total.';
comment on column public.budget_status.resets_at is 'Beginning of the next one; null for total.';
select private.inherit_comments('public.budget_status', 'public.budgets');
grant select on public.budget_status to authenticated, service_role;
