begin;
select plan(8);

select tests.act_as('alice');
select public.delete_organization(tests.id('acme'));

select tests.act_as('bob');
select tests.refused(
  $$ select public.restore_organization(tests.id('acme')) $$, 404, 'organization_not_found', 'not by an admin'
);
select tests.act_as('eve');
select tests.refused(
  $$ select public.restore_organization(tests.id('acme')) $$, 404, 'organization_not_found', 'not by an outsider'
);
select tests.reset();
update public.profiles set status = 'suspended' where id = tests.id('alice');
select tests.act_as('alice');
select tests.refused(
  $$ select public.restore_organization(tests.id('acme')) $$, 404, 'organization_not_found', 'not by a suspended owner'
);
select tests.reset();
update public.profiles set status = 'active' where id = tests.id('alice');
select tests.act_as('alice');
select lives_ok($$ select public.restore_organization(tests.id('acme')) $$, 'but by an owner');
select tests.refused(
  $$ select public.restore_organization(tests.id('acme')) $$, 404, 'organization_not_found',
  'one that is there cannot be restored'
);

select tests.act_as('dave');
select is((select name from public.organizations where id = tests.id('acme')), 'Acme', 'its members see it again');
select is(
  (select count(*) from public.organization_members where organization_id = tests.id('acme')), 4::bigint,
  'and each other'
);

select tests.act_as_anon();
select tests.denied($$ select public.restore_organization(tests.id('acme')) $$, 'a visitor may not ask');

select * from finish();
rollback;
