begin;
select plan(4);

select tests.act_as('alice');
select set_config('tests.first', public.invite_member(tests.id('acme'), 'eve@example.com', 'viewer'), true);
select set_config('tests.other', public.invite_member(tests.id('acme'), 'frank@example.com', 'viewer'), true);
select set_config('tests.second', public.invite_member(tests.id('acme'), 'EVE@example.com', 'admin'), true);

select results_eq(
  'select email, role from public.organization_invitations order by email collate "C"',
  $$ values ('EVE@example.com', 'admin'), ('frank@example.com', 'viewer') $$,
  'one invitation is open per address; others stay'
);

select tests.act_as('eve');
select tests.refused(
  'select public.accept_invitation(current_setting(''tests.first''))', 404, 'invitation_not_found',
  'the first token is void'
);
select is(public.accept_invitation(current_setting('tests.second')), tests.id('acme'), 'the second is good');

select tests.reset();
delete from public.organization_members where user_id = tests.id('eve') and organization_id = tests.id('acme');
select tests.act_as('alice');
select public.invite_member(tests.id('acme'), 'eve@example.com', 'viewer');
select is(
  (select count(*) from public.organization_invitations where lower(email) = 'eve@example.com'), 2::bigint,
  'an accepted one is history, and a new one does not remove it'
);

select * from finish();
rollback;
