begin;
select plan(2);

select tests.act_as('alice');
select set_config('tests.token', public.invite_member(tests.id('acme'), 'eve@example.com', 'member'), true);
select tests.reset();

update public.organization_invitations set created_at = now() - interval '7 days', expires_at = now();
select tests.act_as('eve');
select tests.refused(
  'select public.accept_invitation(current_setting(''tests.token''))', 410, 'invitation_expired',
  'at its last moment it has ended'
);

select tests.reset();
update public.organization_invitations set expires_at = now() + interval '1 microsecond';
select tests.act_as('eve');
select is(
  public.accept_invitation(current_setting('tests.token')), tests.id('acme'),
  'a microsecond before that it is good'
);

select * from finish();
rollback;
