begin;
select plan(22);

-- Every way of writing a membership that a client has, tried by the people of every role.
create temporary table ways (way text primary key, statement text not null);
insert into ways values
  ('an insert', 'insert into public.organization_members (organization_id, user_id, role) values (%1$L, %2$L, %3$L)'),
  ('an upsert', 'insert into public.organization_members (organization_id, user_id, role) values (%1$L, %2$L, %3$L)
    on conflict (organization_id, user_id) do update set role = excluded.role'),
  ('an insert that ignores', 'insert into public.organization_members (organization_id, user_id, role)
    values (%1$L, %2$L, %3$L) on conflict do nothing'),
  ('an insert of seed 003', 'insert into public.user_roles (team_id, user_id, role) values (%1$L, %2$L, %3$L)');
grant select on ways to authenticated;

select tests.act_as('eve');
insert into public.organizations (name, slug) values ('EveCorp', 'evecorp');
select set_config('tests.evecorp', (select id::text from public.organizations where slug = 'evecorp'), true);
select results_eq(
  $$ select user_id, role from public.organization_members where organization_id = current_setting('tests.evecorp')::uuid $$,
  $$ values (tests.id('eve'), 'owner') $$, 'who makes an organization is its owner'
);
select tests.denied(
  format(statement, current_setting('tests.evecorp'), tests.id('alice'), 'member'),
  'but makes no one else a member by ' || way
)
from ways;
select tests.denied(
  format(statement, tests.id('acme'), tests.id('eve'), 'member'), 'nor lets herself in elsewhere by ' || way
)
from ways;
select tests.denied(
  $$ update public.organization_members set user_id = tests.id('alice') where user_id = tests.id('eve') $$,
  'nor turns the own row into another''s'
);
select tests.act_as('alice');
select tests.denied(format(statement, tests.id('acme'), tests.id('eve'), 'member'), 'an owner does not by ' || way) from ways;
select tests.act_as('bob');
select tests.denied(format(statement, tests.id('acme'), tests.id('eve'), 'member'), 'nor an admin by ' || way) from ways;

-- An invitation is no membership.
select tests.act_as('eve');
select lives_ok(
  $$ select public.invite_member(current_setting('tests.evecorp')::uuid, 'alice@example.com', 'admin') $$, 'she invites'
);
select tests.act_as('alice');
select is_empty($$ select from public.organizations where slug = 'evecorp' $$, 'who is invited is in nothing');
select is_empty('select from public.notifications', 'and hears nothing');
select tests.act_as('eve');
select is_empty(
  $$ select from public.organization_people where user_id = tests.id('alice') $$, 'nor is she shown to who invited'
);

select * from finish();
rollback;
