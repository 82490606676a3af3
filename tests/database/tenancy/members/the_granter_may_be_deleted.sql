begin;
select plan(1);

update public.organization_members set granted_by = tests.id('bob')
where organization_id = tests.id('acme') and user_id = tests.id('dave');

delete from auth.users where id = tests.id('bob');

select results_eq(
  $$
    select user_id, role, granted_by from public.organization_members
    where organization_id = tests.id('acme') order by user_id
  $$,
  $$
    values
      (tests.id('alice'), 'owner', tests.id('alice')), (tests.id('carol'), 'agent_manager', tests.id('alice')),
      (tests.id('dave'), 'viewer', null)
  $$,
  'what a person gave stays, and only the name is lost'
);

select * from finish();
rollback;
