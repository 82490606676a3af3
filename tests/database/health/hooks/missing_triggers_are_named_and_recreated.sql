begin;
select plan(14);

insert into private.job_runs (job_name, outcome, started_at, finished_at)
select name, 'succeeded', now() - interval '1 second', now() from private.jobs;
select is(
  private.platform_hooks_report(),
  '{"missing_triggers": [], "unpublished_tables": [], "missing_settings": [], "channel_policy_is_missing": false, "recording_bucket_is_missing": false, "updated_at_is_replaced": false, "has_unopened_accounts": false}', 'nothing is missing'
);

-- Only the owner of auth.users drops a trigger there: one that was never made is missing all the same.
create or replace function private.auth_triggers() returns setof text language sql as $$ values ('one_more') $$;
create or replace function private.create_auth_triggers() returns void language plpgsql as $$
begin
  create or replace trigger one_more after delete on auth.users for each row execute function private.handle_new_user();
end
$$;
alter publication supabase_realtime drop table public.agents, public.notifications;
alter table public.deployments replica identity default;
drop policy "Users receive what is sent to them and their organizations" on realtime.messages;
alter role authenticator reset pgrst.db_pre_request;
-- As the set-up of LangGraph's store in public does.
create or replace function public.update_updated_at_column() returns trigger as $$
begin
  new.updated_at = current_timestamp;
  return new;
end
$$ language plpgsql;
drop policy "People add recordings to their own sessions" on storage.objects;
alter default privileges grant execute on functions to public;
delete from public.profiles where id = tests.id('eve');
delete from public.organizations where slug = 'personal-' || tests.id('dave');
insert into auth.users (id, email) values ('10000000-0000-4000-8000-000000000001', null);
delete from public.profiles where id = '10000000-0000-4000-8000-000000000001';
update public.profiles set email = 'old@example.com' where id = tests.id('bob');

select is(
  private.platform_hooks_report(),
  '{
    "missing_triggers": ["one_more"], "unpublished_tables": ["agents", "deployments", "notifications"],
    "missing_settings": ["default_privileges", "pgrst.db_pre_request"], "channel_policy_is_missing": true, "recording_bucket_is_missing": true, "updated_at_is_replaced": true, "has_unopened_accounts": true
  }',
  'what is missing is named'
);
select is(
  public.health_report() -> 'problems',
  '["auth_triggers_missing", "realtime_tables_missing", "realtime_channels_closed", "recordings_closed", "platform_settings_missing", "updated_at_replaced", "accounts_unopened"]', 'by the report of health, too'
);
select is(
  public.health_report() #> '{platform_hooks,missing_triggers}', '["one_more"]', 'with the names'
);
select is(
  private.repair_platform_hooks() -> 'missing_triggers', '["one_more"]', 'a repair says what it repaired'
);
select is(
  private.platform_hooks_report(),
  '{"missing_triggers": [], "unpublished_tables": [], "missing_settings": [], "channel_policy_is_missing": false, "recording_bucket_is_missing": false, "updated_at_is_replaced": false, "has_unopened_accounts": false}', 'then nothing is missing'
);
select has_trigger('auth', 'users', 'one_more', 'the trigger is there');
select results_eq(
  $$
    select profiles.email, organizations.slug, members.role
    from public.profiles
    join public.organizations on organizations.id = profiles.current_organization_id
    join public.organization_members members
      on members.organization_id = organizations.id and members.user_id = profiles.id
    where profiles.id = tests.id('eve')
  $$,
  $$ values ('eve@example.com', 'personal-' || tests.id('eve'), 'owner') $$,
  'an account has its profile, and owns its organization'
);
select is(
  (select count(*) from public.organizations where is_personal and created_by = tests.id('dave')), 1::bigint,
  'one that lacked only the organization has it'
);
select is(
  (select email from public.profiles where id = '10000000-0000-4000-8000-000000000001'), null,
  'one without an address has a profile without one'
);
select is((select email from public.profiles where id = tests.id('bob')), 'bob@example.com', 'addresses are in step again');
select is(
  private.repair_platform_hooks(),
  '{"missing_triggers": [], "unpublished_tables": [], "missing_settings": [], "channel_policy_is_missing": false, "recording_bucket_is_missing": false, "updated_at_is_replaced": false, "has_unopened_accounts": false}', 'a second repair finds nothing'
);

-- Loaded while triggers were off, and not repaired.
delete from public.profiles where id = tests.id('eve');
update auth.users set last_sign_in_at = now() where id = tests.id('eve');
select isnt(
  (select current_organization_id from public.profiles where id = tests.id('eve')), null,
  'a sign-in makes what an account lacks'
);
select tests.act_as_service();
select tests.denied('select private.repair_platform_hooks()', 'only the owner repairs');

select * from finish();
rollback;
