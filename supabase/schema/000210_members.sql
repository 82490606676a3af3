-- The current state of what 000210_members.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Views ------------------------------------------------------------------------------------------

create view private.member_directory with (security_barrier=true) as
 SELECT members.organization_id,
    members.user_id,
    members.role,
        CASE
            WHEN (members.last_active_at IS NOT NULL) THEN profiles.email
            ELSE NULL::text
        END AS email,
        CASE
            WHEN (members.last_active_at IS NOT NULL) THEN profiles.full_name
            ELSE NULL::text
        END AS full_name,
        CASE
            WHEN (members.last_active_at IS NOT NULL) THEN profiles.avatar_url
            ELSE NULL::text
        END AS avatar_url,
    members.last_active_at
   FROM (public.organization_members members
     JOIN public.profiles ON ((profiles.id = members.user_id)))
  WHERE (members.organization_id = ANY (ARRAY( SELECT private.my_organizations('viewer'::text) AS my_organizations)));
grant select on private.member_directory to authenticated;
grant select on private.member_directory to service_role;

create view public.organization_people with (security_invoker=true) as
 SELECT organization_id,
    user_id,
    role,
    email,
    full_name,
    avatar_url,
    last_active_at
   FROM private.member_directory;
grant select on public.organization_people to authenticated;

-- Functions --------------------------------------------------------------------------------------

create function private.limit_organizations()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  -- Serializes the requests of one person, so that the count is exact.
  perform from public.profiles where profiles.id = new.created_by for no key update;
  if (
    select count(*) > (private.limits()).organizations_per_user from public.organizations
    where organizations.created_by = new.created_by and not organizations.is_personal
  ) then
    perform private.refuse(
      'too_many_organizations',
      format(
        'You have created %s organizations, including recently deleted ones, the maximum.',
        (private.limits()).organizations_per_user
      ),
      'Delete organizations that you no longer use, or ask the operator to create one.'
    );
  end if;
  return null;
end
$body$;

create function private.may_grant(organization_id uuid, user_id uuid, role text)
returns boolean
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return exists (
    select
    from public.organization_members members
    join public.profiles on profiles.id = members.user_id and profiles.status = 'active'
    where members.organization_id = may_grant.organization_id
      and members.user_id = may_grant.user_id
      and private.role_rank(members.role) >= private.role_rank('admin')
      and (members.role = 'owner' or may_grant.role <> 'owner')
  );
end
$body$;

create function private.record_grant()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  new.granted_by = (select auth.uid());
  new.granted_at = now();
  return new;
end
$body$;
