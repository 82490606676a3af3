begin;
select plan(1);

insert into public.agents (id, name, organization_id) values
  ('20000000-0000-4000-8000-000000000001', 'One', tests.id('acme'));
insert into public.ai_interactions (organization_id, agent_id, title, started_at)
values (tests.id('acme'), '20000000-0000-4000-8000-000000000001', 'x', '2026-01-01');

select tests.act_as('dave');
select results_eq(
  $$ select agents.team_id, agents.last_activity from public.agents where agents.team_id = tests.id('acme') $$,
  $$ values (tests.id('acme'), timestamptz '2026-01-01') $$, 'seed 003''s, to read'
);

select * from finish();
rollback;
