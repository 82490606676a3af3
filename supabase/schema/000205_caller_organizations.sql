-- The current state of what 000205_caller_organizations.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.has_role(organization_id uuid, minimum_role text)
returns boolean
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return exists (
    select from public.organization_members members
    where members.organization_id = has_role.organization_id
      and members.user_id = private.my_id()
      and private.role_rank(members.role) >= private.role_rank(has_role.minimum_role)
      and has_role.organization_id::text = coalesce(
        auth.jwt() -> 'access_key' ->> 'organization_id', has_role.organization_id::text
      )
      and exists (
        select from public.organizations
        where organizations.id = has_role.organization_id and organizations.deleted_at is null
      )
      and exists (
        select from public.profiles
        where profiles.id = members.user_id and profiles.status = 'active'
      )
  );
end
$body$;
grant execute on function private.has_role(uuid,text) to service_role;

create function private.home_organization(organization_id uuid, user_id uuid)
returns uuid
language plpgsql stable security definer
set search_path=""
as $body$
begin
  return coalesce(home_organization.organization_id, (
    select organizations.id from public.organizations
    where organizations.created_by = home_organization.user_id and organizations.is_personal
  ));
end
$body$;
grant execute on function private.home_organization(uuid,uuid) to authenticated, service_role;

create function private.my_organization()
returns uuid
language plpgsql stable security definer
set search_path=""
as $body$
begin
  if (select auth.jwt()) ? 'access_key' then
    return (select mine.id from private.my_organizations('member') mine (id));
  end if;
  return coalesce(
    (
      select profiles.current_organization_id
      from public.profiles
      where profiles.id = (select auth.uid())
        and profiles.current_organization_id = any (
          array(select private.my_organizations('member'))
        )
    ),
    (
      select organizations.id
      from public.organizations
      where organizations.created_by = (select auth.uid()) and organizations.is_personal
    )
  );
end
$body$;
grant execute on function private.my_organization() to authenticated, service_role;
