begin;
select plan(11);

insert into public.audit_events (organization_id, actor_type, actor_id, action, table_name, row_id)
values (tests.id('acme'), 'user', tests.id('bob'), 'changed', 'agents', 'a');
delete from public.organization_members where user_id = tests.id('bob') and organization_id = tests.id('acme');
create temporary table homes as
select id from public.organizations where created_by = tests.id('bob') and is_personal;
insert into public.audit_events (organization_id, actor_type, actor_id, action, table_name, row_id)
select homes.id, 'user', tests.id('bob'), 'changed', 'agents', 'own' from homes;

select tests.act_as('bob');
select lives_ok('select public.delete_account()', 'a user with events deletes the account');
select tests.reset();
select results_eq(
  $$ select actor_type, actor_id from public.audit_events where row_id = 'a' $$, $$ values ('user', null::uuid) $$,
  'the event stays, without the user'
);
select is_empty(
  'select audit.id from public.audit_events audit join homes on homes.id = audit.organization_id',
  'the log of the personal organization is gone with the account'
);
select is_empty(
  $$ select id from public.audit_events where actor_id is null and actor_type = 'user' and organization_id is null $$,
  'and nothing of it counts as the platform''s'
);

insert into public.agents (name, organization_id, created_by)
select 'purged ' || n, tests.id('acme'), tests.id('alice') from generate_series(1, 3) n;
update public.organizations set deleted_at = now() - interval '1 year' where id = tests.id('acme');
select tests.work_off('purge-organizations');
select is_empty('select id from public.organizations where id = tests.id(''acme'')', 'an organization is purged');
select isnt_empty('select id from public.audit_events where organization_id = tests.id(''acme'')', 'its log is not');
select results_eq(
  $$ select table_name, actor_type from public.audit_events where action = 'deleted' and organization_id = tests.id('acme')
     order by created_at desc limit 1 $$,
  $$ values ('organizations', 'job') $$, 'which says that the job removed it'
);
select is_empty(
  $$ select id from public.audit_events where action = 'deleted' and table_name = 'agents' $$,
  'and has no event for each of its rows'
);
select tests.act_as_service();
select isnt_empty(
  $$ select id from public.list_audit_events(tests.id('acme'), table_name => 'organizations', action => 'deleted') $$,
  'operators find who deleted it'
);
select tests.act_as('alice');
select tests.refused(
  $$ select public.list_audit_events(tests.id('acme')) $$, 404, 'organization_not_found', 'its former owner does not'
);
select tests.reset();
select is(private.audit_lifetime(tests.id('acme')), interval '730 days', 'it is kept for two years from then on');

select * from finish();
rollback;
