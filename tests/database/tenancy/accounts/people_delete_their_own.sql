begin;
select plan(19);

-- Carol is an agent manager of Acme, alone in an organization of hers, and has an agent of each kind.
insert into public.organizations (id, name, slug, created_by)
values ('10000000-0000-4000-8000-0000000000cc', 'Carol''s', 'carols', tests.id('carol'));
insert into public.agents (id, name, created_by, organization_id) values
  ('20000000-0000-4000-8000-000000000001', 'carol''s', tests.id('carol'), null),
  ('20000000-0000-4000-8000-000000000002', 'acme''s', tests.id('carol'), tests.id('acme'));
insert into public.ai_interactions (user_id, organization_id, agent_id, title, total_cost)
values (tests.id('carol'), tests.id('acme'), '20000000-0000-4000-8000-000000000002', 'Carol''s words', 3);
insert into public.chat_sessions (user_id, org_id) values (tests.id('carol'), tests.id('acme'));

select tests.act_as_anon();
select tests.denied('select public.delete_account()', 'a visitor has none');
select tests.act_as('carol');
select lives_ok('select public.delete_account()', 'a person deletes the own account');
select is_empty('select from public.profiles', 'and is gone at once, whatever the token says');
select tests.refused('select public.delete_account()', 401, 'user_not_found', 'once');
select throws_ok($$ insert into public.organizations (name, slug) values ('x', 'x') $$, '42501', null, 'the token makes nothing any more');

select tests.reset();
select is_empty($$ select from auth.users where id = tests.id('carol') $$, 'the account');
select is_empty($$ select from public.organizations where slug = 'personal-' || tests.id('carol') $$, 'her own organization');
select is_empty($$ select from public.agents where name = 'carol''s' $$, 'her own agent');
select is_empty($$ select from public.chat_sessions $$, 'her conversations: all are gone');
select results_eq(
  $$ select created_by, organization_id, is_platform from public.agents where name = 'acme''s' $$,
  $$ values (null::uuid, tests.id('acme'), false) $$, 'an organization''s agent stays the organization''s'
);
select results_eq(
  $$ select user_id, total_cost, title = 'Carol''s words' from public.ai_interactions $$,
  $$ values (null::uuid, 3.0000000000, false) $$, 'what it counts stays, without her and her words'
);
select is(
  (select deleted_at from public.organizations where slug = 'carols'), now(), 'where she was alone is deleted, and purged later'
);
select is((select count(*) from auth.users), 4::bigint, 'no one else is');

-- Who alone owns what others are members of.
select tests.act_as('alice');
select tests.refused('select public.delete_account()', 409, 'last_owner', 'the only owner of a shared organization is refused');
select throws_like('select public.delete_account()', '%"Acme"%', 'and the message names it');
select is((select count(*) from public.profiles), 1::bigint, 'with nothing done');
select tests.reset();
select tests.refused(
  $$ delete from auth.users where id = tests.id('alice') $$, 409, 'last_owner', 'so is who deletes the row for her'
);
select tests.act_as('alice');
update public.organization_members set role = 'owner' where user_id = tests.id('bob');
select lives_ok('select public.delete_account()', 'after making another an owner she goes');
select tests.act_as('bob');
select results_eq(
  $$ select user_id, role from public.organization_members where organization_id = tests.id('acme') and role = 'owner' $$,
  $$ values (tests.id('bob'), 'owner') $$, 'who is the owner now'
);

select * from finish();
rollback;
