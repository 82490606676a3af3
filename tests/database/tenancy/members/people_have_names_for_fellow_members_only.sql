begin;
select plan(4);

update public.organization_members set last_active_at = now() where organization_id = tests.id('acme');

select tests.act_as('dave');
select results_eq(
  $$
    select user_id, role, email, full_name from public.organization_people
    where organization_id = tests.id('acme') order by user_id
  $$,
  $$
    values
      (tests.id('alice'), 'owner', 'alice@example.com', 'Alice'),
      (tests.id('bob'), 'admin', 'bob@example.com', 'Bob'),
      (tests.id('carol'), 'agent_manager', 'carol@example.com', 'Carol'),
      (tests.id('dave'), 'viewer', 'dave@example.com', 'Dave')
  $$,
  'a member sees who the others are'
);
select results_eq(
  'select id from public.profiles', $$ values (tests.id('dave')) $$, 'though their profiles stay private'
);

select tests.act_as('eve');
select results_eq(
  'select user_id, email from public.organization_people',
  $$ values (tests.id('eve'), 'eve@example.com') $$,
  'an outsider sees the own space only'
);

select tests.act_as_anon();
select tests.denied('select * from public.organization_people', 'a visitor may not look');

select * from finish();
rollback;
