begin;
select plan(12);

insert into public.agents (id, name, created_by) values
  ('20000000-0000-4000-8000-000000000001', 'One', tests.id('eve'));
insert into public.workflows (agent_id, name) values ('20000000-0000-4000-8000-000000000001', 'w');
insert into public.workflow_executions (workflow_id) select id from public.workflows;
insert into public.deployments (agent_id) values ('20000000-0000-4000-8000-000000000001');

select tests.act_as('eve');
select tests.denied(format('update public.workflows set %s', change), change || ' is denied')
from unnest(array[
  'execution_count = 0', 'success_count = 0', 'error_count = 0', 'last_execution = now()', 'agent_id = gen_random_uuid()'
]) as change;
select tests.denied(format('update public.workflow_executions set %s', change), change || ' is denied')
from unnest(array['workflow_id = gen_random_uuid()', 'started_at = ''-infinity''', 'execution_id = ''x''', 'input_data = ''1''']) as change;
select tests.denied('update public.deployments set agent_id = gen_random_uuid()', 'a deployment stays its agent''s');
select tests.denied('update public.agent_thoughts set content = null', 'a thought is not rewritten');
select tests.denied(
  $$
    insert into public.workflows (agent_id, name, execution_count)
    values ('20000000-0000-4000-8000-000000000001', 'x', 5)
  $$,
  'nor does a workflow start with a count'
);

select * from finish();
rollback;
