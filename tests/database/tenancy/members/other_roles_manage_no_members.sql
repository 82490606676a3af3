begin;
select plan(4);

select tests.act_as('carol');
select tests.changes(
  $$ update public.organization_members set role = 'admin' where organization_id = tests.id('acme') $$, 0,
  'an agent manager changes no role, not even the own'
);
select tests.denied(
  $$
    insert into public.organization_members (organization_id, user_id, role)
    values (tests.id('acme'), tests.id('eve'), 'viewer')
  $$,
  'and adds no one'
);
select tests.changes(
  $$
    delete from public.organization_members
    where organization_id = tests.id('acme') and user_id <> tests.id('carol')
  $$,
  0, 'and removes no one'
);

select tests.act_as('eve');
select tests.denied(
  $$
    insert into public.organization_members (organization_id, user_id, role)
    values (tests.id('acme'), tests.id('eve'), 'viewer')
  $$,
  'an outsider does not let himself in'
);

select * from finish();
rollback;
