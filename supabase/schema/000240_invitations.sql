-- The current state of what 000240_invitations.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table public.organization_invitations (
  id uuid default gen_random_uuid() not null,
  organization_id uuid not null,
  email text not null,
  role text not null,
  token_hash text not null,
  invited_by uuid,
  expires_at timestamp with time zone default (now() + '7 days'::interval) not null,
  accepted_at timestamp with time zone,
  accepted_by uuid,
  created_at timestamp with time zone default now() not null,
  constraint organization_invitations_pkey PRIMARY KEY (id),
  constraint organization_invitations_token_hash_key UNIQUE (token_hash),
  constraint organization_invitations_accepted_by_fkey FOREIGN KEY (accepted_by) REFERENCES public.profiles(id) ON DELETE SET NULL,
  constraint organization_invitations_invited_by_fkey FOREIGN KEY (invited_by) REFERENCES public.profiles(id) ON DELETE SET NULL,
  constraint organization_invitations_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE,
  constraint accepted_by_needs_accepted_at CHECK (((accepted_by IS NULL) OR (accepted_at IS NOT NULL))),
  constraint invitation_email_has_an_at_sign CHECK (private.is_email(email)),
  constraint invitation_expires_after_it_is_made CHECK ((expires_at > created_at)),
  constraint invitation_role_is_known_and_not_owner CHECK (private.is_invited_role(role)),
  constraint token_hash_is_sha256_in_hex CHECK ((token_hash ~ '^[0-9a-f]{64}$'::text))
);
alter table public.organization_invitations enable row level security;
create policy "Admins read invitations" on public.organization_invitations
  as permissive for select to authenticated
  using ((organization_id = ANY (ARRAY( SELECT private.my_organizations('admin'::text) AS my_organizations))));
create policy "Admins withdraw invitations" on public.organization_invitations
  as permissive for delete to authenticated
  using ((organization_id = ANY (ARRAY( SELECT private.my_organizations('admin'::text) AS my_organizations))));
grant delete, insert, select, update on public.organization_invitations to service_role;
grant delete, select (id, organization_id, email, role, invited_by, expires_at, accepted_at, accepted_by, created_at) on public.organization_invitations to authenticated;
CREATE INDEX organization_invitations_accepted_by_idx ON public.organization_invitations USING btree (accepted_by);
CREATE INDEX organization_invitations_invited_by_idx ON public.organization_invitations USING btree (invited_by);
CREATE INDEX organization_invitations_organization_id_idx ON public.organization_invitations USING btree (organization_id);
CREATE UNIQUE INDEX one_open_invitation_per_address ON public.organization_invitations USING btree (organization_id, lower((email COLLATE "C"))) WHERE (accepted_at IS NULL);
CREATE TRIGGER notify_inviter AFTER UPDATE OF accepted_at ON public.organization_invitations FOR EACH ROW WHEN (((old.accepted_at IS NULL) AND (new.accepted_at IS NOT NULL))) EXECUTE FUNCTION private.notify_inviter();
CREATE TRIGGER record_audit_change AFTER UPDATE OF role, expires_at, accepted_by ON public.organization_invitations FOR EACH ROW WHEN (((((old.role IS DISTINCT FROM new.role) OR (old.expires_at IS DISTINCT FROM new.expires_at)) OR (old.accepted_by IS DISTINCT FROM new.accepted_by)) AND (current_setting('agentbase.audit_event'::text, true) IS DISTINCT FROM 'rotated'::text))) EXECUTE FUNCTION private.record_audit_event('id');
CREATE TRIGGER record_audit_event AFTER INSERT OR DELETE ON public.organization_invitations FOR EACH ROW EXECUTE FUNCTION private.record_audit_event('id');

-- Functions --------------------------------------------------------------------------------------

create function private.accept_invitation(token text)
returns uuid
language plpgsql volatile security definer
set search_path=""
as $body$
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
$body$;
grant execute on function private.accept_invitation(text) to authenticated;

create function private.invite_member(organization_id uuid, email text, role text)
returns text
language plpgsql volatile security definer
set search_path=""
as $body$
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
$body$;
grant execute on function private.invite_member(uuid,text,text) to authenticated;

create function private.is_invited_role(role text)
returns boolean
language plpgsql immutable strict parallel safe security invoker
set search_path=""
as $body$
begin
  return is_invited_role.role in ('admin', 'agent_manager', 'member', 'viewer');
end
$body$;
grant execute on function private.is_invited_role(text) to authenticated, service_role;

create function private.void_invitations()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  delete from public.organization_invitations invitations
  where invitations.organization_id = old.organization_id
    -- Those without an inviter too: deleting an account clears its name first.
    and coalesce(invitations.invited_by, old.user_id) = old.user_id
    and invitations.accepted_at is null
    and not private.may_grant(old.organization_id, invitations.invited_by, invitations.role);
  return null;
end
$body$;

create function public.accept_invitation(token text)
returns uuid
language sql volatile security invoker
set search_path=""
as $body$
  select private.accept_invitation(accept_invitation.token)
$body$;
grant execute on function public.accept_invitation(text) to authenticated;

create function public.invite_member(organization_id uuid, email text, role text)
returns text
language sql volatile security invoker
set search_path=""
as $body$
  select private.invite_member(
    invite_member.organization_id, invite_member.email, invite_member.role
  )
$body$;
grant execute on function public.invite_member(uuid,text,text) to authenticated;
