-- The platform's credential for people's own agents, by plan and within a budget.

create function private.may_spend_platform_credential(payer uuid)
returns boolean
language plpgsql
set search_path = ''
as $$
declare
  most numeric := (
    select plans.platform_credential_usd
    from public.organizations
    join public.plans on plans.id = organizations.plan
    where organizations.id = may_spend_platform_credential.payer
      and plans.platform_credential = 'priced_catalogue'
  );
begin
  if most is null then
    return false;
  end if;
  -- A budget that is inserted locks all others out, whether or not there is one: every turn would
  -- wait for all others that have locked the budgets.
  insert into public.budgets (organization_id, period, limit_usd, created_by)
  select may_spend_platform_credential.payer, 'month', most, null
  where not exists (
    select from public.budgets
    where budgets.organization_id = may_spend_platform_credential.payer
      and num_nonnulls(budgets.user_id, budgets.agent_id, budgets.access_key_id) = 0
      and budgets.period = 'month'
  )
  on conflict on constraint one_budget_per_scope_and_period do nothing;
  perform from public.budgets
  where budgets.organization_id = may_spend_platform_credential.payer
    and num_nonnulls(budgets.user_id, budgets.agent_id, budgets.access_key_id) = 0
    and budgets.period = 'month'
    and budgets.is_active
    and budgets.limit_usd <= most;
  return found;
end
$$;
comment on function private.may_spend_platform_credential(uuid) is
  'Whether an organization''s own agents may use the platform''s credential: its plan says so, and '
  'a monthly budget of at most plans.platform_credential_usd limits the organization, which is '
  'given one where it has none.';
grant execute on function private.may_spend_platform_credential(uuid) to service_role;
