-- The current state of what 000805_platform_credential.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.may_spend_platform_credential(payer uuid)
returns boolean
language plpgsql volatile security invoker
set search_path=""
as $body$
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
$body$;
grant execute on function private.may_spend_platform_credential(uuid) to service_role;

create function private.needs_platform_budget(payer uuid)
returns boolean
language plpgsql stable security invoker
set search_path=""
as $body$
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
$body$;
grant execute on function private.needs_platform_budget(uuid) to service_role;
