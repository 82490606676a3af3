begin;
select plan(1);

insert into public.agents (id, name, organization_id, is_public) values
  ('20000000-0000-4000-8000-000000000001', 'Acme''s', tests.id('acme'), true);

select tests.act_as('carol');
insert into public.chat_sessions (agent_id, title) values ('20000000-0000-4000-8000-000000000001', 'Carol''s');
select tests.act_as('eve');
insert into public.chat_sessions (agent_id, title) values ('20000000-0000-4000-8000-000000000001', 'Eve''s');
select tests.act_as('dave');
insert into public.chat_sessions (agent_id, title) values ('20000000-0000-4000-8000-000000000001', 'Dave''s');

select tests.act_as_service();
insert into public.chat_sessions (agent_id, website_domain, title)
values ('20000000-0000-4000-8000-000000000001', 'example.com', 'A visitor''s');
insert into public.chat_sessions (user_id, title) values (tests.id('bob'), 'Bob''s, by the backend');
select tests.reset();

select results_eq(
  $$
    select sessions.title, organizations.slug
    from public.chat_sessions sessions
    join public.organizations on organizations.id = sessions.org_id
    order by sessions.title
  $$,
  $$
    values
      ('A visitor''s', 'acme'),
      ('Bob''s, by the backend', 'personal-' || tests.id('bob')),
      ('Carol''s', 'acme'),
      ('Dave''s', 'personal-' || tests.id('dave')),
      ('Eve''s', 'personal-' || tests.id('eve'))
  $$,
  'a member''s and a visitor''s session is the organization''s, that of a stranger or viewer the person''s own'
);

select * from finish();
rollback;
