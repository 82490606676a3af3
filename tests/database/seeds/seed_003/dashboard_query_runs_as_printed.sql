-- Seed 003, "Query Optimization".
begin;
select plan(5);

select tests.act_as('dave');
insert into agents (name, type) values ('Market watch', 'market'), ('News watch', 'websearch');
select tests.reset();
insert into deployments (agent_id, status, deployed_at)
select id, 'deployed', now() - interval '1 day' from agents where name = 'Market watch';
select tests.act_as('dave');
insert into workflows (agent_id, name) select id, 'Hourly' from agents where name = 'Market watch';
insert into workflow_executions (workflow_id, status)
select workflows.id, runs.status from workflows cross join unnest(array['success', 'success', 'error', 'running']) as runs (status);

prepare dashboard (uuid) as
-- Efficient agent dashboard query
SELECT 
  a.*,
  d.status as deployment_status,
  d.deployed_at,
  w.execution_count,
  w.success_count,
  w.error_count
FROM agents a
LEFT JOIN LATERAL (
  SELECT status, deployed_at 
  FROM deployments 
  WHERE agent_id = a.id 
  ORDER BY created_at DESC 
  LIMIT 1
) d ON true
LEFT JOIN LATERAL (
  SELECT execution_count, success_count, error_count
  FROM workflows 
  WHERE agent_id = a.id 
  ORDER BY created_at DESC 
  LIMIT 1
) w ON true
WHERE a.created_by = $1
ORDER BY a.updated_at DESC;

create temporary table dashboard as execute dashboard ('00000000-0000-4000-8000-00000000000d');
select results_eq(
  'select name, deployment_status, deployed_at, execution_count, success_count, error_count from dashboard order by name',
  $$ values
    ('Market watch', 'deployed', now() - interval '1 day', 4, 2, 1),
    ('News watch', null, null, null, null, null) $$,
  'each agent with its latest deployment and the counts of its latest workflow'
);
select set_eq(
  'select name, deployment_status, deployed_at, execution_count, success_count, error_count from agent_dashboard where created_by = auth.uid()',
  'select name, deployment_status, deployed_at, execution_count, success_count, error_count from dashboard',
  'agent_dashboard says the same'
);

select tests.reset();
insert into public.deployments (agent_id, status, created_at)
select id, 'failed', now() + interval '1 minute' from public.agents where name = 'Market watch';
insert into public.workflows (agent_id, name, created_at)
select id, 'Daily', now() + interval '1 minute' from public.agents where name = 'Market watch';
select tests.act_as('dave');
create temporary table dashboard_later as execute dashboard ('00000000-0000-4000-8000-00000000000d');
select results_eq(
  $$ select deployment_status, execution_count from dashboard_later where name = 'Market watch' $$, $$ values ('failed', 0) $$,
  'a later deployment and a later workflow take their place'
);
select results_eq(
  $$ select deployment_status, execution_count from agent_dashboard where name = 'Market watch' $$, $$ values ('failed', 0) $$,
  'there too'
);

select tests.act_as('eve');
select is_empty(
  $$ execute dashboard ('00000000-0000-4000-8000-00000000000d') $$, 'another user''s dashboard is empty'
);

select * from finish();
rollback;
