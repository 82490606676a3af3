-- Platform hooks: objects of this project outside its own schemas, which a dump of public and
-- private does not include. Missing parts are detected and recreated by the same functions that the
-- migrations use.

create function private.create_auth_triggers()
returns void
language plpgsql
set search_path = ''
as $$
begin
  -- Replacing a disabled trigger enables it. Triggers fire in the order of their names: a project's
  -- own on_auth_user_created, the name in Supabase's examples, sorts before open_account, which
  -- then completes its row.
  create or replace trigger open_account after insert on auth.users
    for each row execute function private.handle_new_user();
  create or replace trigger refresh_account
    after update of email, last_sign_in_at, is_sso_user on auth.users
    for each row
    when (
      old.email is distinct from new.email
      or old.last_sign_in_at is distinct from new.last_sign_in_at
      or old.is_sso_user is distinct from new.is_sso_user
    )
    execute function private.handle_user_change();
  -- Before the others, which a large account does not reach.
  create or replace trigger close_account before delete on auth.users
    for each row execute function private.close_account();
  create or replace trigger delete_personal_organization before delete on auth.users
    for each row execute function private.delete_personal_organization();
  create or replace trigger release_organizations before delete on auth.users
    for each row execute function private.release_organizations();
  create or replace trigger delete_own_agents before delete on auth.users
    for each row execute function private.delete_own_agents();
  create or replace trigger scrub_interactions before delete on auth.users
    for each row execute function private.scrub_interactions();
end
$$;
comment on function private.create_auth_triggers() is
  'Creates the triggers on auth.users. Idempotent.';

create function private.auth_triggers()
returns setof text
language sql
immutable
set search_path = ''
as $$
  values
    ('open_account'), ('refresh_account'), ('close_account'), ('delete_personal_organization'),
    ('release_organizations'), ('delete_own_agents'), ('scrub_interactions')
$$;
comment on function private.auth_triggers() is
  'The names of the triggers that private.create_auth_triggers() creates.';

create function private.missing_auth_triggers()
returns setof text
language sql
stable
set search_path = ''
as $$
  select wanted.name
  from private.auth_triggers() wanted (name)
  where not exists (
    select from pg_catalog.pg_trigger triggers
    where triggers.tgrelid = 'auth.users'::regclass
      and triggers.tgname = wanted.name
      and triggers.tgenabled in ('O', 'A')
  )
$$;
comment on function private.missing_auth_triggers() is
  'Those of private.auth_triggers() that are missing or disabled.';
grant execute on function private.auth_triggers(), private.missing_auth_triggers() to service_role;

create function private.missing_settings()
returns setof text
language sql
stable
set search_path = ''
as $$
  select 'pgrst.db_pre_request'
  where not exists (
    select from pg_catalog.pg_roles
    where pg_roles.rolname = 'authenticator'
      and 'pgrst.db_pre_request=private.check_request' = any (pg_roles.rolconfig)
  )
  union all
  select 'default_privileges'
  where not exists (
    select from pg_catalog.pg_default_acl defaults
    join pg_catalog.pg_namespace on pg_namespace.nspowner = defaults.defaclrole
    where pg_namespace.nspname = 'private'
      and defaults.defaclnamespace = 0
      and defaults.defaclobjtype = 'f'
  )
$$;
comment on function private.missing_settings() is
  'Settings that a dump of schemas leaves out: the function that the Data API calls before each '
  'request, and that new functions are closed to the roles of the API.';
grant execute on function private.missing_settings() to service_role;

create function private.unopened_accounts()
returns setof auth.users
language sql
stable
security definer
set search_path = ''
as $$
  select users.*
  from auth.users
  left join public.profiles on profiles.id = users.id
  left join public.organizations on organizations.created_by = users.id
  and organizations.is_personal
  where profiles.id is null or organizations.id is null
$$;
comment on function private.unopened_accounts() is
  'Accounts without a profile or a personal organization: they existed before the migrations, or '
  'were loaded while triggers were disabled. Not granted to any role.';

create function private.updated_at_is_replaced()
returns boolean
language sql
stable
set search_path = ''
as $$
  select not exists (
    select from pg_catalog.pg_proc
    where pg_proc.oid = to_regprocedure('public.update_updated_at_column()')
      and regexp_replace(trim(e' \n' from pg_proc.prosrc), '\s+', ' ', 'g')
        = 'begin new.updated_at = now(); return new; end'
      and pg_proc.proconfig = array['search_path=""']
  )
$$;
comment on function private.updated_at_is_replaced() is
  'Whether another program has replaced update_updated_at_column(), as the setup of LangGraph''s '
  'store does in the schema public.';

create function private.platform_hooks_report()
returns jsonb
language sql
stable
security definer
set search_path = ''
as $$
  select jsonb_build_object(
    'missing_triggers', (
      select coalesce(jsonb_agg(missing.name order by missing.name), '[]')
      from private.missing_auth_triggers() missing (name)
    ),
    'unpublished_tables', (
      select coalesce(jsonb_agg(missing.name order by missing.name), '[]')
      from private.unpublished_tables() missing (name)
    ),
    'missing_settings', (
      select coalesce(jsonb_agg(missing.name order by missing.name), '[]')
      from private.missing_settings() missing (name)
    ),
    'channel_policy_is_missing', private.channel_policy_is_missing(),
    'recording_bucket_is_missing', private.recording_bucket_is_missing(),
    'updated_at_is_replaced', private.updated_at_is_replaced(),
    'has_unopened_accounts', exists (select from private.unopened_accounts())
  )
$$;
comment on function private.platform_hooks_report() is
  'Missing objects outside the schemas public and private: triggers on auth.users, tables in the '
  'publication, the policy of private channels, the bucket of recordings, settings, whether '
  'another program has replaced the trigger function of updated_at, and whether there are accounts '
  'without a profile or a personal organization.';
grant execute on function private.platform_hooks_report() to service_role;

create function private.repair_platform_hooks()
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  report jsonb := private.platform_hooks_report();
  account auth.users;
begin
  if exists (select from private.missing_auth_triggers()) then
    perform private.create_auth_triggers();
  end if;
  if private.updated_at_is_replaced() then
    create or replace function public.update_updated_at_column()
    returns trigger
    language plpgsql
    set search_path = ''
    as $trigger$
    begin
      new.updated_at = now();
      return new;
    end
    $trigger$;
  end if;
  perform private.publish_tables();
  perform private.create_channel_policy();
  perform private.create_recording_bucket();
  if exists (select from private.missing_settings()) then
    alter role authenticator set pgrst.db_pre_request = 'private.check_request';
    alter default privileges revoke execute on functions from public;
    notify pgrst, 'reload config';
  end if;
  for account in select accounts.* from private.unopened_accounts() accounts loop
    perform private.open_account(account);
  end loop;
  -- Changes made while the triggers were missing.
  update public.profiles
  set
    email = private.profile_email(users),
    is_sso_user = users.is_sso_user,
    last_login_at = users.last_sign_in_at
  from auth.users
  where users.id = profiles.id
    and (profiles.email, profiles.is_sso_user, profiles.last_login_at)
      is distinct from (private.profile_email(users), users.is_sso_user, users.last_sign_in_at);
  return report;
end
$$;
comment on function private.repair_platform_hooks() is
  'Recreates what private.platform_hooks_report() reports as missing, and returns that report. '
  'Idempotent. Not granted: the owner calls it.';
