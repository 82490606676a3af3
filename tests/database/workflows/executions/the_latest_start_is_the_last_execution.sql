begin;
select plan(2);

insert into public.agents (id, name, created_by) values
  ('20000000-0000-4000-8000-000000000001', 'One', tests.id('eve'));
insert into public.workflows (id, agent_id, name) values
  ('c0000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'a');

insert into public.workflow_executions (workflow_id, started_at) values
  ('c0000000-0000-4000-8000-000000000001', '2026-01-02 00:00:00.123456+00'),
  ('c0000000-0000-4000-8000-000000000001', '2026-01-01');
select results_eq(
  'select last_execution from public.workflows', $$ values (timestamptz '2026-01-02 00:00:00.123456+00') $$,
  'of several the latest, to the microsecond'
);
insert into public.workflow_executions (workflow_id, started_at) values
  ('c0000000-0000-4000-8000-000000000001', '2025-01-01');
update public.workflow_executions set status = 'success';
delete from public.workflow_executions;
select results_eq(
  'select last_execution, execution_count from public.workflows',
  $$ values (timestamptz '2026-01-02 00:00:00.123456+00', 0) $$, 'an older one, a change or a deletion do not turn it back'
);

select * from finish();
rollback;
