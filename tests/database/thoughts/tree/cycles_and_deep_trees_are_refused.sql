begin;
select plan(16);

insert into public.agents (id, name, created_by) values
  ('20000000-0000-4000-8000-000000000001', 'One', tests.id('eve'));
insert into public.workflows (id, agent_id, name) values
  ('c0000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'w');
insert into public.workflow_executions (id, workflow_id) values
  ('c2000000-0000-4000-8000-000000000001', 'c0000000-0000-4000-8000-000000000001'),
  ('c2000000-0000-4000-8000-000000000002', 'c0000000-0000-4000-8000-000000000001'),
  ('c2000000-0000-4000-8000-000000000003', 'c0000000-0000-4000-8000-000000000001');

-- The statement that records edges, each "node parent" or "node", in an execution.
create function pg_temp.record(edges text[], execution integer default 1)
returns text
language sql
as $$
  select format(
    'insert into public.agent_thoughts (agent_id, execution_id, node_id, parent_node_id, node_type, content)
     select ''20000000-0000-4000-8000-000000000001'', ''c2000000-0000-4000-8000-00000000000%s'',
       split_part(edge, '' '', 1), nullif(split_part(edge, '' '', 2), ''''), ''processing'', edge
     from unnest(%L::text[]) edge', execution, edges
  )
$$;
create function pg_temp.chain(first integer, last integer, step integer)
returns text[]
language sql
as $$
  select array_agg('n' || number || case when number > 1 then ' n' || number - 1 else '' end order by place)
  from generate_series(first, last, step) with ordinality as steps (number, place)
$$;

grant execute on function pg_temp.record, pg_temp.chain to authenticated;

select tests.act_as('eve');
select lives_ok(pg_temp.record(array['b a', 'c b']), 'children before their parent');
select tests.refused(pg_temp.record(array['a c']), 409, 'thought_cycle', 'a parent that descends from its child');
select tests.refused(pg_temp.record(array['x z', 'y x', 'z y']), 409, 'thought_cycle', 'a cycle in one statement');
select tests.refused(pg_temp.record(array['p q', 'q p']), 409, 'thought_cycle', 'a cycle of two');
select tests.refused(pg_temp.record(array['s s']), 409, 'thought_cycle', 'a node that is its own parent');
select tests.refused(
  replace(pg_temp.record(array['s s']), $$'c2000000-0000-4000-8000-000000000001'$$, 'null'), 409, 'thought_cycle',
  'in no execution, too'
);
select tests.breaks(
  pg_temp.record(array['b']), 'node_is_recorded_once_per_execution', 'a node twice'
);
select lives_ok(pg_temp.record(array['a c', 'b'], 2), 'other executions have trees of their own');

-- A cycle of each length: at once, and a node at a time, beginning anywhere. What is refused stores nothing.
create function pg_temp.cycle(nodes integer, first integer) returns text[] language sql as $$
  select array_agg(
    format('c%s c%s', (number + first) % nodes, (number + first + 1) % nodes) order by number
  ) from generate_series(0, nodes - 1) number
$$;
create function pg_temp.recorded(nodes integer, first integer, share integer) returns integer language plpgsql as $$
declare
  edges text[] := pg_temp.cycle(nodes, first);
  place integer;
begin
  delete from public.agent_thoughts where execution_id = 'c2000000-0000-4000-8000-000000000003';
  for place in select generate_series(1, nodes, share) loop
    execute pg_temp.record(edges[place:place + share - 1], 3);
  end loop;
  return -1;
exception when sqlstate 'PT409' then
  -- All of the function is undone, with the batches before.
  return place;
end
$$;
select tests.reset();
select is_empty(
  $$
    select nodes, first from generate_series(2, 12) nodes cross join lateral (values (0), (nodes / 2)) firsts (first)
    where pg_temp.recorded(nodes, first, nodes) <> 1
  $$,
  'cycles of each length in one batch'
);
select is_empty(
  $$
    select nodes, share from generate_series(2, 12) nodes, generate_series(1, 3) share
    where share < nodes and pg_temp.recorded(nodes, 1, share) <> (nodes - 1) / share * share + 1
  $$,
  'and in several, of which the last one closes it'
);
select tests.act_as('eve');

select lives_ok(pg_temp.record(pg_temp.chain(1, 100, 1), 3), 'a hundred levels');
select tests.refused(
  pg_temp.record(array['n101 n100'], 3), 400, 'thoughts_too_deep', 'one level below them'
);
select lives_ok(pg_temp.record(array['n101 n99'], 3), 'a second node of the last level');
select tests.reset();
delete from public.agent_thoughts where execution_id = 'c2000000-0000-4000-8000-000000000003';
select lives_ok(pg_temp.record(pg_temp.chain(100, 2, -1), 3), 'a hundred levels, the deepest first');
select tests.refused(
  pg_temp.record(array['n1 n0'], 3), 400, 'thoughts_too_deep', 'one level above them'
);
select tests.refused(
  $$ update public.agent_thoughts set parent_node_id = 'c' where node_id = 'b' and execution_id is not null
     and content = 'b a' $$,
  409, 'thought_cycle', 'by the backend too, and by a change'
);

select * from finish();
rollback;
