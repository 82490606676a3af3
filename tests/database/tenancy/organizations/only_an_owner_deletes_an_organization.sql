begin;
select plan(9);

select tests.act_as('bob');
select tests.refused(
  $$ select public.delete_organization(tests.id('acme')) $$, 404, 'organization_not_found', 'an admin does not'
);
select tests.act_as('eve');
select tests.refused(
  $$ select public.delete_organization(tests.id('acme')) $$, 404, 'organization_not_found', 'an outsider does not'
);
select tests.refused(
  $$ select public.delete_organization(gen_random_uuid()) $$, 404, 'organization_not_found',
  'one that does not exist gets the same answer'
);
select tests.refused(
  $$ select public.delete_organization((select current_organization_id from public.profiles)) $$,
  404, 'organization_not_found', 'the personal one is not deleted by its owner'
);
select tests.act_as_anon();
select tests.denied($$ select public.delete_organization(tests.id('acme')) $$, 'a visitor may not ask');

select tests.reset();
select is_empty('select id from public.organizations where deleted_at is not null', 'none was deleted');

select tests.act_as('alice');
select lives_ok($$ select public.delete_organization(tests.id('acme')) $$, 'an owner does');
select tests.refused(
  $$ select public.delete_organization(tests.id('acme')) $$, 404, 'organization_not_found', 'once'
);

select tests.reset();
select results_eq(
  'select id from public.organizations where deleted_at is not null', $$ values (tests.id('acme')) $$,
  'that one and no other'
);

select * from finish();
rollback;
