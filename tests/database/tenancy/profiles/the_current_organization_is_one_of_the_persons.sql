begin;
select plan(3);

select tests.act_as('dave');
select tests.changes(
  $$ update public.profiles set current_organization_id = tests.id('acme') where id = tests.id('dave') $$,
  1, 'a member moves to an organization'
);

select tests.act_as('eve');
select tests.denied(
  $$ update public.profiles set current_organization_id = tests.id('acme') where id = tests.id('eve') $$,
  'an outsider does not'
);

select tests.reset();
select results_eq(
  $$
    select current_organization_id = tests.id('acme') from public.profiles
    where id in (tests.id('dave'), tests.id('eve')) order by id
  $$,
  $$ values (true), (false) $$,
  'so only the member is there'
);

select * from finish();
rollback;
