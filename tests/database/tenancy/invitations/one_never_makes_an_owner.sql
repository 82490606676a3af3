begin;
select plan(6);

select tests.act_as('alice');
select tests.breaks(
  $$ select public.invite_member(tests.id('acme'), 'eve@example.com', 'owner') $$,
  'invitation_role_is_known_and_not_owner', 'nobody is invited as owner'
);
select tests.breaks(
  $$ select public.invite_member(tests.id('acme'), 'eve@example.com', 'king') $$,
  'invitation_role_is_known_and_not_owner', 'nor as what there is not'
);

select lives_ok(
  format('select public.invite_member(tests.id(''acme''), ''eve@example.com'', %L)', role), 'but as ' || role
)
from unnest(array['admin', 'agent_manager', 'member', 'viewer']) as role;

select * from finish();
rollback;
