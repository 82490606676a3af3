begin;
select plan(2);

update public.profiles set avatar_url = 'https://example.com/e.png' where id = tests.id('eve');
insert into public.organizations (id, name, slug, created_by)
values ('60000000-0000-4000-8000-000000000001', 'Bob''s', 'bobs', tests.id('bob'));

-- The backend adds people without asking them. That must not tell who they are.
insert into public.organization_members (organization_id, user_id, role)
values ('60000000-0000-4000-8000-000000000001', tests.id('eve'), 'member');
select tests.act_as('bob');
select results_eq(
  $$
    select user_id, role, email, full_name, avatar_url, last_active_at from public.organization_people
    where organization_id = '60000000-0000-4000-8000-000000000001' order by user_id
  $$,
  $$
    values
      (tests.id('bob'), 'owner', 'bob@example.com', 'Bob', null::text, now()),
      (tests.id('eve'), 'member', null, null, null, null)
  $$,
  'the one who made it is there, the one who was added is an id'
);

select tests.act_as('eve');
update public.profiles set current_organization_id = '60000000-0000-4000-8000-000000000001';
insert into public.ai_interactions (agent_id, title) select agents.id, 'I am here' from public.agents limit 1;
select tests.act_as('bob');
select results_eq(
  $$
    select email, full_name, avatar_url, last_active_at from public.organization_people where user_id = tests.id('eve')
  $$,
  $$ values ('eve@example.com', 'Eve', 'https://example.com/e.png', now()) $$,
  'who records something there has come'
);

select * from finish();
rollback;
