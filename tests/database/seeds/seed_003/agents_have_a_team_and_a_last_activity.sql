-- Seed 003 names two columns of agents in its own way. As functions of the row they are written like
-- columns, in SQL and in the Data API's `select`.
begin;
select plan(4);

select tests.act_as('carol');
insert into agents (name, type, organization_id) values ('Market watch', 'market', tests.id('acme'));
select results_eq(
  $$ select agents.team_id, agents.last_activity from agents where name = 'Market watch' $$,
  $$ values (tests.id('acme'), null::timestamptz) $$,
  'an agent has a team and, at first, no activity'
);
insert into ai_interactions (agent_id, title) select id, 'Used' from agents where name = 'Market watch';
select is(
  (select agents.last_activity from agents where name = 'Market watch'), now(), 'its use is its last activity'
);
select results_eq(
  $$ select agents.name from agents where agents.team_id = tests.id('acme') $$, array['Market watch'], 'agents are found by their team'
);
select results_eq(
  $$ select teams.name from teams join agents on agents.team_id = teams.id where agents.name = 'Market watch' $$,
  array['Acme'], 'and joined with it'
);

select * from finish();
rollback;
