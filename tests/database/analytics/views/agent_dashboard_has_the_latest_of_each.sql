begin;
select plan(3);

insert into public.agents (id, name, created_by, updated_at) values
  ('20000000-0000-4000-8000-000000000001', 'One', tests.id('eve'), '2026-01-01'),
  ('20000000-0000-4000-8000-000000000002', 'Two', tests.id('eve'), '2026-01-02');
insert into public.deployments (agent_id, status, deployed_at, created_at) values
  ('20000000-0000-4000-8000-000000000001', 'deployed', '2026-01-02', '2026-01-02'),
  ('20000000-0000-4000-8000-000000000001', 'failed', null, '2026-01-01');
insert into public.workflows (id, agent_id, name, created_at) values
  ('c0000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'new', '2026-01-02'),
  ('c0000000-0000-4000-8000-000000000002', '20000000-0000-4000-8000-000000000001', 'old', '2026-01-01');
insert into public.workflow_executions (workflow_id, status)
select 'c0000000-0000-4000-8000-000000000001', status from unnest(array['success', 'success', 'error', 'running']) as status;
insert into public.workflow_executions (workflow_id) values ('c0000000-0000-4000-8000-000000000002');
update public.agent_health set status = 'degraded', last_check = '2026-01-03'
where agent_id = '20000000-0000-4000-8000-000000000001';

select tests.act_as('eve');
select results_eq(
  $$
    select name, deployment_status, deployed_at, execution_count, success_count, error_count, health_status,
      health_checked_at
    from public.agent_dashboard where created_by = tests.id('eve')
  $$,
  $$
    values
      ('Two', null, null::timestamptz, null::integer, null::integer, null::integer, 'healthy', null::timestamptz),
      ('One', 'deployed', '2026-01-02', 4, 2, 1, 'degraded', '2026-01-03')
  $$,
  'deployment, workflow and health, the agent that changed last first'
);
select tests.act_as('bob');
select is_empty($$ select id from public.agent_dashboard where created_by = tests.id('eve') $$, 'others see nothing of it');
select tests.act_as_anon();
select tests.denied('select id from public.agent_dashboard', 'nor a visitor');

select * from finish();
rollback;
