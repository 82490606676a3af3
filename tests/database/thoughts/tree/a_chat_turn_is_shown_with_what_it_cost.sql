begin;
select plan(4);

insert into public.agents (id, name, created_by, organization_id) values
  ('20000000-0000-4000-8000-000000000001', 'Acme''s', tests.id('carol'), tests.id('acme'));
insert into public.workflows (id, agent_id, name) values
  ('c0000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'w');
insert into public.ai_interactions (user_id, organization_id, agent_id, title, source, model_name, request_id, input_tokens, output_tokens, turn_state, status)
values
  (tests.id('carol'), tests.id('acme'), '20000000-0000-4000-8000-000000000001', 'Turn', 'chat', 'gpt-4o', 'req_mine', 7, 9, 'succeeded', 'completed'),
  (tests.id('eve'), (select id from public.organizations where is_personal and created_by = tests.id('eve')), null, 'Turn', 'chat', 'secret', 'req_of_eve', 7, 9, 'succeeded', 'completed');
create temporary table reported as
select public.report_workflow(
  jsonb_build_object('user_id', tests.id('carol')), 'c0000000-0000-4000-8000-000000000001',
  '{"execution_id": "1", "thoughts": [
    {"node_id": "a", "node_type": "processing", "content": "Answer", "request_id": "req_mine"},
    {"node_id": "b", "node_type": "processing", "content": "Answer", "request_id": "req_of_eve"},
    {"node_id": "c", "node_type": "processing", "content": "Answer", "request_id": "req_not_settled_yet"},
    {"node_id": "d", "node_type": "action", "content": "Search"}
  ]}'
) ->> 'id' as id;
grant select on reported to public;
select tests.act_as('carol');
create temporary table nodes as
select node.value from reported, jsonb_array_elements(public.agent_thought_tree(id::uuid) -> 'nodes') as node;
select is(
  (select jsonb_build_array(value -> 'turn' -> 'model_name', value -> 'turn' -> 'input_tokens', value -> 'turn' -> 'turn_state')
   from nodes where value ->> 'node_id' = 'a'),
  '["gpt-4o", 7, "succeeded"]', 'a turn of the organization is shown'
);
select is((select value -> 'turn' from nodes where value ->> 'node_id' = 'b'), 'null', 'that of a stranger is not');
select is((select value -> 'turn' from nodes where value ->> 'node_id' = 'c'), 'null', 'nor one that is not settled yet');
select is((select value -> 'turn' from nodes where value ->> 'node_id' = 'd'), 'null', 'other nodes have none');

select * from finish();
rollback;
