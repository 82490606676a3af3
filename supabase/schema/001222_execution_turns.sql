-- The current state of what 001222_execution_turns.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.named_execution(named jsonb)
returns public.workflow_executions
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  execution public.workflow_executions;
  workflow uuid;
begin
  if named_execution.named ->> 'workflow_id' is null then
    select executions.* into execution
    from public.workflow_executions executions
    where executions.id = private.as_uuid(named_execution.named ->> 'id');
  else
    select executions.* into execution
    from public.workflow_executions executions
    where executions.workflow_id = private.as_uuid(named_execution.named ->> 'workflow_id')
      and executions.execution_id = named_execution.named ->> 'id';
  end if;
  select workflows.id into workflow
  from public.workflows
  join private.editable_agents on editable_agents.id = workflows.agent_id
  where private.key_allows(workflows.agent_id)
    and workflows.id = coalesce(
      execution.workflow_id, private.as_uuid(named_execution.named ->> 'workflow_id')
    );
  -- A retry in n8n begins at the failed node, so its turn may be the first record of it.
  if execution.id is null and workflow is not null and private.key_has_scope('workflows') then
    return private.merge_execution(workflow, jsonb_build_object(
      'execution_id', named_execution.named ->> 'id', 'status', 'running'
    ));
  elsif execution.id is null or workflow is null then
    perform private.refuse(
      'execution_not_found', 'Execution not found, or you may not report about it.',
      'Name its id in x-execution-id, or its id in n8n beside x-workflow-id with an access key '
        || 'that has the scope workflows.'
    );
  elsif execution.status in ('success', 'error') then
    perform private.refuse(
      'execution_finished', 'The execution has finished, so no turn can be part of it.',
      'Name an execution that is running, or leave x-execution-id out.'
    );
  end if;
  return execution;
end
$body$;
grant execute on function private.named_execution(jsonb) to service_role;

create function private.record_turn_thought()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  execution public.workflow_executions := private.named_execution(new.execution);
  agent public.agents;
begin
  select agents.* into agent
  from public.workflows
  join public.agents on agents.id = workflows.agent_id
  where workflows.id = execution.workflow_id;
  if private.agent_organization(agent) is distinct from new.organization_id then
    perform private.refuse(
      'execution_of_another_organization',
      'The execution belongs to another organization than the one that pays for this turn.'
    );
  end if;
  insert into public.agent_thoughts (
    agent_id, execution_id, node_id, node_type, content, parent_node_id, request_id
  )
  values (
    agent.id, execution.id, new.request_id, 'processing', new.title,
    new.execution ->> 'parent_node_id', new.request_id
  );
  return null;
end
$body$;

create function private.replace_turn_thought()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  delete from public.agent_thoughts shown
  where shown.execution_id = new.execution_id
    and shown.node_id = new.request_id and shown.request_id = new.request_id
    and new.node_id <> new.request_id;
  return null;
end
$body$;
