begin;
select plan(11);

insert into public.agents (id, name, organization_id, created_by, is_public, is_published)
values ('20000000-0000-4000-8000-000000000001', 'Acme''s', tests.id('acme'), tests.id('alice'), true, true);
insert into public.chat_sessions (user_id, org_id, title) values (tests.id('alice'), tests.id('acme'), 'Acme chat');
insert into public.ai_interactions (organization_id, user_id, title)
values (tests.id('acme'), tests.id('alice'), 'Acme record');

select tests.act_as('alice');
select public.delete_organization(tests.id('acme'));

select is_empty(format(question, tests.id('acme')), 'its owner sees nothing: ' || question)
from unnest(array[
  'select id from public.organizations where id = %L',
  'select user_id from public.organization_members where organization_id = %L',
  'select user_id from public.organization_people where organization_id = %L',
  'select id from public.agents where organization_id = %L',
  'select id from public.chat_sessions where org_id = %L',
  'select id from public.ai_interactions where organization_id = %L',
  'select id from public.teams where id = %L'
]) as question;
select is_empty(
  $$ select id from public.public_agents where id = '20000000-0000-4000-8000-000000000001' $$,
  'its public agents are public no more'
);
select tests.denied(
  $$ insert into public.agents (name, organization_id) values ('New', tests.id('acme')) $$, 'and nothing is added'
);

select tests.act_as('dave');
select is_empty($$ select id from public.organizations where id = tests.id('acme') $$, 'a member sees nothing either');

select tests.reset();
select results_eq(
  $$ select deleted_at from public.organizations where id = tests.id('acme') $$,
  $$ values (now()) $$,
  'it is kept, with the time of its deletion'
);

select * from finish();
rollback;
