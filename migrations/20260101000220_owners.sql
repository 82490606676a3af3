-- Owners: every organization always has one; deleting, leaving and restoring organizations.

create function private.add_first_owner()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if new.created_by is not null then
    insert into public.organization_members (
      organization_id, user_id, role, granted_by, last_active_at
    )
    values (new.id, new.created_by, 'owner', new.created_by, now());
  end if;
  return new;
end
$$;
comment on function private.add_first_owner() is
  'Trigger: the creator of an organization becomes its owner.';
create trigger add_first_owner after insert on public.organizations
  for each row execute function private.add_first_owner();

create function private.require_owner(organization_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
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
$$;
comment on function private.require_owner(uuid) is
  'Refuses a state in which an organization has no owner, or a personal one is not owned by its '
  'user. Errors: PT409 last_owner.';

create function private.require_first_owner()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform private.require_owner(new.id);
  return null;
end
$$;
comment on function private.require_first_owner() is
  'Deferred trigger: refuses a transaction that creates an organization without an owner.';
create constraint trigger organization_has_owner after insert on public.organizations
  deferrable initially deferred
  for each row execute function private.require_first_owner();

create function private.require_remaining_owner()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform private.require_owner(old.organization_id);
  return null;
end
$$;
comment on function private.require_remaining_owner() is
  'Deferred trigger: refuses a transaction that removes an organization''s last owner.';
create constraint trigger organization_keeps_owner
  after delete or update of role, organization_id
  on public.organization_members
  deferrable initially deferred
  for each row when (old.role = 'owner') execute function private.require_remaining_owner();

create function private.delete_organization(organization_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
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
$$;
comment on function private.delete_organization(uuid) is
  'Body of public.delete_organization(): sets deleted_at, which clients may not write.';
grant execute on function private.delete_organization(uuid) to authenticated;

create function public.delete_organization(organization_id uuid)
returns void
language sql
set search_path = ''
as $$
  select private.delete_organization(delete_organization.organization_id)
$$;
comment on function public.delete_organization(uuid) is
  'Hides an organization and everything in it from its members, immediately. Owners only; '
  'restore_organization() brings it back within 30 days, after which it is purged with everything '
  'in it. Errors: PT404 organization_not_found.';
grant execute on function public.delete_organization(uuid) to authenticated;

create function private.restore_organization(organization_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
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
$$;
comment on function private.restore_organization(uuid) is
  'Body of public.restore_organization(): finds the row that row level security hides once it is '
  'deleted.';
grant execute on function private.restore_organization(uuid) to authenticated;

create function public.restore_organization(organization_id uuid)
returns void
language sql
set search_path = ''
as $$
  select private.restore_organization(restore_organization.organization_id)
$$;
comment on function public.restore_organization(uuid) is
  'Brings back an organization that delete_organization() hid, within 30 days. Owners only. '
  'Errors: PT404 organization_not_found.';
grant execute on function public.restore_organization(uuid) to authenticated;

create function private.leave_organization(organization_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
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
$$;
comment on function private.leave_organization(uuid) is
  'Body of public.leave_organization(): reaches a deleted organization as well, which its members '
  'no longer see.';
grant execute on function private.leave_organization(uuid) to authenticated;

create function public.leave_organization(organization_id uuid)
returns void
language sql
set search_path = ''
as $$
  select private.leave_organization(leave_organization.organization_id)
$$;
comment on function public.leave_organization(uuid) is
  'Ends the caller''s membership of an organization, even if it is deleted but not purged yet. '
  'Errors: PT404 organization_not_found, PT409 last_owner.';
grant execute on function public.leave_organization(uuid) to authenticated;

create function private.my_deleted_organizations()
returns table (id uuid, name text, role text, deleted_at timestamptz, purged_after timestamptz)
language sql
stable
security definer
set search_path = ''
as $$
  select
    organizations.id, organizations.name, members.role, organizations.deleted_at,
    organizations.deleted_at + (private.limits()).organization_grace
  from public.organization_members members
  join public.organizations on organizations.id = members.organization_id
  where members.user_id = (select auth.uid())
    and organizations.deleted_at is not null
$$;
comment on function private.my_deleted_organizations() is
  'The organizations of the caller that are deleted and not purged yet.';
grant execute on function private.my_deleted_organizations() to authenticated;

create view public.deleted_organizations with (security_invoker = true) as
select * from private.my_deleted_organizations();
comment on view public.deleted_organizations is
  'Organizations of the caller that are deleted: an owner can restore them with '
  'restore_organization(), anyone can leave them with leave_organization(), until they are '
  'purged.';
comment on column public.deleted_organizations.id is
  'organizations.id, for restore_organization().';
comment on column public.deleted_organizations.name is 'organizations.name.';
comment on column public.deleted_organizations.role is 'The caller''s role in it.';
comment on column public.deleted_organizations.deleted_at is
  'When an owner deleted it; it can be restored until the grace period ends.';
comment on column public.deleted_organizations.purged_after is
  'Until when it can be restored; after that it is purged.';
grant select on public.deleted_organizations to authenticated;
