begin;
select plan(23);

insert into public.agents (id, name, created_by, organization_id) values
  ('20000000-0000-4000-8000-000000000001', 'Acme''s', tests.id('carol'), tests.id('acme')),
  ('20000000-0000-4000-8000-000000000002', 'Eve''s', tests.id('eve'), null),
  ('20000000-0000-4000-8000-000000000003', 'Carol''s own', tests.id('carol'), null);
insert into public.workflows (id, agent_id, name) values
  ('c0000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'w'),
  ('c0000000-0000-4000-8000-000000000002', '20000000-0000-4000-8000-000000000002', 'of eve'),
  ('c0000000-0000-4000-8000-000000000003', '20000000-0000-4000-8000-000000000003', 'of carol');
insert into public.workflow_executions (id, workflow_id, execution_id, status) values
  ('d0000000-0000-4000-8000-000000000001', 'c0000000-0000-4000-8000-000000000001', '1', 'running'),
  ('d0000000-0000-4000-8000-000000000002', 'c0000000-0000-4000-8000-000000000001', '2', 'success'),
  ('d0000000-0000-4000-8000-000000000003', 'c0000000-0000-4000-8000-000000000001', '3', 'error'),
  ('d0000000-0000-4000-8000-000000000004', 'c0000000-0000-4000-8000-000000000001', '4', 'waiting'),
  ('d0000000-0000-4000-8000-000000000005', 'c0000000-0000-4000-8000-000000000002', '5', 'running'),
  ('d0000000-0000-4000-8000-000000000006', 'c0000000-0000-4000-8000-000000000003', '6', 'running');
update public.profiles set current_organization_id = tests.id('acme') where id = tests.id('carol');
insert into public.access_keys (id, organization_id, user_id, name, prefix, last_four, scopes, agent_ids)
select
  ('a0000000-0000-4000-8000-00000000000' || keys.number)::uuid, tests.id('acme'), tests.id('carol'), number, 'agb_1111',
  '1111', keys.scopes, keys.agents
from (values
  ('1', array['chat'], null::uuid[]), ('2', array['chat', 'workflows'], null),
  ('3', array['chat', 'workflows'], array[(select id from public.agents where name = 'droid' and is_platform)])
) as keys (number, scopes, agents);
insert into private.access_key_secrets (token_hash, access_key_id)
select repeat(name, 64), id from public.access_keys where organization_id = tests.id('acme') and name in ('1', '2', '3');

create function pg_temp.turn(caller jsonb, execution jsonb, request text default gen_random_uuid()::text)
returns jsonb
language sql
as $$
  select public.begin_chat_turn(caller, jsonb_build_object(
    'request_id', request, 'model', 'gpt-4o', 'messages', '[{"role": "user", "content": "secret"}]'::jsonb,
    'execution', execution
  ))
$$;
create function pg_temp.person(name text) returns jsonb language sql as
$$ select jsonb_build_object('user_id', tests.id(name)) $$;
create function pg_temp.key(number text) returns jsonb language sql as
$$ select jsonb_build_object('access_key', repeat(number, 64)) $$;

-- Each way to name it
select pg_temp.turn(pg_temp.person('carol'), '{"id": "d0000000-0000-4000-8000-000000000001"}', 'req_1');
select results_eq(
  $$ select agent_id, execution_id, node_id, node_type, content, parent_node_id from public.agent_thoughts $$,
  $$ values (
    '20000000-0000-4000-8000-000000000001'::uuid, 'd0000000-0000-4000-8000-000000000001'::uuid, 'req_1', 'processing',
    'Chat with droid', null::text
  ) $$,
  'a turn is a node, and nothing of what is said'
);
select pg_temp.turn(
  pg_temp.key('1'),
  '{"id": "1", "workflow_id": "c0000000-0000-4000-8000-000000000001", "parent_node_id": "plan"}', 'req_2'
);
select results_eq(
  $$ select execution_id, parent_node_id from public.agent_thoughts where node_id = 'req_2' $$,
  $$ values ('d0000000-0000-4000-8000-000000000001'::uuid, 'plan') $$, 'by its id in n8n, below a node'
);
select lives_ok(
  $$ select pg_temp.turn(pg_temp.key('1'), '{"id": "d0000000-0000-4000-8000-000000000004"}') $$, 'in one that waits'
);
select lives_ok(
  $$ select pg_temp.turn(
    pg_temp.key('2'), '{"id": "9", "workflow_id": "c0000000-0000-4000-8000-000000000001"}', 'req_3'
  ) $$,
  'in one that is not known yet, with the scope to report it'
);
select results_eq(
  $$ select workflow_id, status, count(*)::integer from public.workflow_executions where execution_id = '9' group by 1, 2 $$,
  $$ values ('c0000000-0000-4000-8000-000000000001'::uuid, 'running', 1) $$, 'which so begins'
);
select lives_ok(
  $$ select pg_temp.turn(pg_temp.person('carol'), 'null') $$, 'and in none'
);
select is(
  public.settle_chat_turn((select id from private.running_turns where request_id = 'req_1'), '{
    "state": "succeeded", "content": "yo", "usage": {"input_tokens": 7, "output_tokens": 9, "estimated": false}
  }') ->> 'settled', 'true', 'once it is settled'
);
select tests.act_as('carol');
select results_eq(
  $$
    select node ->> 'node_id', node -> 'turn' ->> 'model_name', node -> 'turn' ->> 'input_tokens'
    from jsonb_array_elements(public.agent_thought_tree('d0000000-0000-4000-8000-000000000001') -> 'nodes') node
  $$,
  $$ values ('req_1', 'openai/gpt-4o', '7'), ('req_2', null, null) $$, 'the tree shows what it cost'
);
select tests.reset();

-- A report of the same turn takes its place.
select public.report_workflow(pg_temp.key('2'), 'c0000000-0000-4000-8000-000000000001', '{
  "execution_id": "1", "thoughts": [
    {"node_id": "answer", "node_type": "processing", "content": "The answer", "request_id": "req_1"}
  ]
}');
select results_eq(
  $$ select node_id from public.agent_thoughts where execution_id = 'd0000000-0000-4000-8000-000000000001' order by 1 $$,
  $$ values ('answer'), ('req_2') $$, 'a report of the turn takes its place'
);

-- Refusals leave no turn, no node and no execution.
create temporary table known as
select (select count(*) from private.running_turns) turns, (select count(*) from public.agent_thoughts) thoughts,
  (select count(*) from public.workflow_executions) executions, (select count(*) from public.chat_sessions) sessions;
grant select on known to public;
select tests.refused(
  format('select pg_temp.turn(%s, %L)', caller, execution), status, code, reason
)
from (values
  ('pg_temp.person(''carol'')', '{"id": "d0000000-0000-4000-8000-000000000002"}', 409, 'execution_finished', 'one that succeeded'),
  ('pg_temp.person(''carol'')', '{"id": "d0000000-0000-4000-8000-000000000003"}', 409, 'execution_finished', 'one that failed'),
  ('pg_temp.key(''2'')', '{"id": "2", "workflow_id": "c0000000-0000-4000-8000-000000000001"}', 409, 'execution_finished', 'by its id in n8n'),
  ('pg_temp.person(''carol'')', '{"id": "d0000000-0000-4000-8000-000000000005"}', 404, 'execution_not_found', 'a stranger''s'),
  ('pg_temp.person(''eve'')', '{"id": "d0000000-0000-4000-8000-000000000001"}', 404, 'execution_not_found', 'a stranger names it'),
  ('pg_temp.person(''dave'')', '{"id": "d0000000-0000-4000-8000-000000000001"}', 404, 'execution_not_found', 'a viewer names it'),
  ('pg_temp.person(''carol'')', '{"id": "d0000000-0000-4000-8000-00000000000f"}', 404, 'execution_not_found', 'one that does not exist'),
  ('pg_temp.person(''carol'')', '{"id": "8", "workflow_id": "c0000000-0000-4000-8000-000000000002"}', 404, 'execution_not_found', 'in a stranger''s workflow'),
  ('pg_temp.key(''1'')', '{"id": "8", "workflow_id": "c0000000-0000-4000-8000-000000000001"}', 404, 'execution_not_found', 'one not known, without the scope'),
  ('pg_temp.key(''3'')', '{"id": "1", "workflow_id": "c0000000-0000-4000-8000-000000000001"}', 404, 'execution_not_found', 'with a key for another agent'),
  ('pg_temp.person(''carol'')', '{"id": "d0000000-0000-4000-8000-000000000006"}', 422, 'execution_of_another_organization', 'where another organization pays')
) as cases (caller, execution, status, code, reason);
select tests.refused(
  $$ select pg_temp.turn(
    pg_temp.person('carol'), '{"id": "d0000000-0000-4000-8000-000000000001", "parent_node_id": "b"}', 'a'
  ) from public.report_workflow(pg_temp.person('carol'), 'c0000000-0000-4000-8000-000000000001', '{
    "execution_id": "1",
    "thoughts": [{"node_id": "b", "parent_node_id": "a", "node_type": "action", "content": "B"}]
  }') $$, 409, 'thought_cycle', 'and below its own child'
);
select results_eq(
  $$
    select (select count(*) from private.running_turns), (select count(*) from public.agent_thoughts),
      (select count(*) from public.workflow_executions), (select count(*) from public.chat_sessions)
  $$,
  'select * from known', 'nothing is half-stored'
);
select is_empty(
  $$ select from public.agent_thoughts where content like '%secret%' $$, 'and what was said is in no node'
);

select * from finish();
rollback;
