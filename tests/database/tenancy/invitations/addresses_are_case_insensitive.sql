begin;
select plan(3);

-- The Auth server keeps addresses in small letters; single sign-on may not.
update public.profiles set email = 'Eve@Example.com' where id = tests.id('eve');

select tests.act_as('alice');
select set_config('tests.first', public.invite_member(tests.id('acme'), 'EVE@EXAMPLE.COM', 'viewer'), true);
select set_config('tests.second', public.invite_member(tests.id('acme'), 'eve@example.com', 'viewer'), true);
select results_eq(
  'select email from public.organization_invitations', $$ values ('eve@example.com') $$, 'the second replaces the first'
);
select tests.act_as('eve');
select is(public.accept_invitation(current_setting('tests.second')), tests.id('acme'), 'its person accepts it');
select tests.act_as('alice');
select tests.refused(
  $$ select public.invite_member(tests.id('acme'), 'eVE@example.com', 'viewer') $$, 409, 'already_member',
  'and is not invited again'
);

select * from finish();
rollback;
