begin;
select plan(10);

select tests.act_as('bob');
select results_eq(
  $$ select user_id, role, team_id, granted_by from public.user_roles where team_id = tests.id('acme') order by user_id $$,
  $$
    values
      (tests.id('alice'), 'owner', tests.id('acme'), tests.id('alice')),
      (tests.id('bob'), 'admin', tests.id('acme'), tests.id('alice')),
      (tests.id('carol'), 'agent_manager', tests.id('acme'), tests.id('alice')),
      (tests.id('dave'), 'viewer', tests.id('acme'), tests.id('alice'))
  $$,
  'members see each other'
);
select tests.denied(
  $$ insert into public.user_roles (user_id, team_id, role) values (tests.id('eve'), tests.id('acme'), 'viewer') $$,
  'an admin adds none: the person is to be invited'
);
select tests.act_as_service();
select results_eq(
  $$
    insert into public.user_roles (user_id, team_id, role, granted_by)
    values (tests.id('eve'), tests.id('acme'), 'viewer', tests.id('bob'))
    returning role, granted_by
  $$,
  $$ values ('viewer', tests.id('bob')) $$, 'the backend adds one'
);
select tests.act_as('bob');
select tests.changes(
  $$ update public.user_roles set role = 'member' where user_id = tests.id('eve') and team_id = tests.id('acme') $$, 1,
  'an admin changes the role'
);
select tests.denied(
  $$ update public.user_roles set role = 'owner' where user_id = tests.id('eve') and team_id = tests.id('acme') $$,
  'but makes no owner'
);
select tests.changes(
  $$ delete from public.user_roles where user_id = tests.id('eve') and team_id = tests.id('acme') $$, 1, 'and removes it'
);
select tests.changes(
  $$ delete from public.user_roles where user_id = tests.id('alice') and team_id = tests.id('acme') $$, 0, 'but no owner'
);
select tests.denied('update public.user_roles set id = gen_random_uuid()', 'the id follows from the pair and is not written');
select is(
  (select count(distinct id) from public.user_roles), (select count(*) from public.user_roles), 'and tells the rows apart'
);
select is(
  (select id from public.user_roles where user_id = tests.id('dave')),
  md5('00000000-0000-4000-8000-00000000000d' || '00000000-0000-4000-8000-0000000000ac')::uuid, 'always the same'
);

select * from finish();
rollback;
