begin;
select plan(12);

-- Eve's agent belongs to no organization. Another of hers is in her personal one.
create function pg_temp.large(claim text) returns text language sql as $$
  select is(private.is_large_account(tests.id('eve')), true, claim)
$$;
insert into public.agents (id, name, created_by, organization_id) values
  ('20000000-0000-4000-8000-000000000001', 'Eve''s', tests.id('eve'), null),
  ('20000000-0000-4000-8000-000000000002', 'Hers, too', tests.id('eve'), private.home_organization(null, tests.id('eve')));
insert into public.workflows (id, agent_id, name)
select ('c' || substr(id::text, 2))::uuid, id, 'w' from public.agents where created_by = tests.id('eve');
select is(private.is_large_account(tests.id('eve')), false, 'an account with agents is deleted at once');
savepoint before;
insert into public.workflow_executions (workflow_id, execution_id)
select 'c0000000-0000-4000-8000-000000000001', n from generate_series(1, 1000) n;
select pg_temp.large('not so with a thousand executions');
rollback to before;
insert into public.agents (name, created_by) select 'own ' || n, tests.id('eve') from generate_series(1, 998) n;
select pg_temp.large('nor with a thousand agents');
rollback to before;
insert into public.audit_events (organization_id, actor_type, action, table_name, row_id)
select private.home_organization(null, tests.id('eve')), 'service', 'changed', 'agents', n::text from generate_series(1, 10000) n;
select pg_temp.large('nor with a long log of the personal organization');
rollback to before;

insert into public.workflow_executions (id, workflow_id, execution_id) values
  ('e0000000-0000-4000-8000-000000000001', 'c0000000-0000-4000-8000-000000000001', '1'),
  ('e0000000-0000-4000-8000-000000000002', 'c0000000-0000-4000-8000-000000000002', '2');
insert into public.agent_thoughts (agent_id, execution_id, node_id, node_type, content)
select ('20000000' || substr(id::text, 9))::uuid, id, n::text, 'output', 'x'
from public.workflow_executions, generate_series(1, 5000) n where execution_id in ('1', '2');
select pg_temp.large('nor with ten thousand thoughts');
select tests.act_as('eve');
select lives_ok('select public.delete_account()', 'which is closed');
select tests.reset();
select is((select count(*) from public.agent_thoughts where content = 'x'), 10000::bigint, 'and keeps them until the job comes');
delete from public.audit_events;
select is(private.delete_closed_account(tests.id('eve'), 200), 200, 'a step removes a share');
select is((select count(*) from public.agent_thoughts where content = 'x'), 9800::bigint, 'of the thoughts first');
select tests.work_off('delete-accounts');
select is_empty($$ select from auth.users where id = tests.id('eve') $$, 'the job removes the account');
select is_empty($$ select from public.agent_thoughts where content = 'x' $$, 'its thoughts');
select is_empty($$ select from public.agents where name in ('Eve''s', 'Hers, too') $$, 'and its agents');

select * from finish();
rollback;
