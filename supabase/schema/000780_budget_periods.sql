-- The current state of what 000780_budget_periods.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Views ------------------------------------------------------------------------------------------

create view public.budget_status with (security_invoker=true) as
 SELECT budgets.id,
    budgets.organization_id,
    budgets.user_id,
    budgets.agent_id,
    budgets.access_key_id,
    budgets.period,
    budgets.is_active,
    budgets.limit_usd,
    present.spent_usd,
    budgets.reserved_usd,
    GREATEST(((budgets.limit_usd - present.spent_usd) - budgets.reserved_usd), (0)::numeric) AS remaining_usd,
    present.started_at AS period_started_at,
    private.period_end(budgets.period, organizations.timezone, now()) AS resets_at
   FROM (((public.budgets
     JOIN public.organizations ON ((organizations.id = budgets.organization_id)))
     CROSS JOIN LATERAL ( SELECT private.period_start(budgets.period, organizations.timezone, now()) AS started_at) begun)
     CROSS JOIN LATERAL ( SELECT GREATEST(budgets.period_started_at, begun.started_at) AS started_at,
                CASE
                    WHEN (budgets.period_started_at < begun.started_at) THEN (0)::numeric(20,10)
                    ELSE budgets.spent_usd
                END AS spent_usd) present);
grant select on public.budget_status to authenticated;
grant select on public.budget_status to service_role;

-- Functions --------------------------------------------------------------------------------------

create function private.begin_budget_periods(organization_id uuid)
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  return (
    select count(*) filter (
      where private.lock_budgets(begin_budget_periods.organization_id)
    )::integer
    from private.budgets_to_begin() due
    where due.item = begin_budget_periods.organization_id::text
  );
end
$body$;

create function private.budgets_to_begin()
returns SETOF private.due_item
language sql stable security invoker
set search_path=""
as $body$
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
$body$;

create function private.move_budget_periods()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  perform private.lock_budgets(new.id);
  -- The day may have begun earlier or later in the new time zone.
  update public.budgets
  set period_started_at = private.period_start(budgets.period, new.timezone, clock_timestamp())
  where budgets.organization_id = new.id;
  perform private.recount_budgets(new.id);
  return null;
end
$body$;

create function private.recount_budgets(organization_id uuid)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  perform private.lock_budgets(recount_budgets.organization_id);
  update public.budgets
  set spent_usd = private.spent_of(budgets)
  where budgets.organization_id = recount_budgets.organization_id;
end
$body$;
grant execute on function private.recount_budgets(uuid) to service_role;
