begin;
select plan(9);

select tests.act_as('alice');
select lives_ok(
  $$ select public.invite_member(tests.id('acme'), 'one@example.com', 'viewer') $$, 'an owner invites'
);
select tests.act_as('bob');
select lives_ok(
  $$ select public.invite_member(tests.id('acme'), 'two@example.com', 'admin') $$, 'an admin invites, admins too'
);

select tests.act_as('carol');
select tests.refused(
  $$ select public.invite_member(tests.id('acme'), 'three@example.com', 'viewer') $$, 404, 'organization_not_found',
  'an agent manager does not'
);
select tests.act_as('dave');
select tests.refused(
  $$ select public.invite_member(tests.id('acme'), 'three@example.com', 'viewer') $$, 404, 'organization_not_found',
  'a viewer does not'
);
select tests.act_as('eve');
select tests.refused(
  $$ select public.invite_member(tests.id('acme'), 'three@example.com', 'viewer') $$, 404, 'organization_not_found',
  'an outsider gets the same answer'
);
select tests.refused(
  $$ select public.invite_member(gen_random_uuid(), 'three@example.com', 'viewer') $$, 404, 'organization_not_found',
  'as for an organization that does not exist'
);
select tests.act_as_anon();
select tests.denied(
  $$ select public.invite_member(tests.id('acme'), 'three@example.com', 'viewer') $$, 'a visitor may not ask'
);
select tests.denied($$ select public.accept_invitation('inv_x') $$, 'nor accept');

select tests.reset();
select results_eq(
  'select email from public.organization_invitations order by email',
  $$ values ('one@example.com'), ('two@example.com') $$,
  'only the first two were made'
);

select * from finish();
rollback;
