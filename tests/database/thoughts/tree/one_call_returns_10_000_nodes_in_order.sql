begin;
select plan(11);

insert into public.agents (id, name, created_by, organization_id) values
  ('20000000-0000-4000-8000-000000000001', 'Acme''s', tests.id('alice'), tests.id('acme'));
insert into public.workflows (id, agent_id, name) values
  ('c0000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'w');
insert into public.workflow_executions (id, workflow_id) values
  ('c2000000-0000-4000-8000-000000000001', 'c0000000-0000-4000-8000-000000000001'),
  ('c2000000-0000-4000-8000-000000000002', 'c0000000-0000-4000-8000-000000000001'),
  ('c2000000-0000-4000-8000-000000000003', 'c0000000-0000-4000-8000-000000000001');

-- Ten children each, as wide as it is deep, in one statement, which is planned for an empty table.
analyze public.agent_thoughts;
create function pg_temp.record_nodes() returns void language sql as $$
  insert into public.agent_thoughts (agent_id, execution_id, node_id, parent_node_id, node_type, content)
  select '20000000-0000-4000-8000-000000000001', 'c2000000-0000-4000-8000-000000000002', 'n' || n,
    case when n > 1 then 'n' || (n + 8) / 10 end, 'processing', 'Thought ' || n
  from generate_series(1, 10001) n
$$;
select cmp_ok(tests.buffers('select pg_temp.record_nodes()'), '<', 1500000::bigint, 'each is looked up by its name');
insert into public.agent_thoughts (agent_id, execution_id, node_id, parent_node_id, node_type, content, created_at)
select '20000000-0000-4000-8000-000000000001', 'c2000000-0000-4000-8000-000000000001', node, parent, 'action',
  repeat('x', size), '2026-01-01Z'::timestamptz + make_interval(secs => place)
from (values
  (1, 'root', null, 1), (2, 'first', 'root', 1), (3, 'second', 'root', 2001), (4, 'below', 'first', 1),
  (5, 'late', 'missing', 1)
) as thought (place, node, parent, size);

select tests.act_as('dave');
select results_eq(
  $$
    select node ->> 'node_id', (node ->> 'level')::integer, (node ->> 'is_orphan')::boolean
    from jsonb_array_elements(
      public.agent_thought_tree('c2000000-0000-4000-8000-000000000001') -> 'nodes'
    ) with ordinality as nodes (node, place)
    order by place
  $$,
  $$ values ('root', 1, false), ('first', 2, false), ('below', 3, false), ('second', 2, false), ('late', 1, true) $$,
  'depth first, and without their parents at the first level'
);
select results_eq(
  $$
    select char_length(node ->> 'content'), (node ->> 'content_length')::integer
    from jsonb_array_elements(
      public.agent_thought_tree('c2000000-0000-4000-8000-000000000001') -> 'nodes'
    ) node
    where node ->> 'node_id' = 'second'
  $$,
  'values (2000, 2001)', 'long thoughts are cut'
);
create temporary table tree as
select public.agent_thought_tree('c2000000-0000-4000-8000-000000000002') as body;
select is(body ->> 'node_count', '10001', 'all are counted') from tree;
select is(jsonb_array_length(body -> 'nodes'), 10000, 'and 10,000 returned') from tree;
select cmp_ok(tests.buffers($$ select public.agent_thought_tree('c2000000-0000-4000-8000-000000000002') $$), '<', 1000000::bigint, 'each is read a few times');
select is_empty(
  $$
    select child ->> 'node_id'
    from tree
    cross join jsonb_array_elements(body -> 'nodes') with ordinality as children (child, child_place)
    left join (
      select body, node ->> 'node_id' as id, (node ->> 'level')::integer as level, place
      from tree, jsonb_array_elements(body -> 'nodes') with ordinality as nodes (node, place)
    ) parent on parent.id = child ->> 'parent_node_id'
    where child ->> 'parent_node_id' is not null
      and not coalesce(parent.place < child_place and parent.level + 1 = (child ->> 'level')::integer, false)
  $$,
  'each after its parent, one level below'
);
select is(
  public.agent_thought_tree('c2000000-0000-4000-8000-000000000003'),
  '{"execution_id": "c2000000-0000-4000-8000-000000000003", "status": "running", "node_count": 0, "nodes": []}',
  'an execution without thoughts'
);

select tests.act_as('eve');
select tests.refused(
  $$ select public.agent_thought_tree('c2000000-0000-4000-8000-000000000001') $$, 404, 'execution_not_found',
  'a stranger'
);
select tests.refused(
  $$ select public.agent_thought_tree('c2000000-0000-4000-8000-00000000000f') $$, 404, 'execution_not_found',
  'one that does not exist'
);
select tests.act_as_anon();
select tests.denied(
  $$ select public.agent_thought_tree('c2000000-0000-4000-8000-000000000001') $$, 'a visitor'
);

select * from finish();
rollback;
