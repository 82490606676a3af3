begin;
select plan(8);

update public.plans set conversation_days = 30 where id = 'starter';
update public.plans set conversation_days = 90 where id = 'pro';
update public.plans set conversation_days = null where id not in ('starter', 'pro');
update public.organizations set plan = 'pro';
update public.organizations set plan = 'starter' where id = tests.id('acme');
insert into public.agents (id, name, organization_id, created_by) values
  ('20000000-0000-4000-8000-000000000001', 'starter', tests.id('acme'), null),
  ('20000000-0000-4000-8000-000000000002', 'pro', (select current_organization_id from public.profiles where id = tests.id('eve')), null),
  ('20000000-0000-4000-8000-000000000003', 'platform', null, null);
insert into public.agent_thoughts (agent_id, node_id, node_type, content, created_at)
select agents.id, 'n', 'input', agents.name || ' ' || days, now() - days * interval '1 day' - interval '1 microsecond'
from public.agents, unnest(array[0, 29, 30, 31, 89, 90]) as days
where agents.name in ('starter', 'pro', 'platform');
insert into public.workflows (id, agent_id, name) values ('50000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'x');
insert into public.workflow_executions (id, workflow_id, status, started_at, updated_at)
select format('60000000-0000-4000-8000-00000000000%s', n)::uuid, '50000000-0000-4000-8000-000000000001', status, now() - began, now() - changed
from (values
  (1, 'success', interval '31 days', interval '31 days'), (2, 'error', '31 days', '31 days'), (3, 'waiting', '31 days', '29 days'),
  (4, 'success', '29 days', '29 days')
) as executions (n, status, began, changed);
insert into public.agent_thoughts (agent_id, execution_id, node_id, node_type, content)
values ('20000000-0000-4000-8000-000000000001', '60000000-0000-4000-8000-000000000001', 'n', 'input', 'of an execution');

select is(private.remove_old_thoughts('20000000-0000-4000-8000-000000000001', 1), 1, 'a batch is no larger than wanted');
select is(private.remove_old_executions('20000000-0000-4000-8000-000000000001', 1), 1, 'of executions neither');
select is(tests.work_off('apply-agent-retention'), 6::bigint, 'thoughts and executions go that are older than their agent''s plan keeps conversations');
select set_eq(
  $$ select content from public.agent_thoughts where content ~ '\d' $$,
  array['starter 0', 'starter 29', 'pro 0', 'pro 29', 'pro 30', 'pro 31', 'pro 89', 'platform 0', 'platform 29', 'platform 30', 'platform 31', 'platform 89'],
  'those of an agent of no organization after the longest time of the plans in use'
);
select set_eq(
  'select status, started_at < now() - interval ''30 days'' from public.workflow_executions', $$ values ('waiting', true), ('success', false) $$,
  'that nothing happened to for so long'
);
select is_empty('select from public.agent_thoughts where content = ''of an execution''', 'with their thoughts');
select results_eq(
  'select execution_count, success_count, error_count from public.workflows', 'values (4, 2, 1)', 'the workflow''s counters stay'
);

update public.organizations set plan = (select id from public.plans where conversation_days is null limit 1);
update public.agent_thoughts set created_at = '2000-01-01Z';
update public.workflow_executions set started_at = '2000-01-01Z';
select is(tests.work_off('apply-agent-retention'), 0::bigint, 'a plan may keep them forever');

select * from finish();
rollback;
