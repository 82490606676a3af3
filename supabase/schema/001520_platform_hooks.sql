-- The current state of what 001520_platform_hooks.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.auth_triggers()
returns SETOF text
language sql immutable security invoker
set search_path=""
as $body$
  values
    ('open_account'), ('refresh_account'), ('close_account'), ('delete_personal_organization'),
    ('release_organizations'), ('delete_own_agents'), ('scrub_interactions')
$body$;
grant execute on function private.auth_triggers() to service_role;

create function private.create_auth_triggers()
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
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
$body$;

create function private.missing_auth_triggers()
returns SETOF text
language sql stable security invoker
set search_path=""
as $body$
  select wanted.name
  from private.auth_triggers() wanted (name)
  where not exists (
    select from pg_catalog.pg_trigger triggers
    where triggers.tgrelid = 'auth.users'::regclass
      and triggers.tgname = wanted.name
      and triggers.tgenabled in ('O', 'A')
  )
$body$;
grant execute on function private.missing_auth_triggers() to service_role;

create function private.missing_settings()
returns SETOF text
language sql stable security invoker
set search_path=""
as $body$
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
$body$;
grant execute on function private.missing_settings() to service_role;

create function private.platform_hooks_report()
returns jsonb
language sql stable security definer
set search_path=""
as $body$
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
$body$;
grant execute on function private.platform_hooks_report() to service_role;

create function private.repair_platform_hooks()
returns jsonb
language plpgsql volatile security invoker
set search_path=""
as $body$
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
$body$;

create function private.unopened_accounts()
returns SETOF auth.users
language sql stable security definer
set search_path=""
as $body$
  select users.*
  from auth.users
  left join public.profiles on profiles.id = users.id
  left join public.organizations on organizations.created_by = users.id
  and organizations.is_personal
  where profiles.id is null or organizations.id is null
$body$;

create function private.updated_at_is_replaced()
returns boolean
language sql stable security invoker
set search_path=""
as $body$
  select not exists (
    select from pg_catalog.pg_proc
    where pg_proc.oid = to_regprocedure('public.update_updated_at_column()')
      and regexp_replace(trim(e' \n' from pg_proc.prosrc), '\s+', ' ', 'g')
        = 'begin new.updated_at = now(); return new; end'
      and pg_proc.proconfig = array['search_path=""']
  )
$body$;
