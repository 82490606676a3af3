begin;
select plan(6);

insert into public.agents (id, name, created_by, organization_id) values
  ('20000000-0000-4000-8000-000000000001', 'Acme''s', tests.id('alice'), tests.id('acme')),
  ('20000000-0000-4000-8000-000000000002', 'Acme''s other', tests.id('alice'), tests.id('acme'));
insert into public.ai_interactions (organization_id, agent_id, title)
select tests.id('acme'), id, 'x' from public.agents where id::text like '20000000-%';

select tests.act_as('dave');
select is(
  round(public.update_agent_activity_score('20000000-0000-4000-8000-000000000001')::numeric, 4), 0.6143,
  'a viewer has it computed'
);
select results_eq(
  $$
    select name, round(activity_score::numeric, 4) from public.agents
    where organization_id = tests.id('acme') order by name
  $$,
  $$ values ('Acme''s', 0.6143), ('Acme''s other', 0.0000) $$, 'and stored, of that agent alone'
);
select tests.act_as('eve');
select tests.refused(
  $$ select public.update_agent_activity_score('20000000-0000-4000-8000-000000000001') $$, 404, 'agent_not_found',
  'an outsider learns nothing'
);
select tests.refused(
  'select public.update_agent_activity_score(gen_random_uuid())', 404, 'agent_not_found', 'nor whether it is there'
);
select tests.refused(
  'select public.update_agent_activity_score(null)', 404, 'agent_not_found', 'nor does nothing mean all'
);
select tests.act_as_anon();
select tests.denied(
  $$ select public.update_agent_activity_score('20000000-0000-4000-8000-000000000001') $$, 'a visitor may not ask'
);

select * from finish();
rollback;
