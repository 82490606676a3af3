-- Tenancy: people, organizations, who belongs to which with what role, and the
-- rule that decides what a member sees. Seeds 000 and 003.

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
  constraint subscription_tier_is_at_most_50_characters check (char_length(subscription_tier) <= 50),
  -- What clients write is bounded.
  constraint full_name_has_no_control_characters check (private.is_plain(full_name)),
  constraint avatar_url_is_an_https_address check (private.is_web_address(avatar_url, 'https')),
  constraint preferences_are_at_most_256_kib_and_64_levels check (private.is_document(preferences))
);
comment on table public.profiles is 'One row per person, made at sign-up. Seed 003 calls it users.';
comment on column public.profiles.id is 'The person''s id in auth.users.';
comment on column public.profiles.email is 'Copied from auth.users; null for sign-in without e-mail.';
comment on column public.profiles.is_sso_user is 'True where single sign-on made the account: its address may be that of another account, too. Copied from auth.users.';
comment on column public.profiles.full_name is 'Name to show.';
comment on column public.profiles.avatar_url is 'Picture to show.';
comment on column public.profiles.workos_id is 'The person''s id at WorkOS, where single sign-on is used.';
comment on column public.profiles.current_organization_id is 'The organization that new chats and records belong to; the personal one at first.';
comment on column public.profiles.last_login_at is 'Last sign-in, copied from auth.users.';
comment on column public.profiles.preferences is 'The person''s own settings; the API does not read them.';
comment on column public.profiles.status is 'active, suspended or deactivated. Only an active person may chat.';
comment on column public.profiles.subscription_tier is 'What the person pays for; written by billing.';
comment on column public.profiles.created_at is 'When the person signed up.';
comment on column public.profiles.updated_at is 'Last change.';
-- The rule of auth.users: the accounts of single sign-on may share an address.
create unique index profiles_email_key on public.profiles (email) where not is_sso_user;
create index profiles_sso_email_idx on public.profiles (email) where is_sso_user;

create table public.plans (
  id text primary key,
  name text not null,
  requests_per_minute integer not null,
  user_requests_per_minute integer not null,
  conversation_days integer,
  interaction_days integer,
  measurement_days integer,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint plan_id_is_lower_case_words check (id ~ '^[a-z][a-z0-9_]{0,49}$'),
  constraint plan_limits_are_positive check (requests_per_minute > 0 and user_requests_per_minute > 0),
  -- This month's budgets and the last month's bill are of rows that are there.
  constraint plan_keeps_interactions_for_two_months check (interaction_days >= 62),
  constraint plan_keeps_the_rest_for_a_day check (conversation_days >= 1 and measurement_days >= 1)
);
comment on table public.plans is 'What an organization can pay for, how fast it may then call and how long its data are kept. Readable by everyone.';
comment on column public.plans.id is 'Short name, such as starter.';
comment on column public.plans.name is 'Name to show.';
comment on column public.plans.requests_per_minute is 'Calls of all its members together, per minute.';
comment on column public.plans.user_requests_per_minute is 'Calls of one member, per minute.';
comment on column public.plans.conversation_days is 'Days after its last message for which a conversation is kept, and after its last change what an agent thought or executed; null: for ever.';
comment on column public.plans.interaction_days is 'Days for which rows of the ledger are kept; null: for ever. The figures stay.';
comment on column public.plans.measurement_days is 'Days for which measurements (api_usage, agent_metrics, agent_health_checks) are kept at least; null: for ever. They go by the month, after the longest time of the plans in use.';
comment on column public.plans.created_at is 'When it was added.';
comment on column public.plans.updated_at is 'Last change.';

alter table public.plans enable row level security;
create policy "Anyone reads plans" on public.plans for select to anon, authenticated using (true);
grant select on public.plans to anon, authenticated;
grant select, insert, update, delete on public.plans to service_role;
create trigger update_plans_updated_at before update on public.plans
  for each row execute function public.update_updated_at_column();

insert into public.plans (id, name, requests_per_minute, user_requests_per_minute, conversation_days, interaction_days, measurement_days) values
  ('starter', 'Starter', 120, 60, 365, 730, 90),
  ('pro', 'Pro', 600, 300, null, null, 90),
  ('enterprise', 'Enterprise', 6000, 1200, null, null, 400);

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
  constraint slug_is_lower_case_words_and_dashes check (slug ~ '^[a-z0-9]([a-z0-9-]{0,98}[a-z0-9])?$'),
  constraint settings_are_an_object check (jsonb_typeof(settings) = 'object'),
  constraint settings_can_be_used check (
    case coalesce(jsonb_typeof(settings -> 'temperature'), 'null')
      when 'null' then true when 'number' then (settings ->> 'temperature')::numeric between 0 and 2 else false
    end
    and case coalesce(jsonb_typeof(settings -> 'max_tokens'), 'null')
      when 'null' then true
      when 'number' then (settings ->> 'max_tokens')::numeric between 1 and 2147483647 and (settings ->> 'max_tokens')::numeric % 1 = 0
      else false
    end
    and coalesce(jsonb_typeof(settings -> 'default_agent'), 'null') in ('string', 'null')
    and coalesce(jsonb_typeof(settings -> 'default_model'), 'null') in ('string', 'null')
    and coalesce(jsonb_typeof(settings -> 'system_prompt'), 'null') in ('string', 'null')
  ),
  constraint metadata_is_an_object check (jsonb_typeof(metadata) = 'object'),
  constraint timezone_exists check (private.is_time_zone(timezone)),
  constraint personal_organization_cannot_be_deleted check (not (is_personal and deleted_at is not null)),
  -- What clients write is bounded.
  constraint organization_name_has_no_control_characters check (private.is_plain(name)),
  constraint settings_are_at_most_256_kib_and_64_levels check (private.is_document(settings)),
  constraint metadata_is_at_most_256_kib_and_64_levels check (private.is_document(metadata))
);
comment on table public.organizations is 'The tenant: what agents, chats, spend and members belong to. Seed 003 calls it teams.';
comment on column public.organizations.id is 'Primary key.';
comment on column public.organizations.name is 'Name to show.';
comment on column public.organizations.slug is 'Unique name for addresses: lower case, digits and dashes.';
comment on column public.organizations.plan is 'What the organization pays for; written by billing.';
comment on column public.organizations.settings is 'Defaults for its chats: default_agent, default_model, temperature, max_tokens, system_prompt.';
comment on column public.organizations.metadata is 'Anything the organization wants to keep here; the API does not read it.';
comment on column public.organizations.timezone is 'Time zone in which its days begin, for usage and budgets.';
comment on column public.organizations.is_personal is 'True for the organization that every person gets at sign-up.';
comment on column public.organizations.created_by is 'Who made it, and became its first owner.';
comment on column public.organizations.deleted_at is 'Set by delete_organization(): from then on no member sees it or anything in it. Purged after private.organization_grace().';
comment on column public.organizations.created_at is 'When it was made.';
comment on column public.organizations.updated_at is 'Last change.';

create index organizations_plan_idx on public.organizations (plan);
create index organizations_deleted_at_idx on public.organizations (deleted_at) where deleted_at is not null;
create index organizations_created_by_idx on public.organizations (created_by);
create unique index one_personal_organization_per_person on public.organizations (created_by) where is_personal;

alter table public.profiles
  add constraint profiles_current_organization_id_fkey
  foreign key (current_organization_id) references public.organizations (id) on delete set null;
create index profiles_current_organization_id_idx on public.profiles (current_organization_id);

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
  -- What clients write is bounded.
  constraint permissions_are_at_most_256_kib_and_64_levels check (private.is_document(permissions))
);
comment on table public.organization_members is 'Who belongs to an organization, and as what. A person joins by accepting an invitation; clients insert no row. Every organization has an owner at all times. Seed 003 calls it user_roles.';
comment on column public.organization_members.organization_id is 'The organization.';
comment on column public.organization_members.user_id is 'The member.';
comment on column public.organization_members.role is 'owner > admin > agent_manager > member > viewer: each may do what the next may.';
comment on column public.organization_members.permissions is 'Finer rights that a product adds; the API does not read them.';
comment on column public.organization_members.granted_by is 'Who gave the role.';
comment on column public.organization_members.granted_at is 'When the role was given.';
comment on column public.organization_members.last_active_at is 'When the member last accepted, chatted or recorded here; null for somebody whom the backend added and who never came.';
comment on column public.organization_members.created_at is 'When the member joined.';
comment on column public.organization_members.updated_at is 'Last change.';

create index organization_members_user_id_idx on public.organization_members (user_id, organization_id);
create index organization_members_granted_by_idx on public.organization_members (granted_by);

create function private.is_email(value text)
returns boolean
language plpgsql
immutable strict parallel safe
set search_path = ''
as $$
begin
  return char_length(value) <= 255 and private.is_plain(value) and value ~ '^[^@\s]+@[^@\s]+$';
end
$$;
comment on function private.is_email(text) is 'True for something that can be an e-mail address: one @, no space, at most 255 characters.';
grant execute on function private.is_email(text) to authenticated, service_role;

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
comment on function private.is_invited_role(text) is 'True for the roles that an invitation can give. An owner is made by an owner.';
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
comment on table public.organization_invitations is 'Invitations by e-mail. The token is shown once, by invite_member(), and kept as a hash.';
comment on column public.organization_invitations.id is 'Primary key.';
comment on column public.organization_invitations.organization_id is 'The organization to join.';
comment on column public.organization_invitations.email is 'Who may accept: a person who signed up with this address. Capital letters of ASCII make no difference; others are letters of their own.';
comment on column public.organization_invitations.role is 'The role to be given. An owner is made by an owner, never by an invitation.';
comment on column public.organization_invitations.token_hash is 'SHA-256 of the token. Not readable by clients.';
comment on column public.organization_invitations.invited_by is 'Who invited. The invitation is void as soon as that person may no longer give its role: removed, demoted or deleted.';
comment on column public.organization_invitations.expires_at is 'Not accepted after this time.';
comment on column public.organization_invitations.accepted_at is 'When it was accepted; an invitation is accepted once.';
comment on column public.organization_invitations.accepted_by is 'Who accepted it.';
comment on column public.organization_invitations.created_at is 'When it was sent.';

create unique index one_open_invitation_per_address on public.organization_invitations (organization_id, (lower(email collate "C"))) where accepted_at is null;
create index organization_invitations_invited_by_idx on public.organization_invitations (invited_by);
create index organization_invitations_accepted_by_idx on public.organization_invitations (accepted_by);
create index organization_invitations_organization_id_idx on public.organization_invitations (organization_id);

-- Who sees what --------------------------------------------------------------

create function private.role_rank(role text)
returns integer
language plpgsql
immutable
set search_path = ''
as $$
begin
  return array_position(array['viewer', 'member', 'agent_manager', 'admin', 'owner'], role);
end
$$;
comment on function private.role_rank(text) is '1 for viewer up to 5 for owner; null for an unknown role, which no comparison passes.';
grant execute on function private.role_rank(text) to authenticated, service_role;

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
  where members.user_id = (select auth.uid())
    -- Who comes with an access key is in the key's organization only.
    and members.organization_id = coalesce(((select auth.jwt()) -> 'access_key' ->> 'organization_id')::uuid, members.organization_id)
    and organizations.deleted_at is null
    and private.role_rank(members.role) >= private.role_rank(my_organizations.minimum_role);
end
$$;
comment on function private.my_organizations(text) is
  'Ids of the organizations in which the caller has at least the given role. The one rule behind every policy on organization rows: it reads the membership and not the token, so leaving or deleting an organization ends access at once.';
grant execute on function private.my_organizations(text) to authenticated, service_role;

create function private.my_organization()
returns uuid
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  if (select auth.jwt()) ? 'access_key' then
    return (select mine.id from private.my_organizations('member') mine (id));
  end if;
  return coalesce(
    (
      select profiles.current_organization_id
      from public.profiles
      where profiles.id = (select auth.uid())
        and profiles.current_organization_id = any (array(select private.my_organizations('member')))
    ),
    (
      select organizations.id
      from public.organizations
      where organizations.created_by = (select auth.uid()) and organizations.is_personal
    )
  );
end
$$;
comment on function private.my_organization() is 'The organization that the caller''s new chats and records belong to: that of the access key, or the current one while the caller may chat there, else the personal one.';
grant execute on function private.my_organization() to authenticated, service_role;

-- Profiles: a person reads and edits the own row.
alter table public.profiles enable row level security;
create policy "People read their own profile" on public.profiles
  for select to authenticated
  using (id = (select auth.uid()));
create policy "People edit their own profile" on public.profiles
  for update to authenticated
  using (id = (select auth.uid()))
  with check (
    id = (select auth.uid())
    and (current_organization_id is null or current_organization_id = any (array(select private.my_organizations('viewer'))))
  );
grant select on public.profiles to authenticated;
grant update (full_name, avatar_url, current_organization_id, preferences) on public.profiles to authenticated;
-- A person goes by deleting the row in auth.users, which takes the rest along.
grant select, insert, update on public.profiles to service_role;
create trigger update_profiles_updated_at before update on public.profiles
  for each row execute function public.update_updated_at_column();

-- Organizations: members read, the owner edits, anyone signed in makes one.
alter table public.organizations enable row level security;
create policy "Members read their organizations" on public.organizations
  for select to authenticated
  using (
    id = any (array(select private.my_organizations('viewer')))
    -- The statement that makes an organization may return it, although its
    -- membership row comes only after: now() is the time of that transaction.
    or (created_by = (select auth.uid()) and created_at = now())
  );
create policy "People make organizations" on public.organizations
  for insert to authenticated
  with check (created_by = (select auth.uid()) and not is_personal);
create policy "Owners edit their organization" on public.organizations
  for update to authenticated
  using (id = any (array(select private.my_organizations('owner'))))
  with check (id = any (array(select private.my_organizations('owner'))));
grant select on public.organizations to authenticated;
grant insert (name, slug, settings, metadata, timezone, created_by) on public.organizations to authenticated;
grant update (name, slug, settings, metadata, timezone) on public.organizations to authenticated;
grant select, insert, update, delete on public.organizations to service_role;
create trigger update_organizations_updated_at before update on public.organizations
  for each row execute function public.update_updated_at_column();

-- Members: everyone in it reads, admins manage all but owners, anyone may leave.
-- Nobody is added by others: a person joins with accept_invitation(), or the
-- backend adds one.
alter table public.organization_members enable row level security;
create policy "Members read who else is a member" on public.organization_members
  for select to authenticated
  using (organization_id = any (array(select private.my_organizations('viewer'))));
create policy "Admins change members, owners change owners" on public.organization_members
  for update to authenticated
  using (
    organization_id = any (array(select private.my_organizations('owner')))
    or (role <> 'owner' and organization_id = any (array(select private.my_organizations('admin'))))
  )
  with check (
    organization_id = any (array(select private.my_organizations('owner')))
    or (role <> 'owner' and organization_id = any (array(select private.my_organizations('admin'))))
  );
create policy "Admins remove members, owners remove owners, anyone leaves" on public.organization_members
  for delete to authenticated
  using (
    user_id = (select auth.uid())
    or organization_id = any (array(select private.my_organizations('owner')))
    or (role <> 'owner' and organization_id = any (array(select private.my_organizations('admin'))))
  );
grant select on public.organization_members to authenticated;
grant update (role, permissions) on public.organization_members to authenticated;
grant delete on public.organization_members to authenticated;
grant select, insert, update, delete on public.organization_members to service_role;
create trigger update_organization_members_updated_at before update on public.organization_members
  for each row execute function public.update_updated_at_column();

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
comment on function private.record_grant() is 'Trigger: a changed role says who gave it and when.';
create trigger record_grant before update of role on public.organization_members
  for each row when (old.role <> new.role) execute function private.record_grant();

-- Invitations: admins see and withdraw them; invite_member() makes them.
alter table public.organization_invitations enable row level security;
create policy "Admins read invitations" on public.organization_invitations
  for select to authenticated
  using (organization_id = any (array(select private.my_organizations('admin'))));
create policy "Admins withdraw invitations" on public.organization_invitations
  for delete to authenticated
  using (organization_id = any (array(select private.my_organizations('admin'))));
grant select (id, organization_id, email, role, invited_by, expires_at, accepted_at, accepted_by, created_at)
  on public.organization_invitations to authenticated;
grant delete on public.organization_invitations to authenticated;
grant select, insert, update, delete on public.organization_invitations to service_role;

-- Sign-up --------------------------------------------------------------------

create function private.profile_email(account auth.users)
returns text
language sql
stable
set search_path = ''
as $$
  select account.email::text
  where char_length(account.email) between 1 and 255
    and (account.is_sso_user or not exists (
      select from public.profiles
      where profiles.email = account.email and profiles.id <> account.id and not profiles.is_sso_user
    ))
$$;
comment on function private.profile_email(auth.users) is 'The address that the profile of an account shows; null where it has none, or another profile holds it, which auth.users allows only while triggers are off.';

create function private.metadata_text(account auth.users, key text)
returns text
language sql
immutable
set search_path = ''
as $$
  -- Anybody can sign up with any metadata: what is no text counts as missing.
  select nullif(btrim(account.raw_user_meta_data ->> metadata_text.key), '')
  where jsonb_typeof(account.raw_user_meta_data -> metadata_text.key) = 'string'
$$;
comment on function private.metadata_text(auth.users, text) is 'A text from the metadata of an account; null where there is none.';

create function private.open_account(account auth.users)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  full_name text := private.plain_label(private.metadata_text(account, 'full_name'));
  avatar_url text := private.metadata_text(account, 'avatar_url');
  display_name text := coalesce(full_name, private.plain_label(split_part(account.email, '@', 1)), 'Someone');
  own_slug text := 'personal-' || account.id;
begin
  insert into public.profiles (id, email, is_sso_user, full_name, avatar_url, last_login_at)
  values (
    account.id, private.profile_email(account), coalesce(account.is_sso_user, false), full_name,
    -- Half an address leads nowhere, and a script or a file is no picture.
    case when private.is_web_address(avatar_url, 'https') then avatar_url end, account.last_sign_in_at
  )
  on conflict (id) do nothing;
  if exists (
    select from public.organizations where organizations.slug = own_slug and not organizations.is_personal
  ) then
    own_slug = 'personal-' || gen_random_uuid();
  end if;
  insert into public.organizations (name, slug, is_personal, created_by)
  values (left(display_name, 240) || '''s space', own_slug, true, account.id)
  on conflict do nothing;
  -- One that lost its person with the profile is that person's again.
  update public.organizations
  set created_by = account.id
  where organizations.slug = own_slug and organizations.created_by is null;
  insert into public.organization_members (organization_id, user_id, role, granted_by, last_active_at)
  select organizations.id, account.id, 'owner', account.id, now()
  from public.organizations
  where organizations.created_by = account.id and organizations.is_personal
  on conflict do nothing;
  update public.profiles
  set current_organization_id = organizations.id
  from public.organizations
  where profiles.id = account.id
    and profiles.current_organization_id is null
    and organizations.created_by = account.id
    and organizations.is_personal;
end
$$;
comment on function private.open_account(auth.users) is 'Gives an account the profile and the personal organization that it lacks.';

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
comment on function private.handle_new_user() is 'Trigger on auth.users: a new person gets a profile and a personal organization.';

create function private.handle_user_change()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  -- An account that was loaded while triggers were off has its first sign-in here.
  perform private.open_account(new);
  update public.profiles
  set email = private.profile_email(new), is_sso_user = coalesce(new.is_sso_user, false),
      last_login_at = new.last_sign_in_at
  where profiles.id = new.id;
  return new;
end
$$;
comment on function private.handle_user_change() is 'Trigger on auth.users: keeps the profile''s address and last sign-in in step, and makes the profile where it is missing.';

create function private.delete_personal_organization()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  delete from public.organizations where organizations.created_by = old.id and organizations.is_personal;
  return old;
end
$$;
comment on function private.delete_personal_organization() is 'Trigger on auth.users: a person''s personal organization goes with the person, with all that is in it.';

-- Every organization has an owner --------------------------------------------

create function private.add_first_owner()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if new.created_by is not null then
    insert into public.organization_members (organization_id, user_id, role, granted_by, last_active_at)
    values (new.id, new.created_by, 'owner', new.created_by, now());
  end if;
  return new;
end
$$;
comment on function private.add_first_owner() is 'Trigger: who makes an organization becomes its owner.';
create trigger add_first_owner after insert on public.organizations
  for each row execute function private.add_first_owner();

create function private.limit_organizations()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  -- Requests of one person wait for each other here, so that none counts too few.
  perform from public.profiles where profiles.id = new.created_by for no key update;
  if (
    select count(*) > 50 from public.organizations
    where organizations.created_by = new.created_by and not organizations.is_personal
  ) then
    perform private.refuse(
      409, 'too_many_organizations', 'You have made 50 organizations, those that you deleted lately included.',
      'Delete those that you no longer use, or ask the operator to make one.'
    );
  end if;
  return null;
end
$$;
comment on function private.limit_organizations() is 'Trigger: a person makes at most 50 organizations; each is a calendar of its own for the jobs. Errors: PT409 too_many_organizations.';
create trigger limit_organizations after insert on public.organizations
  for each row when (current_user in ('anon', 'authenticated'))
  execute function private.limit_organizations();

create function private.require_owner(organization_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  -- The lock makes two owners who leave at once wait for each other: the second
  -- one then sees that the first has gone. An organization that is gone, or
  -- deleted and waiting to be, needs none.
  perform from public.organizations
  where organizations.id = require_owner.organization_id and organizations.deleted_at is null
  for no key update;
  if found and not exists (
    select from public.organization_members members
    join public.organizations on organizations.id = members.organization_id
    where members.organization_id = require_owner.organization_id and members.role = 'owner'
      -- A personal one pays for its person wherever no other does: it stays that person's.
      and (not organizations.is_personal or members.user_id = organizations.created_by)
  ) then
    perform private.refuse(
      409, 'last_owner', 'An organization must keep at least one owner, a personal one its person.',
      'Make another member an owner first, or delete the organization.'
    );
  end if;
end
$$;
comment on function private.require_owner(uuid) is 'Refuses to go on when an organization has no owner, or a personal one is not its person''s. Errors: PT409 last_owner.';

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
comment on function private.require_first_owner() is 'Deferred trigger: refuses a transaction that would make an organization without an owner.';
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
comment on function private.require_remaining_owner() is 'Deferred trigger: refuses a transaction that would take an organization''s last owner away.';
create constraint trigger organization_keeps_owner after delete or update of role, organization_id on public.organization_members
  deferrable initially deferred
  for each row when (old.role = 'owner') execute function private.require_remaining_owner();

-- Accounts that go -------------------------------------------------------------

create function private.release_organizations()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  kept text;
begin
  -- Those that are the account's alone to own.
  with owned as (
    select organizations.id, organizations.name, exists (
      select from public.organization_members others
      where others.organization_id = organizations.id and others.user_id <> old.id
    ) as is_shared
    from public.organizations
    join public.organization_members members
      on members.organization_id = organizations.id and members.user_id = old.id and members.role = 'owner'
    where not organizations.is_personal
      and organizations.deleted_at is null
      and not exists (
        select from public.organization_members others
        where others.organization_id = organizations.id and others.role = 'owner' and others.user_id <> old.id
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
      409, 'last_owner', format('This account is the only owner of %s, which others are members of.', kept),
      'Make another member an owner first, or delete the organization.'
    );
  end if;
  return old;
end
$$;
comment on function private.release_organizations() is
  'Trigger on auth.users: an organization in which a person is alone is deleted with the account; '
  'one that others are members of keeps its last owner. Errors: PT409 last_owner.';

create function private.delete_account()
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  delete from auth.users where users.id = (select auth.uid());
  if not found then
    perform private.refuse(404, 'user_not_found', 'This account no longer exists.');
  end if;
  -- What is checked at the end of the transaction is to fail here, with its words.
  set constraints all immediate;
end
$$;
comment on function private.delete_account() is 'Body of the public function of the same name, with the owner''s rights.';
grant execute on function private.delete_account() to authenticated;

create function public.delete_account()
returns void
language sql
set search_path = ''
as $$
  select private.delete_account()
$$;
comment on function public.delete_account() is
  'Deletes the caller''s account, at once and with everything that is the person''s alone: profile, '
  'personal organization, own agents, conversations, keys. What an organization''s ledger counts '
  'stays, without the person and the person''s words. Errors: PT404 user_not_found, PT409 '
  'last_owner where others are members of an organization that has no other owner.';
grant execute on function public.delete_account() to authenticated;

-- Organizations: what clients call ---------------------------------------------

create function private.organization_grace()
returns interval
language sql
immutable
set search_path = ''
as $$
  select interval '30 days'
$$;
comment on function private.organization_grace() is 'Time between the deletion of an organization and its purge, in which an owner can restore it.';
grant execute on function private.organization_grace() to authenticated, service_role;

create function private.leave_organization(organization_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  delete from public.organization_members members
  where members.organization_id = leave_organization.organization_id and members.user_id = (select auth.uid());
  if not found then
    perform private.refuse(404, 'organization_not_found', 'You are a member of no such organization.');
  end if;
  perform private.require_owner(leave_organization.organization_id);
end
$$;
comment on function private.leave_organization(uuid) is 'Body of the public function of the same name, with the owner''s rights.';
grant execute on function private.leave_organization(uuid) to authenticated;

create function public.leave_organization(organization_id uuid)
returns void
language sql
set search_path = ''
as $$
  select private.leave_organization(leave_organization.organization_id)
$$;
comment on function public.leave_organization(uuid) is
  'Ends the caller''s membership of an organization, also of one that is deleted and not purged yet. '
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
    organizations.deleted_at + private.organization_grace()
  from public.organization_members members
  join public.organizations on organizations.id = members.organization_id
  where members.user_id = (select auth.uid())
    and organizations.deleted_at is not null
$$;
comment on function private.my_deleted_organizations() is 'The organizations of the caller that are deleted and not purged yet.';
grant execute on function private.my_deleted_organizations() to authenticated;

create view public.deleted_organizations with (security_invoker = true) as
select * from private.my_deleted_organizations();
comment on view public.deleted_organizations is 'Organizations of the caller that are deleted: an owner can restore them with restore_organization(), anyone can leave them with leave_organization(), until they are purged.';
comment on column public.deleted_organizations.id is 'The organization.';
comment on column public.deleted_organizations.name is 'Its name.';
comment on column public.deleted_organizations.role is 'The caller''s role in it.';
comment on column public.deleted_organizations.deleted_at is 'When it was deleted.';
comment on column public.deleted_organizations.purged_after is 'Until when it can be restored; after that it is purged.';
grant select on public.deleted_organizations to authenticated;

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
      404, 'organization_not_found', 'You own no such organization that can be deleted.',
      'Only an owner deletes an organization; a personal one goes with its person.'
    );
  end if;
end
$$;
comment on function private.delete_organization(uuid) is 'Body of the public function of the same name, with the owner''s rights.';
grant execute on function private.delete_organization(uuid) to authenticated;

create function public.delete_organization(organization_id uuid)
returns void
language sql
set search_path = ''
as $$
  select private.delete_organization(delete_organization.organization_id)
$$;
comment on function public.delete_organization(uuid) is
  'Hides an organization and everything in it from its members, at once. Owners only; restore_organization() brings it back within 30 days, after which it is purged with everything in it. Errors: PT404 organization_not_found.';
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
  where organizations.id = restore_organization.organization_id
    -- Later it may be purged in part.
    and organizations.deleted_at > now() - private.organization_grace()
    and members.organization_id = organizations.id
    and members.user_id = (select auth.uid())
    and members.role = 'owner';
  if not found then
    perform private.refuse(404, 'organization_not_found', 'You own no such organization that was deleted within the last 30 days.');
  end if;
end
$$;
comment on function private.restore_organization(uuid) is 'Body of the public function of the same name, with the owner''s rights.';
grant execute on function private.restore_organization(uuid) to authenticated;

create function public.restore_organization(organization_id uuid)
returns void
language sql
set search_path = ''
as $$
  select private.restore_organization(restore_organization.organization_id)
$$;
comment on function public.restore_organization(uuid) is
  'Brings back an organization that delete_organization() hid, within 30 days. Owners only. Errors: PT404 organization_not_found.';
grant execute on function public.restore_organization(uuid) to authenticated;

create function private.invite_member(organization_id uuid, email text, role text)
returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
  token text := private.new_token('inv_');
begin
  if not exists (
    select from private.my_organizations('admin') mine (id) where mine.id = invite_member.organization_id
  ) then
    perform private.refuse(404, 'organization_not_found', 'You manage the members of no such organization.');
  end if;
  if private.is_invited_role(invite_member.role) is not true then
    perform private.refuse(
      400, 'invalid_role', 'An invitation cannot give this role.', 'Use admin, agent_manager, member or viewer.'
    );
  end if;
  if private.is_email(invite_member.email) is not true then
    perform private.refuse(
      400, 'invalid_email', 'This is not an e-mail address.', 'Use an address of at most 255 characters such as "carol@example.com".'
    );
  end if;
  if exists (
    select from public.organization_members members
    join public.profiles on profiles.id = members.user_id
    where members.organization_id = invite_member.organization_id
      and lower(profiles.email collate "C") = lower(invite_member.email collate "C")
  ) then
    perform private.refuse(409, 'already_member', format('"%s" is already a member.', invite_member.email));
  end if;

  -- A new invitation replaces an open one to the same address.
  delete from public.organization_invitations invitations
  where invitations.organization_id = invite_member.organization_id
    and lower(invitations.email collate "C") = lower(invite_member.email collate "C")
    and invitations.accepted_at is null;
  insert into public.organization_invitations (organization_id, email, role, token_hash, invited_by)
  values (
    invite_member.organization_id, invite_member.email, invite_member.role,
    private.token_hash(token), (select auth.uid())
  );
  return token;
exception when unique_violation then
  perform private.refuse(
    409, 'invitation_in_progress', 'This address is being invited by another call.',
    'Call again to replace that invitation.'
  );
  return null;
end
$$;
comment on function private.invite_member(uuid, text, text) is 'Body of the public function of the same name, with the owner''s rights.';
grant execute on function private.invite_member(uuid, text, text) to authenticated;

create function public.invite_member(organization_id uuid, email text, role text)
returns text
language sql
set search_path = ''
as $$
  select private.invite_member(invite_member.organization_id, invite_member.email, invite_member.role)
$$;
comment on function public.invite_member(uuid, text, text) is
  'Invites an address to an organization (admins and owners) and returns the token, this once. It is good for seven days and one use. Errors: PT400 invalid_role or invalid_email, PT404 organization_not_found, PT409 already_member or invitation_in_progress.';
grant execute on function public.invite_member(uuid, text, text) to authenticated;

create function private.may_grant(organization_id uuid, user_id uuid, role text)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  return exists (
    select from public.organization_members members
    where members.organization_id = may_grant.organization_id
      and members.user_id = may_grant.user_id
      and private.role_rank(members.role) >= private.role_rank('admin')
      and (members.role = 'owner' or may_grant.role <> 'owner')
  );
end
$$;
comment on function private.may_grant(uuid, uuid, text) is 'Whether a person may give a role in an organization now: admins all but owner, owners all.';

create function private.void_invitations()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  delete from public.organization_invitations invitations
  where invitations.organization_id = old.organization_id
    -- Nobody's, too: an account that goes takes its name off them first.
    and coalesce(invitations.invited_by, old.user_id) = old.user_id
    and invitations.accepted_at is null
    and not private.may_grant(old.organization_id, invitations.invited_by, invitations.role);
  return null;
end
$$;
comment on function private.void_invitations() is 'Trigger: the open invitations of who may no longer give their roles are deleted, and do not come back with the person.';
create trigger void_invitations after delete or update of role on public.organization_members
  for each row execute function private.void_invitations();

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
  join public.organizations on organizations.id = invitations.organization_id and organizations.deleted_at is null
  join public.profiles
    on profiles.id = (select auth.uid())
    and lower(profiles.email collate "C") = lower(invitations.email collate "C")
  where invitations.token_hash = private.token_hash(accept_invitation.token)
    and private.may_grant(invitations.organization_id, invitations.invited_by, invitations.role)
  for update of invitations;

  if invitation.id is null then
    perform private.refuse(
      404, 'invitation_not_found', 'There is no such invitation for you.',
      'Sign in with the e-mail address that was invited, or ask for a new invitation.'
    );
  end if;
  if invitation.accepted_at is not null then
    perform private.refuse(410, 'invitation_used', 'This invitation was accepted before.');
  end if;
  if invitation.expires_at <= now() then
    perform private.refuse(410, 'invitation_expired', 'This invitation has expired.', 'Ask for a new one.');
  end if;

  insert into public.organization_members (organization_id, user_id, role, granted_by, last_active_at)
  values (invitation.organization_id, (select auth.uid()), invitation.role, invitation.invited_by, now())
  on conflict do nothing;
  update public.organization_invitations
  set accepted_at = now(), accepted_by = (select auth.uid())
  where organization_invitations.id = invitation.id;
  return invitation.organization_id;
end
$$;
comment on function private.accept_invitation(text) is 'Body of the public function of the same name, with the owner''s rights.';
grant execute on function private.accept_invitation(text) to authenticated;

create function public.accept_invitation(token text)
returns uuid
language sql
set search_path = ''
as $$
  select private.accept_invitation(accept_invitation.token)
$$;
comment on function public.accept_invitation(text) is
  'Makes the caller a member and returns the organization''s id. Once per invitation, only for the invited address, and while who invited may give the role. Errors: PT404 invitation_not_found, PT410 invitation_used or invitation_expired.';
grant execute on function public.accept_invitation(text) to authenticated;

-- Names beside ids, for member lists. A profile itself stays private.
create function private.people_of_my_organizations()
returns table (
  organization_id uuid, user_id uuid, role text, email text, full_name text, avatar_url text, last_active_at timestamptz
)
language sql
stable
security definer
set search_path = ''
as $$
  select
    members.organization_id,
    members.user_id,
    members.role,
    -- The backend may add a person without asking. Who never came shows nothing.
    case when members.last_active_at is not null then profiles.email end,
    case when members.last_active_at is not null then profiles.full_name end,
    case when members.last_active_at is not null then profiles.avatar_url end,
    members.last_active_at
  from public.organization_members members
  join public.profiles on profiles.id = members.user_id
  where members.organization_id = any (array(select private.my_organizations('viewer')))
$$;
comment on function private.people_of_my_organizations() is 'Members of the caller''s organizations with what they show of themselves.';
grant execute on function private.people_of_my_organizations() to authenticated, service_role;

create view public.organization_people with (security_invoker = true) as
select * from private.people_of_my_organizations();
comment on view public.organization_people is 'Members of the caller''s organizations with name, e-mail and picture, for member lists.';
comment on column public.organization_people.organization_id is 'The organization.';
comment on column public.organization_people.user_id is 'The member.';
comment on column public.organization_people.role is 'The member''s role.';
comment on column public.organization_people.email is 'The member''s e-mail; null until the member came, as are name and picture.';
comment on column public.organization_people.full_name is 'The member''s name.';
comment on column public.organization_people.avatar_url is 'The member''s picture.';
comment on column public.organization_people.last_active_at is 'When the member last accepted, chatted or recorded here.';
grant select on public.organization_people to authenticated;
