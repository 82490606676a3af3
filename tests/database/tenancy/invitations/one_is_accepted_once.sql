begin;
select plan(3);

select tests.act_as('alice');
select set_config('tests.token', public.invite_member(tests.id('acme'), 'eve@example.com', 'member'), true);
select tests.act_as('eve');
select public.accept_invitation(current_setting('tests.token'));

select tests.refused(
  'select public.accept_invitation(current_setting(''tests.token''))', 410, 'invitation_used',
  'the second time it is refused'
);

delete from public.organization_members where organization_id = tests.id('acme') and user_id = tests.id('eve');
select tests.refused(
  'select public.accept_invitation(current_setting(''tests.token''))', 410, 'invitation_used',
  'who has left does not come back with it'
);

select tests.reset();
select is_empty(
  $$
    select from public.organization_members
    where organization_id = tests.id('acme') and user_id = tests.id('eve')
  $$,
  'and is no member'
);

select * from finish();
rollback;
