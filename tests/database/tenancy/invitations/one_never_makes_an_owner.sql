begin;
select plan(6);

select tests.act_as('alice');
select tests.refused(
  $$ select public.invite_member(tests.id('acme'), 'eve@example.com', 'owner') $$,
  400, 'invalid_role', 'no one is invited as owner'
);
select tests.refused(
  $$ select public.invite_member(tests.id('acme'), 'eve@example.com', 'king') $$,
  400, 'invalid_role', 'nor as what there is not'
);

select lives_ok(
  format('select public.invite_member(tests.id(''acme''), ''eve@example.com'', %L)', role), 'but as ' || role
)
from unnest(array['admin', 'agent_manager', 'member', 'viewer']) as role;

select * from finish();
rollback;
