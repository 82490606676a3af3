-- Invitations: how a person becomes a member.

create function private.is_invited_role(role text)
returns boolean
language plpgsql
immutable strict parallel safe
set search_path = ''
as $$
begin
  return is_invited_role.role in ('admin', 'agent_manager', 'member', 'viewer');
end
$$;
comment on function private.is_invited_role(text) is
  'True for the roles that an invitation can give. Only an owner can make another owner.';
grant execute on function private.is_invited_role(text) to authenticated, service_role;

create table public.organization_invitations (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  email text not null,
  role text not null,
  token_hash text not null unique,
  invited_by uuid references public.profiles (id) on delete set null,
  expires_at timestamptz not null default now() + interval '7 days',
  accepted_at timestamptz,
  accepted_by uuid references public.profiles (id) on delete set null,
  created_at timestamptz not null default now(),
  constraint invitation_email_has_an_at_sign check (private.is_email(email)),
  constraint invitation_role_is_known_and_not_owner check (private.is_invited_role(role)),
  constraint token_hash_is_sha256_in_hex check (token_hash ~ '^[0-9a-f]{64}$'),
  constraint invitation_expires_after_it_is_made check (expires_at > created_at),
  constraint accepted_by_needs_accepted_at check (accepted_by is null or accepted_at is not null)
);
comment on table public.organization_invitations is
  'Invitations by e-mail. The token is shown once, by invite_member(), and stored as a hash.';
comment on column public.organization_invitations.id is 'Identifies the organization invitation.';
comment on column public.organization_invitations.organization_id is 'The organization to join.';
comment on column public.organization_invitations.email is
  'Who may accept: a person who signed up with this address. Case-insensitive for ASCII letters '
  'only.';
comment on column public.organization_invitations.role is
  'The role to be assigned. An invitation cannot make an owner.';
comment on column public.organization_invitations.token_hash is
  'SHA-256 of the token. Not readable by clients.';
comment on column public.organization_invitations.invited_by is
  'The inviter. The invitation becomes invalid as soon as that person may no longer assign its '
  'role: removed, demoted or deleted.';
comment on column public.organization_invitations.expires_at is 'Not accepted after this time.';
comment on column public.organization_invitations.accepted_at is
  'When it was accepted; an invitation is accepted once.';
comment on column public.organization_invitations.accepted_by is 'Who accepted it.';
comment on column public.organization_invitations.created_at is 'When it was sent.';

create unique index one_open_invitation_per_address
  on public.organization_invitations (organization_id, (lower(email collate "C")))
  where accepted_at is null;
create index organization_invitations_invited_by_idx
  on public.organization_invitations (invited_by);
create index organization_invitations_accepted_by_idx
  on public.organization_invitations (accepted_by);
create index organization_invitations_organization_id_idx
  on public.organization_invitations (organization_id);

-- Invitations: admins see and withdraw them; invite_member() creates them.
alter table public.organization_invitations enable row level security;
create policy "Admins read invitations" on public.organization_invitations
  for select to authenticated
  using (organization_id = any (array(select private.my_organizations('admin'))));
create policy "Admins withdraw invitations" on public.organization_invitations
  for delete to authenticated
  using (organization_id = any (array(select private.my_organizations('admin'))));
grant select (
  id, organization_id, email, role, invited_by, expires_at, accepted_at, accepted_by, created_at
)
  on public.organization_invitations to authenticated;
grant delete on public.organization_invitations to authenticated;
grant select, insert, update, delete on public.organization_invitations to service_role;

create function private.void_invitations()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  delete from public.organization_invitations invitations
  where invitations.organization_id = old.organization_id
    -- Those without an inviter too: deleting an account clears its name first.
    and coalesce(invitations.invited_by, old.user_id) = old.user_id
    and invitations.accepted_at is null
    and not private.may_grant(old.organization_id, invitations.invited_by, invitations.role);
  return null;
end
$$;
comment on function private.void_invitations() is
  'Trigger: deletes a person''s open invitations once the person may no longer assign their roles; '
  'they are not restored later.';
create trigger void_invitations after delete or update of role on public.organization_members
  for each row execute function private.void_invitations();

create function private.invite_member(organization_id uuid, email text, role text)
returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
  token text := private.new_token('inv_');
begin
  if not private.has_role(invite_member.organization_id, 'admin') then
    perform private.refuse(
      'organization_not_found', 'Organization not found, or you may not manage its members.'
    );
  end if;
  if private.is_invited_role(invite_member.role) is not true then
    perform private.refuse('invalid_role', 'An invitation cannot grant this role.');
  end if;
  if private.is_email(invite_member.email) is not true then
    perform private.refuse(
      'invalid_email', 'This is not a valid e-mail address.',
      'Use an address of at most 255 characters such as "carol@example.com".'
    );
  end if;
  if exists (
    select from public.organization_members members
    join public.profiles on profiles.id = members.user_id
    where members.organization_id = invite_member.organization_id
      and lower(profiles.email collate "C") = lower(invite_member.email collate "C")
  ) then
    perform private.refuse(
      'already_member', format('"%s" is already a member.', invite_member.email)
    );
  end if;

  -- A new invitation replaces an open one to the same address.
  delete from public.organization_invitations invitations
  where invitations.organization_id = invite_member.organization_id
    and lower(invitations.email collate "C") = lower(invite_member.email collate "C")
    and invitations.accepted_at is null;
  insert into public.organization_invitations (
    organization_id, email, role, token_hash, invited_by
  )
  values (
    invite_member.organization_id, invite_member.email, invite_member.role,
    private.token_hash(token), (select auth.uid())
  );
  return token;
exception when unique_violation then
  perform private.refuse(
    'invitation_in_progress', 'Another request is inviting this address.',
    'Try again to replace that invitation.'
  );
  return null;
end
$$;
comment on function private.invite_member(uuid, text, text) is
  'Body of public.invite_member(): writes the hash of a token that the caller must not choose.';
grant execute on function private.invite_member(uuid, text, text) to authenticated;

create function public.invite_member(organization_id uuid, email text, role text)
returns text
language sql
set search_path = ''
as $$
  select private.invite_member(
    invite_member.organization_id, invite_member.email, invite_member.role
  )
$$;
comment on function public.invite_member(uuid, text, text) is
  'Invites an address to an organization (admins and owners) and returns the token, which is not '
  'shown again. It is valid for seven days and one use. Errors: PT400 invalid_role or '
  'invalid_email, PT404 organization_not_found, PT409 already_member or invitation_in_progress.';
grant execute on function public.invite_member(uuid, text, text) to authenticated;

create function private.accept_invitation(token text)
returns uuid
language plpgsql
security definer
set search_path = ''
as $$
declare
  invitation public.organization_invitations;
begin
  select invitations.* into invitation
  from public.organization_invitations invitations
  join public.organizations on organizations.id = invitations.organization_id
  and organizations.deleted_at is null
  join public.profiles
    on profiles.id = (select auth.uid())
    and lower(profiles.email collate "C") = lower(invitations.email collate "C")
  where invitations.token_hash = private.token_hash(accept_invitation.token)
    and private.may_grant(invitations.organization_id, invitations.invited_by, invitations.role)
  for update of invitations;

  if invitation.id is null then
    perform private.refuse(
      'invitation_not_found', 'Invitation not found, or it is not addressed to you.',
      'Sign in with the e-mail address that was invited, or ask for a new invitation.'
    );
  end if;
  if invitation.accepted_at is not null then
    perform private.refuse('invitation_used', 'This invitation has already been accepted.');
  end if;
  if invitation.expires_at <= now() then
    perform private.refuse('invitation_expired', 'This invitation has expired.');
  end if;

  insert into public.organization_members (
    organization_id, user_id, role, granted_by, last_active_at
  )
  values (
    invitation.organization_id, (select auth.uid()), invitation.role, invitation.invited_by, now()
  )
  on conflict do nothing;
  update public.organization_invitations
  set accepted_at = now(), accepted_by = (select auth.uid())
  where organization_invitations.id = invitation.id;
  return invitation.organization_id;
end
$$;
comment on function private.accept_invitation(text) is
  'Body of public.accept_invitation(): acts for a user who is not a member yet.';
grant execute on function private.accept_invitation(text) to authenticated;

create function public.accept_invitation(token text)
returns uuid
language sql
set search_path = ''
as $$
  select private.accept_invitation(accept_invitation.token)
$$;
comment on function public.accept_invitation(text) is
  'Makes the caller a member and returns the organization''s id. Once per invitation, only for the '
  'invited address, and while the inviter may assign the role. Errors: PT404 invitation_not_found, '
  'PT410 invitation_used or invitation_expired.';
grant execute on function public.accept_invitation(text) to authenticated;
