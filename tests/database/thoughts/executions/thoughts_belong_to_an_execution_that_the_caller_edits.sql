begin;
select plan(4);

insert into public.agents (id, name, created_by) values
  ('20000000-0000-4000-8000-000000000001', 'Eve''s', tests.id('eve')),
  ('20000000-0000-4000-8000-000000000002', 'Bob''s', tests.id('bob'));
insert into public.agents (id, name, created_by, organization_id) values
  ('20000000-0000-4000-8000-000000000003', 'Dave''s', tests.id('dave'), null),
  ('20000000-0000-4000-8000-000000000004', 'Acme''s', tests.id('alice'), tests.id('acme'));
insert into public.workflows (id, agent_id, name) values
  ('c0000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'e'),
  ('c0000000-0000-4000-8000-000000000002', '20000000-0000-4000-8000-000000000002', 'b'),
  ('c0000000-0000-4000-8000-000000000003', '20000000-0000-4000-8000-000000000004', 'd');
insert into public.workflow_executions (id, workflow_id) values
  ('c2000000-0000-4000-8000-000000000001', 'c0000000-0000-4000-8000-000000000001'),
  ('c2000000-0000-4000-8000-000000000002', 'c0000000-0000-4000-8000-000000000002'),
  ('c2000000-0000-4000-8000-000000000003', 'c0000000-0000-4000-8000-000000000003');

select tests.act_as('eve');
select lives_ok(
  $$
    insert into public.agent_thoughts (agent_id, execution_id, node_id, node_type, content) values (
      '20000000-0000-4000-8000-000000000001', 'c2000000-0000-4000-8000-000000000001', 'n', 'output', 'c'
    )
  $$,
  'the own'
);
select tests.denied(
  $$
    insert into public.agent_thoughts (agent_id, execution_id, node_id, node_type, content) values (
      '20000000-0000-4000-8000-000000000001', 'c2000000-0000-4000-8000-000000000002', 'n', 'output', 'c'
    )
  $$,
  'not another person''s'
);
select tests.act_as('dave');
select tests.denied(
  $$
    insert into public.agent_thoughts (agent_id, execution_id, node_id, node_type, content) values (
      '20000000-0000-4000-8000-000000000003', 'c2000000-0000-4000-8000-000000000003', 'n', 'output', 'c'
    )
  $$,
  'not one that the caller reads without editing it'
);
select tests.reset();
delete from public.workflow_executions;
select is_empty('select id from public.agent_thoughts', 'and go with it');

select * from finish();
rollback;
