begin;
select plan(2);

select tests.act_as('alice');
select tests.refused(
  $$ select public.invite_member(tests.id('acme'), 'DAVE@example.com', 'member') $$, 409, 'already_member',
  'who is a member is not invited'
);

select is_empty('select id from public.organization_invitations', 'and no invitation is left behind');

select * from finish();
rollback;
