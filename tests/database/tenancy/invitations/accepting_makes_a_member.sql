begin;
select plan(4);

select tests.act_as('bob');
select set_config('tests.token', public.invite_member(tests.id('acme'), 'EVE@example.com', 'agent_manager'), true);
select tests.act_as('eve');

select is(
  public.accept_invitation(current_setting('tests.token')), tests.id('acme'),
  'accepting answers with the organization, however the address is capitalized'
);

select is(
  (select name from public.organizations where id = tests.id('acme')), 'Acme',
  'at once the new member sees the organization'
);

select tests.reset();
select results_eq(
  $$
    select role, granted_by from public.organization_members
    where organization_id = tests.id('acme') and user_id = tests.id('eve')
  $$,
  $$ values ('agent_manager', tests.id('bob')) $$,
  'the role is the one of the invitation, given by who invited'
);
select results_eq(
  'select accepted_at, accepted_by from public.organization_invitations',
  $$ values (now(), tests.id('eve')) $$,
  'the invitation says who accepted it, and when'
);

select * from finish();
rollback;
