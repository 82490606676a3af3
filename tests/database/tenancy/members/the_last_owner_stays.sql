begin;
select plan(4);

select tests.act_as('alice');

select tests.refused(
  $$
    delete from public.organization_members where organization_id = tests.id('acme') and user_id = tests.id('alice');
    set constraints all immediate
  $$,
  409, 'last_owner', 'the last owner does not leave'
);
select tests.refused(
  $$
    update public.organization_members set role = 'admin'
    where organization_id = tests.id('acme') and user_id = tests.id('alice');
    set constraints all immediate
  $$,
  409, 'last_owner', 'nor step down'
);

select tests.reset();
insert into public.organizations (id, name, slug, created_by)
values ('60000000-0000-4000-8000-000000000001', 'Bob''s', 'bobs', tests.id('bob'));
select tests.refused(
  $$
    update public.organization_members set organization_id = '60000000-0000-4000-8000-000000000001'
    where organization_id = tests.id('acme') and user_id = tests.id('alice');
    set constraints all immediate
  $$,
  409, 'last_owner', 'not even the backend moves the last owner elsewhere'
);

select results_eq(
  $$
    select user_id from public.organization_members
    where organization_id = tests.id('acme') and role = 'owner'
  $$,
  $$ values (tests.id('alice')) $$,
  'after all of which the owner is still there'
);

select * from finish();
rollback;
