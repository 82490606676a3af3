-- Tenancy: people, organizations, who belongs to which with what role, and the rule that decides
-- what a member may see. Seeds 000 and 003.

create function private.role_rank(role text)
returns integer
language plpgsql
immutable
set search_path = ''
as $$
begin
  return array_position(
    array['viewer', 'member', 'agent_manager', 'admin', 'owner'], role_rank.role
  );
end
$$;
comment on function private.role_rank(text) is
  '1 for viewer up to 5 for owner; null for an unknown role, which no comparison passes.';
grant execute on function private.role_rank(text) to authenticated, service_role;

create function private.my_id()
returns uuid
language plpgsql
stable
set search_path = ''
as $$
begin
  return auth.uid();
exception when invalid_text_representation then
  return null;
end
$$;
comment on function private.my_id() is
  'The id of the signed-in user; null for others, and for a token of another issuer whose subject '
  'is not a UUID. auth.uid() raises an error there, and a policy that raises one for one '
  'subscriber stops hosted Realtime for all, so policies of published tables call this function.';
grant execute on function private.my_id() to anon, authenticated, service_role;

create function private.my_organizations(minimum_role text default 'viewer')
returns setof uuid
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return query
  select members.organization_id
  from public.organization_members members
  join public.organizations on organizations.id = members.organization_id
  join public.profiles on profiles.id = members.user_id and profiles.status = 'active'
  where members.user_id = (select private.my_id())
    -- With an access key, the caller is a member of the key's organization only.
    and members.organization_id::text = coalesce(
      (select auth.jwt()) -> 'access_key' ->> 'organization_id', members.organization_id::text
    )
    and organizations.deleted_at is null
    and private.role_rank(members.role) >= private.role_rank(my_organizations.minimum_role);
end
$$;
comment on function private.my_organizations(text) is
  'Ids of the organizations in which the caller has at least the given role. The one rule behind '
  'every policy on organization rows: it reads the membership and not the token, so leaving or '
  'deleting an organization, or suspending an account, ends access at once.';
grant execute on function private.my_organizations(text) to authenticated, service_role;

create function private.my_account_is_active()
returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  return exists (
    select from public.profiles
    where profiles.id = (select auth.uid()) and profiles.status = 'active'
  );
end
$$;
comment on function private.my_account_is_active() is
  'Whether the caller''s account is active. The rule of my_organizations() for rows without an '
  'organization: a suspended person may not create or edit rows that others see, but may delete '
  'them.';
grant execute on function private.my_account_is_active() to authenticated, service_role;

create table public.profiles (
  id uuid primary key references auth.users (id) on delete cascade,
  email text,
  is_sso_user boolean not null default false,
  full_name text,
  avatar_url text,
  workos_id text unique,
  current_organization_id uuid,
  last_login_at timestamptz,
  preferences jsonb not null default '{}',
  status text not null default 'active',
  subscription_tier text not null default 'free',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint email_is_at_most_255_characters check (char_length(email) <= 255),
  constraint full_name_is_at_most_255_characters check (char_length(full_name) <= 255),
  constraint profile_updated_at_is_from_1970_to_2199 check (private.is_calendar_time(updated_at)),
  constraint preferences_are_an_object check (jsonb_typeof(preferences) = 'object'),
  constraint profile_status_is_known check (status in ('active', 'suspended', 'deactivated')),
  constraint subscription_tier_is_at_most_50_characters
    check (char_length(subscription_tier) <= 50),
  -- Sizes of columns that clients write.
  constraint full_name_has_no_control_characters check (private.is_plain(full_name)),
  constraint avatar_url_is_an_https_address check (private.is_web_address(avatar_url, 'https')),
  constraint preferences_are_at_most_256_kib_and_64_levels check (private.is_document(preferences))
);
comment on table public.profiles is
  'One row per person, made at sign-up. Seed 003 calls it users.';
comment on column public.profiles.id is 'The person''s id in auth.users.';
comment on column public.profiles.email is
  'Copied from auth.users; null for sign-in without e-mail.';
comment on column public.profiles.is_sso_user is
  'True if single sign-on created the account: another account may have the same address. Copied '
  'from auth.users.';
comment on column public.profiles.full_name is 'Name of the profile to show.';
comment on column public.profiles.avatar_url is 'Picture to show.';
comment on column public.profiles.workos_id is
  'The person''s id at WorkOS, if single sign-on is used.';
comment on column public.profiles.current_organization_id is
  'The organization that new chats and records belong to; the personal one at first.';
comment on column public.profiles.last_login_at is 'Last sign-in, copied from auth.users.';
comment on column public.profiles.preferences is
  'The person''s own settings; the API does not read them.';
comment on column public.profiles.status is
  'active, suspended or deactivated. Only an active person chats or reaches an organization.';
comment on column public.profiles.subscription_tier is
  'What the person pays for; written by billing.';
comment on column public.profiles.created_at is 'When the person signed up.';
comment on column public.profiles.updated_at is 'When the profile was last changed.';
-- As in auth.users: accounts of single sign-on may share an address.
create unique index profiles_email_key on public.profiles (email) where not is_sso_user;
create index profiles_sso_email_idx on public.profiles (email) where is_sso_user;
create index profiles_current_organization_id_idx on public.profiles (current_organization_id);

-- Profiles: a person reads and edits their own row.
alter table public.profiles enable row level security;
create policy "People read their own profile" on public.profiles
  for select to authenticated
  using (id = (select auth.uid()));
create policy "People edit their own profile" on public.profiles
  for update to authenticated
  using (id = (select auth.uid()))
  with check (
    id = (select auth.uid())
    and (
      current_organization_id is null
      or current_organization_id = any (array(select private.my_organizations('viewer')))
    )
  );
grant select on public.profiles to authenticated;
grant update (full_name, avatar_url, current_organization_id, preferences)
  on public.profiles
  to authenticated;
-- A person is deleted with the row in auth.users, which cascades.
grant select, insert, update on public.profiles to service_role;
create trigger update_profiles_updated_at before update on public.profiles
  for each row execute function public.update_updated_at_column();
grant insert (full_name, avatar_url, current_organization_id, preferences, updated_at),
update (updated_at)
  on public.profiles to authenticated;

create table public.organizations (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  slug text not null unique,
  plan text not null default 'starter' references public.plans (id) on update cascade,
  settings jsonb not null default '{}',
  metadata jsonb not null default '{}',
  timezone text not null default 'UTC',
  is_personal boolean not null default false,
  created_by uuid default auth.uid() references public.profiles (id) on delete set null,
  deleted_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint organization_name_is_1_to_255_characters check (char_length(name) between 1 and 255),
  constraint slug_is_lower_case_words_and_dashes
    check (slug ~ '^[a-z0-9]([a-z0-9-]{0,98}[a-z0-9])?$'),
  constraint settings_are_an_object check (jsonb_typeof(settings) = 'object'),
  constraint settings_can_be_used check (
    case coalesce(jsonb_typeof(settings -> 'temperature'), 'null')
      when 'null' then true
      when 'number' then (settings ->> 'temperature')::numeric between 0 and 2
      else false
    end
    and case coalesce(jsonb_typeof(settings -> 'max_tokens'), 'null')
      when 'null' then true
      when 'number'
        then (settings ->> 'max_tokens')::numeric between 1 and 2147483647
        and (settings ->> 'max_tokens')::numeric % 1 = 0
      else false
    end
    and coalesce(jsonb_typeof(settings -> 'default_agent'), 'null') in ('string', 'null')
    and coalesce(jsonb_typeof(settings -> 'default_model'), 'null') in ('string', 'null')
    and coalesce(jsonb_typeof(settings -> 'system_prompt'), 'null') in ('string', 'null')
    and coalesce(jsonb_typeof(settings -> 'broadcast_turns'), 'null') in ('boolean', 'null')
  ),
  constraint metadata_is_an_object check (jsonb_typeof(metadata) = 'object'),
  constraint timezone_exists check (private.is_time_zone(timezone)),
  constraint personal_organization_cannot_be_deleted
    check (not (is_personal and deleted_at is not null)),
  -- Sizes of columns that clients write.
  constraint organization_name_has_no_control_characters check (private.is_plain(name)),
  constraint settings_are_at_most_256_kib_and_64_levels check (private.is_document(settings)),
  constraint metadata_is_at_most_256_kib_and_64_levels check (private.is_document(metadata))
);
comment on table public.organizations is
  'The tenant: what agents, chats, spend and members belong to. Seed 003 calls it teams.';
comment on column public.organizations.id is 'Identifies the organization.';
comment on column public.organizations.name is 'Name of the organization to show.';
comment on column public.organizations.slug is
  'Unique name for URLs: lower case, digits and dashes.';
comment on column public.organizations.plan is
  'What the organization pays for; written by billing.';
comment on column public.organizations.settings is
  'Defaults for its chats: default_agent, default_model, temperature, max_tokens, system_prompt. '
  'broadcast_turns: true sends an event to its channel when a turn begins and when it is settled.';
comment on column public.organizations.metadata is
  'Free data of the organization; the API does not read it.';
comment on column public.organizations.timezone is
  'Time zone in which its days begin, for usage and budgets.';
comment on column public.organizations.is_personal is
  'True for the organization that every person gets at sign-up.';
comment on column public.organizations.created_by is 'Who made it, and became its first owner.';
comment on column public.organizations.deleted_at is
  'Set by delete_organization(): from then on members see neither it nor anything in it. Purged '
  'after (private.limits()).organization_grace.';
comment on column public.organizations.created_at is 'When the organization was created.';
comment on column public.organizations.updated_at is 'When the organization was last changed.';

create index organizations_plan_idx on public.organizations (plan);
create index organizations_deleted_at_idx
  on public.organizations (deleted_at)
  where deleted_at is not null;
create index organizations_created_by_idx on public.organizations (created_by);
create unique index one_personal_organization_per_person
  on public.organizations (created_by)
  where is_personal;

alter table public.profiles
  add constraint profiles_current_organization_id_fkey
  foreign key (current_organization_id) references public.organizations (id) on delete set null;

-- Organizations: members read, the owner edits, any signed-in user creates.
alter table public.organizations enable row level security;
create policy "Members read their organizations" on public.organizations
  for select to authenticated
  using (
    id = any (array(select private.my_organizations('viewer')))
    -- The statement that creates an organization may return it, although the membership row is
    -- inserted after it: now() is the time of that transaction.
    or (created_by = (select auth.uid()) and created_at = now())
  );
create policy "People create organizations" on public.organizations
  for insert to authenticated
  with check (
    created_by = (select auth.uid())
    and not is_personal
    and (select private.my_account_is_active())
  );
create policy "Owners edit their organization" on public.organizations
  for update to authenticated
  using (id = any (array(select private.my_organizations('owner'))))
  with check (id = any (array(select private.my_organizations('owner'))));
grant select on public.organizations to authenticated;
grant insert (name, slug, settings, metadata, timezone, created_by)
  on public.organizations
  to authenticated;
grant update (name, slug, settings, metadata, timezone) on public.organizations to authenticated;
grant select, insert, update, delete on public.organizations to service_role;
create trigger update_organizations_updated_at before update on public.organizations
  for each row execute function public.update_updated_at_column();

-- A profile exists from sign-up. An insert only serves as an upsert, as in Supabase's tutorials,
-- which also send updated_at.
create policy "People upsert their own profile" on public.profiles
  for insert to authenticated
  with check (
    id = (select auth.uid())
    and exists (
      select from public.organizations
      where organizations.created_by = (select auth.uid()) and organizations.is_personal
    )
  );

create table public.organization_members (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  user_id uuid not null references public.profiles (id) on delete cascade,
  role text not null default 'member',
  permissions jsonb not null default '{}',
  granted_by uuid default auth.uid() references public.profiles (id) on delete set null,
  granted_at timestamptz not null default now(),
  last_active_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (organization_id, user_id),
  constraint role_is_known check (role in ('owner', 'admin', 'agent_manager', 'member', 'viewer')),
  constraint permissions_are_an_object check (jsonb_typeof(permissions) = 'object'),
  -- Sizes of columns that clients write.
  constraint permissions_are_at_most_256_kib_and_64_levels check (private.is_document(permissions))
);
comment on table public.organization_members is
  'The members of an organization and their roles. A person joins by accepting an invitation; '
  'clients insert no row. Every organization has an owner at all times. Seed 003 calls it '
  'user_roles.';
comment on column public.organization_members.organization_id is 'Where the user is a member.';
comment on column public.organization_members.user_id is 'The user who belongs to it.';
comment on column public.organization_members.role is
  'owner > admin > agent_manager > member > viewer: each may do what the next may.';
comment on column public.organization_members.permissions is
  'Further permissions that a product defines; the API does not read them.';
comment on column public.organization_members.granted_by is 'Who gave the role.';
comment on column public.organization_members.granted_at is 'When the role was given.';
comment on column public.organization_members.last_active_at is
  'When the member last accepted, chatted or recorded here; null for a user whom the backend added '
  'and who has never been active.';
comment on column public.organization_members.created_at is 'When the member joined.';
comment on column public.organization_members.updated_at is
  'When the organization member was last changed.';

create index organization_members_user_id_idx
  on public.organization_members (user_id, organization_id);
create index organization_members_granted_by_idx on public.organization_members (granted_by);

-- Members: all members read, admins manage all but owners, anyone may leave. Users cannot add each
-- other: a person joins with accept_invitation(), or the backend adds a member.
alter table public.organization_members enable row level security;
create policy "Members read who else is a member" on public.organization_members
  for select to authenticated
  using (organization_id = any (array(select private.my_organizations('viewer'))));
create policy "Admins change members, owners change owners" on public.organization_members
  for update to authenticated
  using (
    organization_id = any (array(select private.my_organizations('owner')))
    or (
      role <> 'owner' and organization_id = any (array(select private.my_organizations('admin')))
    )
  )
  with check (
    organization_id = any (array(select private.my_organizations('owner')))
    or (
      role <> 'owner' and organization_id = any (array(select private.my_organizations('admin')))
    )
  );
create policy "Admins remove members, owners remove owners, anyone leaves"
  on public.organization_members
  for delete to authenticated
  using (
    user_id = (select auth.uid())
    or organization_id = any (array(select private.my_organizations('owner')))
    or (
      role <> 'owner' and organization_id = any (array(select private.my_organizations('admin')))
    )
  );
grant select on public.organization_members to authenticated;
grant update (role, permissions) on public.organization_members to authenticated;
grant delete on public.organization_members to authenticated;
grant select, insert, update, delete on public.organization_members to service_role;
create trigger update_organization_members_updated_at before update on public.organization_members
  for each row execute function public.update_updated_at_column();
