-- Turns of executions: a chat request that names the execution it is part of is a node of the
-- execution's thoughts.

create function private.named_execution(named jsonb)
returns public.workflow_executions
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.named_execution(jsonb) is
  'The execution {"id"} or {"workflow_id", "id": its id in n8n} about which the caller may report, '
  'and which has not ended. One that is named by its id in n8n and not known yet begins here, for '
  'callers that may report its start. Errors: PT404 execution_not_found, PT409 execution_finished.';
grant execute on function private.named_execution(jsonb) to service_role;

create function private.record_turn_thought()
returns trigger
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.record_turn_thought() is
  'Trigger: a turn that names an execution is recorded as one of its thoughts, named by its '
  'x-request-id, with the title of the turn as content, without its messages. Errors: those of '
  'named_execution() and of thoughts; PT422 execution_of_another_organization.';
create trigger record_turn_thought after insert on private.running_turns
  for each row when (new.execution is not null)
  execute function private.record_turn_thought();

create function private.replace_turn_thought()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  delete from public.agent_thoughts shown
  where shown.execution_id = new.execution_id
    and shown.node_id = new.request_id and shown.request_id = new.request_id
    and new.node_id <> new.request_id;
  return null;
end
$$;
comment on function private.replace_turn_thought() is
  'Trigger: a reported thought of a turn replaces the node that was created for the turn.';
create trigger replace_turn_thought after insert on public.agent_thoughts
  for each row when (new.request_id is not null and new.execution_id is not null)
  execute function private.replace_turn_thought();
