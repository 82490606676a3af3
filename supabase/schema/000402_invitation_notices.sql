-- The current state of what 000402_invitation_notices.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.notify_inviter()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
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
$body$;
