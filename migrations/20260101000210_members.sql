-- Members: what they see of each other, and who may assign which role.

create function private.may_grant(organization_id uuid, user_id uuid, role text)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
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
$$;
comment on function private.may_grant(uuid, uuid, text) is
  'Whether a person may currently assign a role in an organization: admins all but owner, owners '
  'all, while their accounts are active.';

create function private.record_grant()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.granted_by = (select auth.uid());
  new.granted_at = now();
  return new;
end
$$;
comment on function private.record_grant() is 'Trigger: records who changed a role, and when.';
create trigger record_grant before update of role on public.organization_members
  for each row when (old.role <> new.role) execute function private.record_grant();

-- Names beside ids, for member lists. A profile itself stays private.
-- With the rights of its owner, as profiles are private, and as a barrier: filters reach the rows
-- of the caller's organizations only.
create view private.member_directory with (security_barrier = true) as
select
  members.organization_id,
  members.user_id,
  members.role,
  -- The backend may add a person without consent. A member who has never been active is shown
  -- without details.
  case when members.last_active_at is not null then profiles.email end as email,
  case when members.last_active_at is not null then profiles.full_name end as full_name,
  case when members.last_active_at is not null then profiles.avatar_url end as avatar_url,
  members.last_active_at
from public.organization_members members
join public.profiles on profiles.id = members.user_id
where members.organization_id = any (array(select private.my_organizations('viewer')));
comment on view private.member_directory is
  'Members of the caller''s organizations with the details that others may see.';
grant select on private.member_directory to authenticated, service_role;

create view public.organization_people with (security_invoker = true) as
select * from private.member_directory;
comment on view public.organization_people is
  'Members of the caller''s organizations with name, e-mail and picture, for member lists.';
comment on column public.organization_people.organization_id is 'An organization of the caller.';
comment on column public.organization_people.user_id is 'A member of it.';
comment on column public.organization_people.role is 'The member''s role.';
comment on column public.organization_people.email is
  'The member''s e-mail; null until the member has been active, as are name and picture.';
comment on column public.organization_people.full_name is 'The member''s name.';
comment on column public.organization_people.avatar_url is 'The member''s picture.';
comment on column public.organization_people.last_active_at is
  'When the member last accepted, chatted or recorded here.';
grant select on public.organization_people to authenticated;

create function private.limit_organizations()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
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
$$;
comment on function private.limit_organizations() is
  'Trigger: limits the number of organizations that a person creates, as each is separate work for '
  'the jobs. Errors: PT409 too_many_organizations.';
create trigger limit_organizations after insert on public.organizations
  for each row when (current_user in ('anon', 'authenticated'))
  execute function private.limit_organizations();
