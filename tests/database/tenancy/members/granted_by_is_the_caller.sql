begin;
select plan(2);

select tests.act_as('bob');
update public.organization_members set role = 'member'
where organization_id = tests.id('acme') and user_id = tests.id('dave');
select results_eq(
  $$ select granted_by from public.organization_members where user_id = tests.id('dave') and role = 'member' $$,
  $$ values (tests.id('bob')) $$,
  'who changes a role is who gave it'
);
select tests.denied(
  $$ update public.organization_members set granted_by = tests.id('bob') where organization_id = tests.id('acme') $$,
  'and that is not rewritten'
);

select * from finish();
rollback;
