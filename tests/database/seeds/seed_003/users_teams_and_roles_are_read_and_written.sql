-- A client of seed 003 knows profiles as users, organizations as teams, and members as user_roles.
begin;
select plan(26);

select tests.act_as('alice');
select results_eq(
  'select email, full_name, subscription_tier from users', $$ values ('alice@example.com', 'Alice', 'free') $$,
  'users: a person reads the own row'
);
select results_eq(
  $$ update users set full_name = 'Alice A.', avatar_url = 'https://example.com/a.png' where id = auth.uid() returning full_name, updated_at = now() $$,
  $$ values ('Alice A.', true) $$,
  'users: and edits it'
);
select is((select full_name from profiles where id = auth.uid()), 'Alice A.', 'users: the profile has changed');
select tests.denied($$ update users set subscription_tier = 'enterprise' $$, 'users: not what the person pays for');
select tests.denied($$ insert into users (id, email) values (gen_random_uuid(), 'x@example.com') $$, 'users: sign-up makes them');
select tests.denied($$ delete from users $$, 'users: and the account takes them along');

select results_eq(
  $$ insert into teams (name, slug) values ('Rockets', 'rockets') returning name, plan, created_by $$,
  $$ values ('Rockets', 'starter', tests.id('alice')) $$,
  'teams: a person makes one, on the starter plan'
);
select results_eq(
  $$ select name from teams order by name $$, array['Acme', 'Alice''s space', 'Rockets'], 'teams: and reads those that she is in'
);
select results_eq(
  $$ update teams set name = 'Space Rockets' where slug = 'rockets' returning name $$, array['Space Rockets'], 'teams: its owner renames it'
);
select is((select name from organizations where slug = 'rockets'), 'Space Rockets', 'teams: the organization has changed');
select tests.denied($$ update teams set plan = 'enterprise' $$, 'teams: not what it pays for');
select tests.denied($$ delete from teams $$, 'teams: it is deleted by delete_organization()');

select results_eq(
  $$ select role, granted_by from user_roles where team_id = (select id from teams where slug = 'rockets') $$,
  $$ values ('owner', tests.id('alice')) $$,
  'user_roles: who makes a team owns it'
);
-- The seed's roles are given by its backend; a client invites the person.
select tests.denied(
  $$ insert into user_roles (user_id, role, team_id) select tests.id('eve'), 'agent_manager', id from teams where slug = 'rockets' $$,
  'user_roles: no one is made a member by others'
);
select tests.act_as_service();
select results_eq(
  $$
    insert into user_roles (user_id, role, team_id, granted_by)
    select tests.id('eve'), 'agent_manager', id, tests.id('alice') from teams where slug = 'rockets'
    returning role, granted_by, granted_at = now()
  $$,
  $$ values ('agent_manager', tests.id('alice'), true) $$,
  'user_roles: the backend gives a role, and says who gave it'
);
select tests.act_as('alice');
select isnt((select id from user_roles where user_id = tests.id('eve')), null, 'user_roles: each has an id');
select is(
  (select count(distinct id) = count(*) from user_roles), true, 'user_roles: of its own'
);
select results_eq(
  $$ update user_roles set role = 'viewer' where id = (select id from user_roles where user_id = tests.id('eve')) returning role $$,
  array['viewer'], 'user_roles: it is found by that id and changed'
);
select tests.breaks(
  $$ update user_roles set role = 'superuser' where user_id = tests.id('eve') $$, 'role_is_known', 'user_roles: to a role that there is'
);

select tests.act_as('eve');
select results_eq(
  $$ select teams.name from teams join user_roles on user_roles.team_id = teams.id where user_roles.user_id = auth.uid() and user_roles.role = 'viewer' $$,
  array['Space Rockets'], 'user_roles: a member with any role sees the team'
);
select is_empty(
  $$ update user_roles set role = 'owner' where user_id = auth.uid() and role = 'viewer' returning role $$, 'user_roles: no member raises their own role'
);
select is_empty('select from users where id <> auth.uid()', 'users: no one reads a teammate''s row');

select tests.act_as('alice');
select tests.changes(
  $$ delete from user_roles where user_id = tests.id('eve') $$, 1, 'user_roles: a role is taken away'
);
select tests.act_as('eve');
select is_empty($$ select from teams where slug = 'rockets' $$, 'teams: with it the team is gone');

select tests.act_as('dave');
select is_empty(
  $$ update teams set name = 'Mine' where slug = 'acme' returning name $$, 'teams: a viewer renames nothing'
);
select tests.denied(
  $$ insert into user_roles (user_id, role, team_id) values (tests.id('eve'), 'viewer', tests.id('acme')) $$,
  'user_roles: and gives no role'
);

select * from finish();
rollback;
