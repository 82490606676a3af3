begin;
select plan(1);

insert into public.agents (id, name, organization_id, created_by, is_public) values
  ('20000000-0000-4000-8000-000000000001', 'Acme''s', tests.id('acme'), tests.id('alice'), true);

select tests.act_as('carol');
insert into public.ai_interactions (agent_id, title) values ('20000000-0000-4000-8000-000000000001', 'Carol, Acme''s');
insert into public.ai_interactions (agent_id, title) select id, 'Carol, droid' from public.agents where name = 'droid';
select tests.act_as('eve');
insert into public.ai_interactions (agent_id, title) values ('20000000-0000-4000-8000-000000000001', 'Eve, Acme''s');
select tests.act_as('dave');
update public.profiles set current_organization_id = tests.id('acme') where id = tests.id('dave');
insert into public.ai_interactions (agent_id, title) values ('20000000-0000-4000-8000-000000000001', 'Dave, Acme''s');
select tests.act_as('bob');
update public.profiles set current_organization_id = tests.id('acme') where id = tests.id('bob');
insert into public.ai_interactions (agent_id, title) select id, 'Bob, droid' from public.agents where name = 'droid';
select tests.reset();

select results_eq(
  $$
    select i.title, i.source, organizations.slug, i.user_id = organizations.created_by
    from public.ai_interactions i
    join public.organizations on organizations.id = i.organization_id
    order by i.title
  $$,
  $$
    values
      ('Bob, droid', 'manual', 'acme', false),
      ('Carol, Acme''s', 'manual', 'acme', false),
      ('Carol, droid', 'manual', 'personal-' || tests.id('carol'), true),
      ('Dave, Acme''s', 'manual', 'personal-' || tests.id('dave'), true),
      ('Eve, Acme''s', 'manual', 'personal-' || tests.id('eve'), true)
  $$,
  'the agent''s organization for those who may chat there, else the current one, else the personal one'
);

select * from finish();
rollback;
