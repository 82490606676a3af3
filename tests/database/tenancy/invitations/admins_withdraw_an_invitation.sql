begin;
select plan(4);

select tests.act_as('alice');
select set_config('tests.token', public.invite_member(tests.id('acme'), 'eve@example.com', 'member'), true);

select tests.act_as('carol');
select is_empty('select id from public.organization_invitations', 'an agent manager sees no invitation');
select tests.changes('delete from public.organization_invitations', 0, 'and withdraws none');

select tests.act_as('bob');
select tests.changes('delete from public.organization_invitations', 1, 'an admin withdraws it');

select tests.act_as('eve');
select tests.refused(
  'select public.accept_invitation(current_setting(''tests.token''))', 404, 'invitation_not_found',
  'after which it is void'
);

select * from finish();
rollback;
