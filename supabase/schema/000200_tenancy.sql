-- The current state of what 000200_tenancy.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table public.organization_members (
  organization_id uuid not null,
  user_id uuid not null,
  role text default 'member'::text not null,
  permissions jsonb default '{}'::jsonb not null,
  granted_by uuid default auth.uid(),
  granted_at timestamp with time zone default now() not null,
  last_active_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint organization_members_pkey PRIMARY KEY (organization_id, user_id),
  constraint organization_members_granted_by_fkey FOREIGN KEY (granted_by) REFERENCES public.profiles(id) ON DELETE SET NULL,
  constraint organization_members_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE,
  constraint organization_members_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE CASCADE,
  constraint permissions_are_an_object CHECK ((jsonb_typeof(permissions) = 'object'::text)),
  constraint permissions_are_at_most_256_kib_and_64_levels CHECK (private.is_document(permissions)),
  constraint role_is_known CHECK ((role = ANY (ARRAY['owner'::text, 'admin'::text, 'agent_manager'::text, 'member'::text, 'viewer'::text])))
);
alter table public.organization_members enable row level security;
create policy "Admins change members, owners change owners" on public.organization_members
  as permissive for update to authenticated
  using (((organization_id = ANY (ARRAY( SELECT private.my_organizations('owner'::text) AS my_organizations))) OR ((role <> 'owner'::text) AND (organization_id = ANY (ARRAY( SELECT private.my_organizations('admin'::text) AS my_organizations))))))
  with check (((organization_id = ANY (ARRAY( SELECT private.my_organizations('owner'::text) AS my_organizations))) OR ((role <> 'owner'::text) AND (organization_id = ANY (ARRAY( SELECT private.my_organizations('admin'::text) AS my_organizations))))));
create policy "Admins remove members, owners remove owners, anyone leaves" on public.organization_members
  as permissive for delete to authenticated
  using (((user_id = ( SELECT auth.uid() AS uid)) OR (organization_id = ANY (ARRAY( SELECT private.my_organizations('owner'::text) AS my_organizations))) OR ((role <> 'owner'::text) AND (organization_id = ANY (ARRAY( SELECT private.my_organizations('admin'::text) AS my_organizations))))));
create policy "Members read who else is a member" on public.organization_members
  as permissive for select to authenticated
  using ((organization_id = ANY (ARRAY( SELECT private.my_organizations('viewer'::text) AS my_organizations))));
grant delete, insert, select, update on public.organization_members to service_role;
grant delete, select, update (role, permissions) on public.organization_members to authenticated;
CREATE INDEX organization_members_granted_by_idx ON public.organization_members USING btree (granted_by);
CREATE INDEX organization_members_user_id_idx ON public.organization_members USING btree (user_id, organization_id);
CREATE CONSTRAINT TRIGGER organization_keeps_owner AFTER DELETE OR UPDATE OF role, organization_id ON public.organization_members DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((old.role = 'owner'::text)) EXECUTE FUNCTION private.require_remaining_owner();
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE OF role, permissions, granted_at, created_at, updated_at ON public.organization_members FOR EACH ROW WHEN ((num_nulls(new.role, NULLIF(new.permissions, 'null'::jsonb), new.granted_at, new.created_at, new.updated_at) > 0)) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER record_audit_change AFTER UPDATE OF user_id, role, permissions ON public.organization_members FOR EACH ROW WHEN (((((old.user_id IS DISTINCT FROM new.user_id) OR (old.role IS DISTINCT FROM new.role)) OR (old.permissions IS DISTINCT FROM new.permissions)) AND (current_setting('agentbase.audit_event'::text, true) IS DISTINCT FROM 'rotated'::text))) EXECUTE FUNCTION private.record_audit_event('organization_id', 'user_id');
CREATE TRIGGER record_audit_event AFTER INSERT OR DELETE ON public.organization_members FOR EACH ROW EXECUTE FUNCTION private.record_audit_event('organization_id', 'user_id');
CREATE TRIGGER record_grant BEFORE UPDATE OF role ON public.organization_members FOR EACH ROW WHEN ((old.role <> new.role)) EXECUTE FUNCTION private.record_grant();
CREATE TRIGGER revoke_keys_of_leaver AFTER DELETE ON public.organization_members FOR EACH ROW EXECUTE FUNCTION private.revoke_keys_of_leaver();
CREATE TRIGGER unshare_keys_of_leaver AFTER DELETE ON public.organization_members FOR EACH ROW EXECUTE FUNCTION private.unshare_keys_of_leaver();
CREATE TRIGGER update_organization_members_updated_at BEFORE UPDATE ON public.organization_members FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();
CREATE TRIGGER void_invitations AFTER DELETE OR UPDATE OF role ON public.organization_members FOR EACH ROW EXECUTE FUNCTION private.void_invitations();

create table public.organizations (
  id uuid default gen_random_uuid() not null,
  name text not null,
  slug text not null,
  plan text default 'starter'::text not null,
  settings jsonb default '{}'::jsonb not null,
  metadata jsonb default '{}'::jsonb not null,
  timezone text default 'UTC'::text not null,
  is_personal boolean default false not null,
  created_by uuid default auth.uid(),
  deleted_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint organizations_pkey PRIMARY KEY (id),
  constraint organizations_slug_key UNIQUE (slug),
  constraint organizations_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.profiles(id) ON DELETE SET NULL,
  constraint organizations_plan_fkey FOREIGN KEY (plan) REFERENCES public.plans(id) ON UPDATE CASCADE,
  constraint metadata_is_an_object CHECK ((jsonb_typeof(metadata) = 'object'::text)),
  constraint metadata_is_at_most_256_kib_and_64_levels CHECK (private.is_document(metadata)),
  constraint organization_name_has_no_control_characters CHECK (private.is_plain(name)),
  constraint organization_name_is_1_to_255_characters CHECK (((char_length(name) >= 1) AND (char_length(name) <= 255))),
  constraint personal_organization_cannot_be_deleted CHECK ((NOT (is_personal AND (deleted_at IS NOT NULL)))),
  constraint settings_are_an_object CHECK ((jsonb_typeof(settings) = 'object'::text)),
  constraint settings_are_at_most_256_kib_and_64_levels CHECK (private.is_document(settings)),
  constraint settings_can_be_used CHECK ((
CASE COALESCE(jsonb_typeof((settings -> 'temperature'::text)), 'null'::text)
    WHEN 'null'::text THEN true
    WHEN 'number'::text THEN ((((settings ->> 'temperature'::text))::numeric >= (0)::numeric) AND (((settings ->> 'temperature'::text))::numeric <= (2)::numeric))
    ELSE false
END AND
CASE COALESCE(jsonb_typeof((settings -> 'max_tokens'::text)), 'null'::text)
    WHEN 'null'::text THEN true
    WHEN 'number'::text THEN (((((settings ->> 'max_tokens'::text))::numeric >= (1)::numeric) AND (((settings ->> 'max_tokens'::text))::numeric <= (2147483647)::numeric)) AND ((((settings ->> 'max_tokens'::text))::numeric % (1)::numeric) = (0)::numeric))
    ELSE false
END AND (COALESCE(jsonb_typeof((settings -> 'default_agent'::text)), 'null'::text) = ANY (ARRAY['string'::text, 'null'::text])) AND (COALESCE(jsonb_typeof((settings -> 'default_model'::text)), 'null'::text) = ANY (ARRAY['string'::text, 'null'::text])) AND (COALESCE(jsonb_typeof((settings -> 'system_prompt'::text)), 'null'::text) = ANY (ARRAY['string'::text, 'null'::text])) AND (COALESCE(jsonb_typeof((settings -> 'broadcast_turns'::text)), 'null'::text) = ANY (ARRAY['boolean'::text, 'null'::text])))),
  constraint slug_is_lower_case_words_and_dashes CHECK ((slug ~ '^[a-z0-9]([a-z0-9-]{0,98}[a-z0-9])?$'::text)),
  constraint timezone_exists CHECK (private.is_time_zone(timezone))
);
alter table public.organizations enable row level security;
create policy "Members read their organizations" on public.organizations
  as permissive for select to authenticated
  using (((id = ANY (ARRAY( SELECT private.my_organizations('viewer'::text) AS my_organizations))) OR ((created_by = ( SELECT auth.uid() AS uid)) AND (created_at = now()))));
create policy "No organization takes the id of a deleted one" on public.organizations
  as restrictive for insert to authenticated
  with check ((NOT private.is_deleted_id(id)));
create policy "Owners edit their organization" on public.organizations
  as permissive for update to authenticated
  using ((id = ANY (ARRAY( SELECT private.my_organizations('owner'::text) AS my_organizations))))
  with check ((id = ANY (ARRAY( SELECT private.my_organizations('owner'::text) AS my_organizations))));
create policy "People create organizations" on public.organizations
  as permissive for insert to authenticated
  with check (((created_by = ( SELECT auth.uid() AS uid)) AND (NOT is_personal) AND ( SELECT private.my_account_is_active() AS my_account_is_active)));
grant delete, insert, select, update on public.organizations to service_role;
grant insert (id, name, slug, settings, metadata, timezone, created_by), select, update (id, name, slug, settings, metadata, timezone, created_by) on public.organizations to authenticated;
CREATE INDEX organizations_created_by_idx ON public.organizations USING btree (created_by);
CREATE INDEX organizations_deleted_at_idx ON public.organizations USING btree (deleted_at) WHERE (deleted_at IS NOT NULL);
CREATE INDEX organizations_plan_idx ON public.organizations USING btree (plan);
CREATE UNIQUE INDEX one_personal_organization_per_person ON public.organizations USING btree (created_by) WHERE is_personal;
CREATE CONSTRAINT TRIGGER organization_has_owner AFTER INSERT ON public.organizations DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION private.require_first_owner();
CREATE TRIGGER add_first_owner AFTER INSERT ON public.organizations FOR EACH ROW EXECUTE FUNCTION private.add_first_owner();
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE OF id, plan, settings, metadata, timezone, is_personal, created_at, updated_at ON public.organizations FOR EACH ROW WHEN ((num_nulls(new.id, new.plan, NULLIF(new.settings, 'null'::jsonb), NULLIF(new.metadata, 'null'::jsonb), new.timezone, new.is_personal, new.created_at, new.updated_at) > 0)) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER follow_timezone AFTER UPDATE OF timezone ON public.organizations FOR EACH ROW WHEN ((old.timezone IS DISTINCT FROM new.timezone)) EXECUTE FUNCTION private.follow_timezone();
CREATE TRIGGER limit_organizations AFTER INSERT ON public.organizations FOR EACH ROW WHEN ((CURRENT_USER = ANY (ARRAY['anon'::name, 'authenticated'::name]))) EXECUTE FUNCTION private.limit_organizations();
CREATE TRIGGER maintain_usage_calendar AFTER INSERT ON public.organizations FOR EACH ROW EXECUTE FUNCTION private.maintain_usage_calendar();
CREATE TRIGGER move_budget_periods AFTER UPDATE OF timezone ON public.organizations FOR EACH ROW WHEN ((old.timezone <> new.timezone)) EXECUTE FUNCTION private.move_budget_periods();
CREATE TRIGGER record_audit_change AFTER UPDATE OF name, slug, plan, timezone, is_personal, deleted_at, settings, metadata ON public.organizations FOR EACH ROW WHEN ((((((((((old.name IS DISTINCT FROM new.name) OR (old.slug IS DISTINCT FROM new.slug)) OR (old.plan IS DISTINCT FROM new.plan)) OR (old.timezone IS DISTINCT FROM new.timezone)) OR (old.is_personal IS DISTINCT FROM new.is_personal)) OR (old.deleted_at IS DISTINCT FROM new.deleted_at)) OR (old.settings IS DISTINCT FROM new.settings)) OR (old.metadata IS DISTINCT FROM new.metadata)) AND (current_setting('agentbase.audit_event'::text, true) IS DISTINCT FROM 'rotated'::text))) EXECUTE FUNCTION private.record_audit_event('id');
CREATE TRIGGER record_audit_event AFTER INSERT OR DELETE ON public.organizations FOR EACH ROW EXECUTE FUNCTION private.record_audit_event('id');
CREATE TRIGGER refuse_change BEFORE UPDATE OF id, created_by ON public.organizations FOR EACH ROW WHEN (((CURRENT_USER = 'authenticated'::name) AND ((old.id IS DISTINCT FROM new.id) OR (old.created_by IS DISTINCT FROM new.created_by)))) EXECUTE FUNCTION private.refuse_change('id', 'created_by');
CREATE TRIGGER remember_deleted_id AFTER DELETE ON public.organizations FOR EACH ROW EXECUTE FUNCTION private.remember_deleted_id();
CREATE TRIGGER remove_audit_events AFTER DELETE ON public.organizations FOR EACH ROW WHEN (old.is_personal) EXECUTE FUNCTION private.forget_personal_organization();
CREATE TRIGGER replace_usage_calendar AFTER UPDATE OF timezone ON public.organizations FOR EACH ROW WHEN ((old.timezone <> new.timezone)) EXECUTE FUNCTION private.maintain_usage_calendar();
CREATE TRIGGER update_organizations_updated_at BEFORE UPDATE ON public.organizations FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

create table public.profiles (
  id uuid not null,
  email text,
  is_sso_user boolean default false not null,
  full_name text,
  avatar_url text,
  workos_id text,
  current_organization_id uuid,
  last_login_at timestamp with time zone,
  preferences jsonb default '{}'::jsonb not null,
  status text default 'active'::text not null,
  subscription_tier text default 'free'::text not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint profiles_pkey PRIMARY KEY (id),
  constraint profiles_workos_id_key UNIQUE (workos_id),
  constraint profiles_current_organization_id_fkey FOREIGN KEY (current_organization_id) REFERENCES public.organizations(id) ON DELETE SET NULL,
  constraint profiles_id_fkey FOREIGN KEY (id) REFERENCES auth.users(id) ON DELETE CASCADE,
  constraint avatar_url_is_an_https_address CHECK (private.is_web_address(avatar_url, 'https'::text)),
  constraint email_is_at_most_255_characters CHECK ((char_length(email) <= 255)),
  constraint full_name_has_no_control_characters CHECK (private.is_plain(full_name)),
  constraint full_name_is_at_most_255_characters CHECK ((char_length(full_name) <= 255)),
  constraint preferences_are_an_object CHECK ((jsonb_typeof(preferences) = 'object'::text)),
  constraint preferences_are_at_most_256_kib_and_64_levels CHECK (private.is_document(preferences)),
  constraint profile_status_is_known CHECK ((status = ANY (ARRAY['active'::text, 'suspended'::text, 'deactivated'::text]))),
  constraint profile_updated_at_is_from_1970_to_2199 CHECK (private.is_calendar_time(updated_at)),
  constraint subscription_tier_is_at_most_50_characters CHECK ((char_length(subscription_tier) <= 50))
);
alter table public.profiles enable row level security;
create policy "People edit their own profile" on public.profiles
  as permissive for update to authenticated
  using ((id = ( SELECT auth.uid() AS uid)))
  with check (((id = ( SELECT auth.uid() AS uid)) AND ((current_organization_id IS NULL) OR (current_organization_id = ANY (ARRAY( SELECT private.my_organizations('viewer'::text) AS my_organizations))))));
create policy "People read their own profile" on public.profiles
  as permissive for select to authenticated
  using ((id = ( SELECT auth.uid() AS uid)));
create policy "People upsert their own profile" on public.profiles
  as permissive for insert to authenticated
  with check (((id = ( SELECT auth.uid() AS uid)) AND (EXISTS ( SELECT
   FROM public.organizations
  WHERE ((organizations.created_by = ( SELECT auth.uid() AS uid)) AND organizations.is_personal)))));
grant insert (id, full_name, avatar_url, current_organization_id, preferences, updated_at), select, update (id, full_name, avatar_url, current_organization_id, preferences, updated_at) on public.profiles to authenticated;
grant insert, select, update on public.profiles to service_role;
CREATE INDEX profiles_current_organization_id_idx ON public.profiles USING btree (current_organization_id);
CREATE INDEX profiles_sso_email_idx ON public.profiles USING btree (email) WHERE is_sso_user;
CREATE UNIQUE INDEX profiles_email_key ON public.profiles USING btree (email) WHERE (NOT is_sso_user);
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE OF is_sso_user, preferences, status, subscription_tier, created_at, updated_at ON public.profiles FOR EACH ROW WHEN ((num_nulls(new.is_sso_user, NULLIF(new.preferences, 'null'::jsonb), new.status, new.subscription_tier, new.created_at, new.updated_at) > 0)) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER record_audit_change AFTER UPDATE OF status, subscription_tier ON public.profiles FOR EACH ROW WHEN ((((old.status IS DISTINCT FROM new.status) OR (old.subscription_tier IS DISTINCT FROM new.subscription_tier)) AND (current_setting('agentbase.audit_event'::text, true) IS DISTINCT FROM 'rotated'::text))) EXECUTE FUNCTION private.record_audit_event('id');
CREATE TRIGGER refuse_change BEFORE UPDATE OF id ON public.profiles FOR EACH ROW WHEN (((CURRENT_USER = 'authenticated'::name) AND (old.id IS DISTINCT FROM new.id))) EXECUTE FUNCTION private.refuse_change('id');
CREATE TRIGGER update_profiles_updated_at BEFORE UPDATE ON public.profiles FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

-- Functions --------------------------------------------------------------------------------------

create function private.my_account_is_active()
returns boolean
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return exists (
    select from public.profiles
    where profiles.id = (select auth.uid()) and profiles.status = 'active'
  );
end
$body$;
grant execute on function private.my_account_is_active() to authenticated, service_role;

create function private.my_id()
returns uuid
language plpgsql stable security invoker
set search_path=""
as $body$
begin
  return auth.uid();
exception when invalid_text_representation then
  return null;
end
$body$;
grant execute on function private.my_id() to anon, authenticated, service_role;

create function private.my_organizations(minimum_role text DEFAULT 'viewer'::text)
returns SETOF uuid
language plpgsql stable security definer
set search_path=""
as $body$
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
$body$;
grant execute on function private.my_organizations(text) to authenticated, service_role;

create function private.role_rank(role text)
returns integer
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  return array_position(
    array['viewer', 'member', 'agent_manager', 'admin', 'owner'], role_rank.role
  );
end
$body$;
grant execute on function private.role_rank(text) to authenticated, service_role;
