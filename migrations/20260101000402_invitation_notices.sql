-- Notices of invitations: the inviter is notified when one is accepted. The invited user gets no
-- notification in the app, because membership requires consent.

create function private.notify_inviter()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform private.notify(
    members.user_id, 'invitation_accepted', 'Invitation accepted',
    format(
      'An invitation to the organization "%s" as %s was accepted.',
      private.name_to_quote(organizations.name), new.role
    ),
    jsonb_build_object('organization_id', organizations.id, 'invitation_id', new.id)
  )
  from public.organizations
  join public.organization_members members
    on members.organization_id = organizations.id and members.user_id = new.invited_by
  where organizations.id = new.organization_id;
  return null;
end
$$;
comment on function private.notify_inviter() is
  'Trigger: notifies the inviter, while a member, that an invitation was accepted.';
create trigger notify_inviter after update of accepted_at on public.organization_invitations
  for each row when (old.accepted_at is null and new.accepted_at is not null)
  execute function private.notify_inviter();
