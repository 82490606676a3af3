-- The current state of what 000220_owners.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Views ------------------------------------------------------------------------------------------

create view public.deleted_organizations with (security_invoker=true) as
 SELECT id,
    name,
    role,
    deleted_at,
    purged_after
   FROM private.my_deleted_organizations() my_deleted_organizations(id, name, role, deleted_at, purged_after);
grant select on public.deleted_organizations to authenticated;

-- Functions --------------------------------------------------------------------------------------

create function private.add_first_owner()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  if new.created_by is not null then
    insert into public.organization_members (
      organization_id, user_id, role, granted_by, last_active_at
    )
    values (new.id, new.created_by, 'owner', new.created_by, now());
  end if;
  return new;
end
$body$;

create function private.delete_organization(organization_id uuid)
returns void
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  update public.organizations
  set deleted_at = now()
  where organizations.id = delete_organization.organization_id
    and organizations.id = any (array(select private.my_organizations('owner')))
    and not organizations.is_personal;
  if not found then
    perform private.refuse(
      'organization_not_found', 'Organization not found, or you are not its owner.',
      'Only an owner can delete an organization. A personal organization is deleted with its user.'
    );
  end if;
end
$body$;
grant execute on function private.delete_organization(uuid) to authenticated;

create function private.leave_organization(organization_id uuid)
returns void
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  delete from public.organization_members members
  where members.organization_id = leave_organization.organization_id
    and members.user_id = (select auth.uid());
  if not found then
    perform private.refuse(
      'organization_not_found', 'Organization not found, or you are not a member of it.',
      'Use an id from organizations or deleted_organizations.'
    );
  end if;
  perform private.require_owner(leave_organization.organization_id);
end
$body$;
grant execute on function private.leave_organization(uuid) to authenticated;

create function private.my_deleted_organizations()
returns TABLE(id uuid, name text, role text, deleted_at timestamp with time zone, purged_after timestamp with time zone)
language sql stable security definer
set search_path=""
as $body$
  select
    organizations.id, organizations.name, members.role, organizations.deleted_at,
    organizations.deleted_at + (private.limits()).organization_grace
  from public.organization_members members
  join public.organizations on organizations.id = members.organization_id
  where members.user_id = (select auth.uid())
    and organizations.deleted_at is not null
$body$;
grant execute on function private.my_deleted_organizations() to authenticated;

create function private.require_first_owner()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  perform private.require_owner(new.id);
  return null;
end
$body$;

create function private.require_owner(organization_id uuid)
returns void
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  -- The lock serializes two owners who leave at the same time: the second one then sees that the
  -- first has left. An organization that is deleted, or marked as deleted, needs no owner.
  perform from public.organizations
  where organizations.id = require_owner.organization_id and organizations.deleted_at is null
  for no key update;
  if found and not exists (
    select from public.organization_members members
    join public.organizations on organizations.id = members.organization_id
    where members.organization_id = require_owner.organization_id and members.role = 'owner'
      -- A personal organization pays by default, so its user stays its owner.
      and (not organizations.is_personal or members.user_id = organizations.created_by)
  ) then
    perform private.refuse(
      'last_owner',
      'An organization must keep at least one owner, and a personal organization its user.',
      'Make another member an owner first, or delete the organization.'
    );
  end if;
end
$body$;

create function private.require_remaining_owner()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  perform private.require_owner(old.organization_id);
  return null;
end
$body$;

create function private.restore_organization(organization_id uuid)
returns void
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  update public.organizations
  set deleted_at = null
  from public.organization_members members
  join public.profiles on profiles.id = members.user_id and profiles.status = 'active'
  where organizations.id = restore_organization.organization_id
    -- After that it may be partly purged.
    and organizations.deleted_at > now() - (private.limits()).organization_grace
    and members.organization_id = organizations.id
    and members.user_id = (select auth.uid())
    and members.role = 'owner';
  if not found then
    perform private.refuse(
      'organization_not_found',
      format(
        'No organization of yours with this id was deleted in the last %s.',
        (private.limits()).organization_grace
      ),
      format(
        'Only an owner can restore an organization, within %s of its deletion.',
        (private.limits()).organization_grace
      )
    );
  end if;
end
$body$;
grant execute on function private.restore_organization(uuid) to authenticated;

create function public.delete_organization(organization_id uuid)
returns void
language sql volatile security invoker
set search_path=""
as $body$
  select private.delete_organization(delete_organization.organization_id)
$body$;
grant execute on function public.delete_organization(uuid) to authenticated;

create function public.leave_organization(organization_id uuid)
returns void
language sql volatile security invoker
set search_path=""
as $body$
  select private.leave_organization(leave_organization.organization_id)
$body$;
grant execute on function public.leave_organization(uuid) to authenticated;

create function public.restore_organization(organization_id uuid)
returns void
language sql volatile security invoker
set search_path=""
as $body$
  select private.restore_organization(restore_organization.organization_id)
$body$;
grant execute on function public.restore_organization(uuid) to authenticated;
