-- The current state of what 000785_budget_warnings.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.budget_level(spent numeric, limit_usd numeric)
returns integer
language sql immutable security invoker
set search_path=""
as $body$
  select case
    when budget_level.spent >= budget_level.limit_usd then 100
    when budget_level.spent >= budget_level.limit_usd * 0.8 then 80
    when budget_level.spent >= budget_level.limit_usd * 0.5 then 50
    else 0
  end
$body$;

create function private.warn_of_budget()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
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
$body$;
