-- Warnings: admins, owners and the person whose budget it is are notified when half, four fifths
-- and all of it is spent.

create function private.budget_level(spent numeric, limit_usd numeric)
returns integer
language sql
immutable
set search_path = ''
as $$
  select case
    when budget_level.spent >= budget_level.limit_usd then 100
    when budget_level.spent >= budget_level.limit_usd * 0.8 then 80
    when budget_level.spent >= budget_level.limit_usd * 0.5 then 50
    else 0
  end
$$;
comment on function private.budget_level(numeric, numeric) is
  'Which of 50, 80 and 100 percent of a budget has been spent; 0 for less.';

create function private.warn_of_budget()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  level integer := private.budget_level(new.spent_usd, new.limit_usd);
begin
  -- The levels of the previous period do not apply to this one.
  if level <= (
    case when new.period_started_at = old.period_started_at
      then private.budget_level(old.spent_usd, old.limit_usd) else 0 end
  ) then
    return null;
  end if;
  perform private.notify(
    people.user_id, 'budget_warning', format('%s%% of a budget has been spent', level),
    format(
      '%s%% of a budget of the organization "%s" has been spent: %s of %s US dollars a %s.', level,
      private.name_to_quote(organizations.name), round(new.spent_usd, 2),
      round(new.limit_usd, 2), case new.period when 'total' then 'lifetime' else new.period end
    ),
    jsonb_build_object(
      'budget_id', new.id, 'organization_id', new.organization_id, 'percent', level
    ),
    case level when 100 then 'high' end
  )
  from public.organizations
  cross join lateral (
    select members.user_id from public.organization_members members
    where members.organization_id = organizations.id
      and (
        members.user_id = new.user_id
        or private.role_rank(members.role) >= private.role_rank('admin')
        or members.user_id = (
          select keys.user_id from public.access_keys keys where keys.id = new.access_key_id
        )
      )
  ) people
  where organizations.id = new.organization_id;
  return null;
end
$$;
comment on function private.warn_of_budget() is
  'Trigger: notifies the admins and owners of an organization, and the member or the owner of the '
  'access key that a budget is for, that 50, 80 or 100 percent of it has been spent, once a period '
  'each.';
create trigger warn_of_budget after update of spent_usd on public.budgets
  for each row
  when (new.is_active and new.spent_usd > 0 and new.spent_usd >= new.limit_usd * 0.5)
  execute function private.warn_of_budget();
