begin;
select plan(7);

insert into public.agents (name, organization_id, created_by)
values ('Acme''s agent', tests.id('acme'), tests.id('alice'));

select tests.act_as('dave');
select is((select count(*) from public.agents where name = 'Acme''s agent'), 1::bigint, 'a member sees the agent');

select tests.changes(
  $$
    delete from public.organization_members
    where organization_id = tests.id('acme') and user_id = tests.id('dave')
  $$,
  1, 'anyone may leave'
);

select is_empty($$ select id from public.organizations where id = tests.id('acme') $$, 'the organization is not seen');
select is_empty(
  $$ select user_id from public.organization_members where organization_id = tests.id('acme') $$, 'nor its members'
);
select is_empty($$ select id from public.agents where name = 'Acme''s agent' $$, 'nor its agents');
select is_empty(
  $$ select user_id from public.organization_people where organization_id = tests.id('acme') $$, 'nor its people'
);

-- What the token says does not matter: the membership row does.
select set_config(
  'request.jwt.claims',
  json_build_object(
    'sub', tests.id('dave'), 'role', 'authenticated',
    'app_metadata', json_build_object('organization_id', tests.id('acme'), 'role', 'owner')
  )::text,
  true
);
select is_empty(
  $$ select id from public.organizations where id = tests.id('acme') $$, 'a token that says otherwise does not help'
);

select * from finish();
rollback;
