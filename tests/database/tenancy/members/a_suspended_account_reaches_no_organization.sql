begin;
select plan(14);

-- Bob is an admin. What he could do by REST ends with his account's status, as chat does.
select tests.act_as('bob');
create temporary table tokens as select public.invite_member(tests.id('acme'), 'eve@example.com', 'admin') as token;
grant select on tokens to authenticated;
reset role;
update public.profiles set status = 'suspended' where id = tests.id('bob');

select tests.act_as('bob');
select is_empty('select id from public.organizations', 'it sees no organization');
select is_empty('select role from public.user_roles', 'no members');
select is_empty('select email from public.organization_people', 'no addresses');
select is_empty(
  $$ select id from public.agents where organization_id = tests.id('acme') $$, 'no agents of an organization'
);
select is_empty('select id from public.ai_interactions', 'no ledger');
select tests.refused(
  $$ select public.invite_member(tests.id('acme'), 'dan@example.com', 'admin') $$, 404, 'organization_not_found',
  'it invites no one'
);
select tests.refused(
  $$ select public.delete_organization(tests.id('acme')) $$, 404, 'organization_not_found', 'deletes none'
);
select throws_ok(
  $$ insert into public.agents (name, organization_id) values ('Bot', tests.id('acme')) $$, '42501', null,
  'makes no agent of an organization'
);
select throws_ok(
  $$ insert into public.chat_sessions (org_id) values (tests.id('acme')) $$, '42501', null, 'begins no session'
);
select is_empty(
  $$ update public.organization_members set role = 'viewer' where user_id = tests.id('carol') returning role $$,
  'and manages no one'
);
select isnt_empty('select id from public.profiles', 'it still reads its own profile');

select tests.act_as('eve');
select tests.refused(
  $$ select public.accept_invitation((select tokens.token from tokens)) $$, 404, 'invitation_not_found',
  'its invitations wait'
);
reset role;
update public.profiles set status = 'active' where id = tests.id('bob');
select tests.act_as('eve');
select lives_ok('select public.accept_invitation((select tokens.token from tokens))', 'until it is active again');
select tests.act_as('bob');
select isnt_empty('select id from public.organizations', 'which sees its organizations again');

select * from finish();
rollback;
