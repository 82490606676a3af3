-- The platform's credential for people's own agents, by plan and within a budget.

create function private.needs_platform_budget(payer uuid)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  return exists (
    select from public.organizations
    join public.plans on plans.id = organizations.plan
    where organizations.id = needs_platform_budget.payer
      and plans.platform_credential = 'priced_catalogue'
  ) and not exists (
    select from public.budgets
    where budgets.organization_id = needs_platform_budget.payer
      and num_nonnulls(budgets.user_id, budgets.agent_id, budgets.access_key_id) = 0
      and budgets.period = 'month'
  );
end
$$;
comment on function private.needs_platform_budget(uuid) is
  'Whether an organization would be given a monthly budget before its own agents use the '
  'platform''s credential: its plan lets them, and it has none.';
grant execute on function private.needs_platform_budget(uuid) to service_role;

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
  -- An insert waits for every turn that has locked the budgets, even if there already is one.
  if private.needs_platform_budget(may_spend_platform_credential.payer) then
    insert into public.budgets (organization_id, period, limit_usd, created_by)
    values (may_spend_platform_credential.payer, 'month', most, null)
    on conflict on constraint one_budget_per_scope_and_period do nothing;
  end if;
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
