begin;
select plan(16);

insert into public.agents (id, name, created_by, organization_id) values
  ('20000000-0000-4000-8000-000000000001', 'Acme''s', tests.id('alice'), tests.id('acme'));
insert into public.api_usage (user_id, endpoint, method, status_code) values
  (tests.id('carol'), '/carol', 'GET', 200), (tests.id('bob'), '/bob', 'GET', 200);
insert into public.ai_interactions (organization_id, user_id, agent_id, title)
select tests.id('acme'), person, '20000000-0000-4000-8000-000000000001', 'x'
from unnest(array[tests.id('carol'), tests.id('bob'), tests.id('bob')]) as person;
insert into public.agent_metrics (agent_id, metric_type, value) values ('20000000-0000-4000-8000-000000000001', 'm', 4);

select tests.act_as('carol');
select results_eq('select endpoint from public.api_usage', $$ values ('/carol') $$, 'the own calls');
select results_eq('select total_interactions from public.ai_usage_stats', 'values (1)', 'the own figures');
select results_eq('select total_interactions from public.agent_usage_daily', 'values (3)', 'the organization''s figures');
select results_eq('select metric_type from public.agent_metrics', $$ values ('m') $$, 'the metrics of agents in sight');
select tests.denied(statement, statement)
from unnest(array[
  $$ insert into public.api_usage (endpoint, method, status_code) values ('/x', 'GET', 200) $$,
  'update public.usage_daily_rollup set total_cost = 0',
  'delete from public.usage_daily_rollup',
  'delete from public.usage_deltas',
  $$ update public.usage_calendars set rolled_up_until = '-infinity' $$,
  'update public.agent_metrics set value = 0',
  'delete from public.agent_metrics'
]) as statement;
select lives_ok(
  $$
    insert into public.agent_metrics (agent_id, metric_type, value, unit, metadata)
    values ('20000000-0000-4000-8000-000000000001', 'accuracy', 99.5, 'percent', '{"run": 1}')
  $$,
  'who edits an agent records its metrics'
);

select tests.act_as('dave');
select is((select count(*) from public.agent_metrics), 2::bigint, 'a viewer reads them');
select tests.denied(
  $$
    insert into public.agent_metrics (agent_id, metric_type, value)
    values ('20000000-0000-4000-8000-000000000001', 'accuracy', 1)
  $$,
  'and records none'
);
select tests.act_as('eve');
select is_empty('select from public.agent_usage_daily', 'an outsider sees no organization''s figures');
select is_empty('select id from public.agent_metrics', 'and no metrics');

select * from finish();
rollback;
