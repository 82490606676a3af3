-- Accounts: what a user of Supabase Auth gets at sign-up, and what is deleted with them.

create function private.profile_email(account auth.users)
returns text
language sql
stable
set search_path = ''
as $$
  select profile_email.account.email::text
  where char_length(profile_email.account.email) between 1 and 255
    and (profile_email.account.is_sso_user or not exists (
      select from public.profiles
      where profiles.email = profile_email.account.email
        and profiles.id <> profile_email.account.id
        and not profiles.is_sso_user
    ))
$$;
comment on function private.profile_email(auth.users) is
  'The address in the profile of an account; null if it has none, or another profile has it, which '
  'can only happen while triggers are disabled.';

create function private.metadata_text(account auth.users, key text)
returns text
language sql
immutable
set search_path = ''
as $$
  -- Metadata of a sign-up is arbitrary: values that are not text count as missing.
  select nullif(btrim(metadata_text.account.raw_user_meta_data ->> metadata_text.key), '')
  where jsonb_typeof(metadata_text.account.raw_user_meta_data -> metadata_text.key) = 'string'
$$;
comment on function private.metadata_text(auth.users, text) is
  'A text from the metadata of an account; null if there is none.';

create function private.open_account(account auth.users)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  full_name text := private.plain_label(private.metadata_text(open_account.account, 'full_name'));
  avatar_url text := private.metadata_text(open_account.account, 'avatar_url');
  display_name text := coalesce(
    full_name, private.plain_label(split_part(open_account.account.email, '@', 1)), 'Someone'
  );
  own_slug text := 'personal-' || open_account.account.id;
begin
  insert into public.profiles (id, email, is_sso_user, full_name, avatar_url, last_login_at)
  values (
    open_account.account.id,
    private.profile_email(open_account.account),
    coalesce(open_account.account.is_sso_user, false),
    full_name,
    -- Only absolute https URLs are accepted: neither relative nor javascript: or file: ones.
    case when private.is_web_address(avatar_url, 'https') then avatar_url end,
    open_account.account.last_sign_in_at
  )
  -- A trigger of the project may have created it without the copied columns.
  on conflict (id) do update
  set email = excluded.email, is_sso_user = excluded.is_sso_user,
      last_login_at = excluded.last_login_at
  where profiles.email is null and excluded.email is not null;
  if exists (
    select
    from public.organizations
    where organizations.slug = own_slug and not organizations.is_personal
  ) then
    own_slug = 'personal-' || gen_random_uuid();
  end if;
  insert into public.organizations (name, slug, is_personal, created_by)
  values (left(display_name, 240) || '''s space', own_slug, true, open_account.account.id)
  on conflict do nothing;
  -- An organization that lost its user with the profile belongs to that user again.
  update public.organizations
  set created_by = open_account.account.id
  where organizations.slug = own_slug and organizations.created_by is null;
  insert into public.organization_members (
    organization_id, user_id, role, granted_by, last_active_at
  )
  select organizations.id, open_account.account.id, 'owner', open_account.account.id, now()
  from public.organizations
  where organizations.created_by = open_account.account.id and organizations.is_personal
  on conflict do nothing;
  update public.profiles
  set current_organization_id = organizations.id
  from public.organizations
  where profiles.id = open_account.account.id
    and profiles.current_organization_id is null
    and organizations.created_by = open_account.account.id
    and organizations.is_personal;
end
$$;
comment on function private.open_account(auth.users) is
  'Creates the profile and the personal organization of an account, if it lacks them.';

create function private.handle_new_user()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform private.open_account(new);
  return new;
end
$$;
comment on function private.handle_new_user() is
  'Trigger on auth.users: a new person gets a profile and a personal organization.';

create function private.handle_user_change()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  -- The first sign-in of an account that was loaded while triggers were disabled.
  perform private.open_account(new);
  update public.profiles
  set email = private.profile_email(new), is_sso_user = coalesce(new.is_sso_user, false),
      last_login_at = new.last_sign_in_at
  where profiles.id = new.id;
  return new;
end
$$;
comment on function private.handle_user_change() is
  'Trigger on auth.users: keeps the profile''s address and last sign-in in sync, and creates a '
  'missing profile.';

create function private.delete_personal_organization()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  delete from public.organizations
  where organizations.created_by = old.id and organizations.is_personal;
  return old;
end
$$;
comment on function private.delete_personal_organization() is
  'Trigger on auth.users: deletes a person''s personal organization, with everything in it, with '
  'the person.';

create function private.release_organizations_of(user_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
declare
  kept text;
begin
  -- Those that the account is the only member of.
  with owned as (
    select organizations.id, organizations.name, exists (
      select from public.organization_members others
      where others.organization_id = organizations.id
        and others.user_id <> release_organizations_of.user_id
    ) as is_shared
    from public.organizations
    join public.organization_members members
      on members.organization_id = organizations.id
        and members.user_id = release_organizations_of.user_id
        and members.role = 'owner'
    where not organizations.is_personal
      and organizations.deleted_at is null
      and not exists (
        select from public.organization_members others
        where others.organization_id = organizations.id
          and others.role = 'owner'
          and others.user_id <> release_organizations_of.user_id
      )
  ),
  released as (
    update public.organizations set deleted_at = now()
    where organizations.id in (select owned.id from owned where not owned.is_shared)
  )
  select string_agg(format('"%s"', private.name_to_quote(owned.name)), ', ') into kept
  from (select owned.name from owned where owned.is_shared order by owned.name limit 3) owned;
  if kept is not null then
    perform private.refuse(
      'last_owner', format('This account is the only owner of %s, which has other members.', kept),
      'Make another member an owner first, or delete the organization.'
    );
  end if;
end
$$;
comment on function private.release_organizations_of(uuid) is
  'Deletes the organizations in which a person is alone. One that others are members of keeps its '
  'last owner. Errors: PT409 last_owner.';

create function private.release_organizations()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform private.release_organizations_of(old.id);
  return old;
end
$$;
comment on function private.release_organizations() is
  'Trigger on auth.users: the organizations of release_organizations_of() are deleted with the '
  'account. Errors: PT409 last_owner.';

create function private.delete_account()
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  -- Checked first: the row of a large account remains until a job has removed its data.
  perform from auth.users where users.id = (select auth.uid());
  if not found then
    perform private.refuse('user_not_found', 'The account of this token no longer exists.');
  end if;
  -- Its events are not limited.
  perform set_config('agentbase.is_account_deletion', 'on', true);
  delete from auth.users where users.id = (select auth.uid());
  perform set_config('agentbase.is_account_deletion', '', true);
  -- Deferred constraints must fail here, with their own messages.
  set constraints all immediate;
end
$$;
comment on function private.delete_account() is
  'Body of public.delete_account(): deletes the row of auth.users, which clients may not.';
grant execute on function private.delete_account() to authenticated;

create function public.delete_account()
returns void
language sql
set search_path = ''
as $$
  select private.delete_account()
$$;
comment on function public.delete_account() is
  'Deletes the caller''s account immediately, with everything that belongs to the person alone: '
  'profile, personal organization, own agents, conversations, keys. Ledger rows of other '
  'organizations stay, without the person and their texts. Errors: PT404 user_not_found, PT409 '
  'last_owner where others are members of an organization that has no other owner.';
grant execute on function public.delete_account() to authenticated;
