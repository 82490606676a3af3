begin;
select plan(2);

select tests.act_as('alice');
select set_config('tests.token', public.invite_member(tests.id('acme'), 'eve@example.com', 'member'), true);
select public.delete_organization(tests.id('acme'));

select tests.act_as('eve');
select tests.refused(
  'select public.accept_invitation(current_setting(''tests.token''))', 404, 'invitation_not_found',
  'no one joins an organization that was deleted'
);

select tests.act_as('alice');
select public.restore_organization(tests.id('acme'));
select tests.act_as('eve');
select is(
  public.accept_invitation(current_setting('tests.token')), tests.id('acme'), 'once restored it takes members again'
);

select * from finish();
rollback;
