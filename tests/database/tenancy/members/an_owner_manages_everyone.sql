begin;
select plan(4);

select tests.act_as('alice');

select tests.changes(
  $$
    update public.organization_members set role = 'owner'
    where organization_id = tests.id('acme') and user_id = tests.id('bob')
  $$,
  1, 'an owner makes an owner'
);
select tests.denied(
  $$
    insert into public.organization_members (organization_id, user_id, role)
    values (tests.id('acme'), tests.id('eve'), 'owner')
  $$,
  'but adds none: the person is to be invited'
);
select tests.changes(
  $$
    update public.organization_members set role = 'member'
    where organization_id = tests.id('acme') and user_id = tests.id('bob')
  $$,
  1, 'and takes it back'
);
select tests.changes(
  $$
    delete from public.organization_members
    where organization_id = tests.id('acme') and user_id = tests.id('dave')
  $$,
  1, 'and removes one'
);

select * from finish();
rollback;
