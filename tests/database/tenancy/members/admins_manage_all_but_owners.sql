begin;
select plan(8);

select tests.act_as('bob');

select tests.changes(
  $$
    update public.organization_members set role = 'agent_manager'
    where organization_id = tests.id('acme') and user_id = tests.id('dave')
  $$,
  1, 'an admin changes a role'
);
select tests.changes(
  $$
    update public.organization_members set role = 'admin'
    where organization_id = tests.id('acme') and user_id = tests.id('carol')
  $$,
  1, 'and makes an admin'
);
select tests.changes(
  $$
    delete from public.organization_members
    where organization_id = tests.id('acme') and user_id = tests.id('dave')
  $$,
  1, 'and removes a member'
);
select tests.denied(
  $$
    insert into public.organization_members (organization_id, user_id, role)
    values (tests.id('acme'), tests.id('eve'), 'admin')
  $$,
  'but adds none: the person is to be invited'
);

select tests.denied(
  $$
    update public.organization_members set role = 'owner'
    where organization_id = tests.id('acme') and user_id = tests.id('carol')
  $$,
  'but makes no one an owner'
);
select tests.denied(
  $$
    update public.organization_members set role = 'owner'
    where organization_id = tests.id('acme') and user_id = tests.id('bob')
  $$,
  'not even the own person'
);
select tests.changes(
  $$
    update public.organization_members set role = 'viewer'
    where organization_id = tests.id('acme') and user_id = tests.id('alice')
  $$,
  0, 'nor changes an owner'
);
select tests.changes(
  $$
    delete from public.organization_members
    where organization_id = tests.id('acme') and user_id = tests.id('alice')
  $$,
  0, 'nor removes one'
);

select * from finish();
rollback;
