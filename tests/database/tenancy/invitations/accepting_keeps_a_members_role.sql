begin;
select plan(2);

select tests.act_as('alice');
select set_config('tests.token', public.invite_member(tests.id('acme'), 'eve@example.com', 'admin'), true);

select tests.reset();
insert into public.organization_members (organization_id, user_id, role)
values (tests.id('acme'), tests.id('eve'), 'viewer');

select tests.act_as('eve');
select is(public.accept_invitation(current_setting('tests.token')), tests.id('acme'), 'accepting succeeds');

select results_eq(
  $$
    select role from public.organization_members
    where organization_id = tests.id('acme') and user_id = tests.id('eve')
  $$,
  $$ values ('viewer') $$,
  'but who became a member in another way keeps that role'
);

select * from finish();
rollback;
