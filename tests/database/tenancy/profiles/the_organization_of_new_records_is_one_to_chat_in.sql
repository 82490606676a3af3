begin;
select plan(5);

select tests.act_as('carol');
select is(
  private.my_organization(),
  (select id from public.organizations where created_by = tests.id('carol') and is_personal),
  'at first it is the personal one'
);

update public.profiles set current_organization_id = tests.id('acme') where id = tests.id('carol');
select is(private.my_organization(), tests.id('acme'), 'then the current one');

select tests.act_as('dave');
update public.profiles set current_organization_id = tests.id('acme') where id = tests.id('dave');
select is(
  private.my_organization(),
  (select id from public.organizations where created_by = tests.id('dave') and is_personal),
  'a viewer, who may not chat there, stays with the personal one'
);

select tests.act_as('carol');
delete from public.organization_members where organization_id = tests.id('acme') and user_id = tests.id('carol');
select is(
  private.my_organization(),
  (select id from public.organizations where created_by = tests.id('carol') and is_personal),
  'who leaves the current one falls back to the personal one'
);

select tests.act_as_anon();
select tests.denied('select private.my_organization()', 'a visitor has none, and may not ask');

select * from finish();
rollback;
