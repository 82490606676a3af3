begin;
select plan(6);

insert into public.agents (id, name, organization_id, created_by) values
  ('20000000-0000-4000-8000-000000000001', 'runs', tests.id('acme'), tests.id('carol'));
insert into public.workflows (id, agent_id, name) values
  ('c0000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'w');
create temporary table secret as select jsonb_build_object(
  'password', 'hush hush', 'said', 'Bearer hush-hush-hush-hush', 'list', '[{"api_key": ["hush"]}]'::jsonb, 'tokens', 5,
  'sent', '[{"name": "X-Api-Key", "type": "text", "value": "hush, \"hush\""}, {"name": "Accept", "value": "*/*"}]'::jsonb
) as document;
grant select on secret to public;
create function pg_temp.written() returns text language sql as $$
  select concat_ws(' ', input_data, output_data, error_data) from public.workflow_executions
$$;

select tests.act_as('carol');
insert into public.workflow_executions (workflow_id, execution_id, status, input_data)
select 'c0000000-0000-4000-8000-000000000001', '1', 'running', document from secret;
select tests.reset();
select is(
  (select input_data from public.workflow_executions),
  '{
    "password": "[redacted]", "said": "[redacted]", "list": [{"api_key": ["[redacted]"]}], "tokens": 5, "sent": [
      {"name": "X-Api-Key", "type": "text", "value": "[redacted]"}, {"name": "Accept", "value": "*/*"}
    ]
  }', 'a client inserts no secret'
);
select tests.act_as('carol');
update public.workflow_executions set status = 'error', output_data = document, error_data = document from secret;
select tests.reset();
select doesnt_match(pg_temp.written(), 'hush', 'and updates to none');
delete from public.workflow_executions;
select tests.act_as_service();
insert into public.workflow_executions (workflow_id, execution_id, input_data, output_data, error_data)
select 'c0000000-0000-4000-8000-000000000001', '1', document, document, document from secret;
select tests.reset();
select doesnt_match(pg_temp.written(), 'hush', 'nor does the backend');

select tests.act_as('carol');
insert into public.agent_thoughts (agent_id, node_id, node_type, content, metadata)
select '20000000-0000-4000-8000-000000000001', '1', 'output', 'With Bearer hush-hush-hush-hush', document from secret;
select tests.act_as_service();
insert into public.agent_thoughts (agent_id, node_id, node_type, content, metadata)
select '20000000-0000-4000-8000-000000000001', '2', 'output', 'With Bearer hush-hush-hush-hush', document from secret;
select tests.reset();
select results_eq(
  'select content from public.agent_thoughts order by node_id', array['With [redacted]', 'With [redacted]'], 'thoughts are redacted, too'
);
select is_empty($$ select from public.agent_thoughts where metadata::text ~ 'hush' $$, 'with what belongs to them');
select tests.act_as_service();
update public.agent_thoughts set metadata = document from secret;
select tests.reset();
select is_empty($$ select from public.agent_thoughts where metadata::text ~ 'hush' $$, 'and when they change');

select * from finish();
rollback;
