begin;
select plan(3);

select tests.act_as('bob');
select tests.denied(
  $$
    insert into public.organization_members (organization_id, user_id, role, granted_by)
    values (tests.id('acme'), tests.id('eve'), 'member', tests.id('alice'))
  $$,
  'nobody adds a member in another''s name'
);
insert into public.organization_members (organization_id, user_id, role)
values (tests.id('acme'), tests.id('eve'), 'member');
select results_eq(
  $$ select granted_by from public.organization_members where user_id = tests.id('eve') and role = 'member' $$,
  $$ values (tests.id('bob')) $$,
  'where nothing is said it is the caller'
);
select tests.denied(
  $$ update public.organization_members set granted_by = tests.id('bob') where organization_id = tests.id('acme') $$,
  'and it is not rewritten'
);

select * from finish();
rollback;
