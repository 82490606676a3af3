-- The current state of what 001225_workflow_runs.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.cancel_calls_of_ended()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  -- A delivery that is being recorded is left to its sender, which waits for this row.
  update public.webhook_deliveries
  set status = 'canceled'
  where webhook_deliveries.id in (
    select waiting.id from public.webhook_deliveries waiting
    where waiting.subject_id = new.id and waiting.status = 'pending'
    for no key update skip locked
  );
  return null;
end
$body$;

create function private.check_workflow_webhook()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  if not private.is_webhook_of_agent(new.webhook_endpoint_id, new.agent_id) then
    perform private.refuse(
      'webhook_not_found', 'Webhook not found in the organization of the agent.',
      'Create it in that organization with POST /webhooks.'
    );
  end if;
  return new;
end
$body$;

create function private.fail_undelivered()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  update public.workflow_executions
  set status = 'error', completed_at = greatest(now(), workflow_executions.started_at),
      error_data = jsonb_build_object('status', 'not_delivered', 'message', new.last_error)
  where workflow_executions.id = new.subject_id
    and workflow_executions.status in ('running', 'waiting');
  return null;
end
$body$;

create function private.follow_timezone()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  update public.workflows
  set next_execution = null
  from public.agents
  where workflows.agent_id = agents.id
    and workflows.trigger_config ->> 'cron' is not null
    and (
      agents.organization_id = new.id
      or new.is_personal and agents.organization_id is null and agents.created_by = new.created_by
    );
  return null;
end
$body$;

create function private.next_execution(workflow public.workflows)
returns timestamp with time zone
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  expression text := (next_execution.workflow).trigger_config ->> 'cron';
  zone text := (next_execution.workflow).trigger_config ->> 'timezone';
begin
  if expression is null or (next_execution.workflow).status <> 'active' then
    return null;
  end if;
  if zone is null then
    select organizations.timezone into zone
    from public.agents
    join public.organizations on organizations.id = private.agent_organization(agents)
    where agents.id = (next_execution.workflow).agent_id;
  end if;
  return private.next_cron(expression, coalesce(zone, 'UTC'), now());
end
$body$;
grant execute on function private.next_execution(public.workflows) to authenticated, service_role;

create function private.run_due_workflow(workflow uuid)
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  due public.workflows;
begin
  -- A concurrent caller finds next_execution updated.
  select workflows.* into due
  from public.workflows
  where workflows.id = run_due_workflow.workflow
    and workflows.status = 'active' and workflows.next_execution <= now()
    and workflows.trigger_config ->> 'cron' is not null
  for no key update skip locked;
  if due.id is null then
    return 0;
  end if;
  -- The trigger sets the next time after now: missed times are skipped.
  update public.workflows set next_execution = null where workflows.id = due.id;
  if due.webhook_endpoint_id is not null then
    perform private.start_execution(
      due, jsonb_build_object('scheduled_at', due.next_execution), 'cron'
    );
  end if;
  return 1;
end
$body$;

create function private.run_workflow(workflow uuid, input jsonb)
returns public.workflow_executions
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  known public.workflows;
begin
  select workflows.* into known
  from public.workflows
  where workflows.id = run_workflow.workflow
    and (
      private.is_backend()
      or exists (
        select from private.editable_agents where editable_agents.id = workflows.agent_id
      )
    );
  if known.id is null then
    perform private.refuse('workflow_not_found', 'Workflow not found, or you may not run it.');
  elsif known.webhook_endpoint_id is null then
    perform private.refuse(
      'workflow_not_callable', 'This workflow has no webhook to call.',
      'Set webhook_endpoint_id to a webhook of its organization.'
    );
  elsif known.status = 'paused' then
    perform private.refuse(
      'workflow_not_callable', 'This workflow is paused.', 'Set its status to active.'
    );
  elsif not coalesce(private.is_document(run_workflow.input), true) then
    perform private.refuse('request_too_large', 'input may have 256 KiB and 64 levels.');
  end if;
  perform private.take_rate_limit(
    'run_workflow:' || known.id, (private.limits()).workflow_runs_per_minute
  );
  return private.start_execution(known, coalesce(run_workflow.input, '{}'), 'manual');
end
$body$;
grant execute on function private.run_workflow(uuid,jsonb) to authenticated, service_role;

create function private.schedule_workflow()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  perform private.check_cron(new.trigger_config ->> 'cron')
  where new.trigger_config ->> 'cron' is not null;
  if not coalesce(private.is_time_zone(new.trigger_config ->> 'timezone'), true) then
    perform private.refuse(
      'invalid_value', 'trigger_config.timezone is not a time zone.',
      'Use a name such as Europe/Berlin.'
    );
  end if;
  new.next_execution = private.next_execution(new);
  return new;
end
$body$;

create function private.start_execution(workflow public.workflows, input jsonb, source text)
returns public.workflow_executions
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  started public.workflow_executions;
  delivery uuid;
begin
  insert into public.workflow_executions (workflow_id, input_data)
  values ((start_execution.workflow).id, private.redact_secrets(start_execution.input))
  returning * into started;
  select private.enqueue_webhook(
    endpoints.id, 'workflow.run',
    jsonb_build_object(
      'workflow_id', (start_execution.workflow).id,
      'n8n_workflow_id', (start_execution.workflow).n8n_workflow_id,
      'agent_id', (start_execution.workflow).agent_id, 'run_id', started.id,
      'source', start_execution.source,
      'input', start_execution.input
    ),
    started.id, patience => make_interval(secs => (start_execution.workflow).timeout_seconds)
  ) into delivery
  from public.webhook_endpoints endpoints
  -- The agent may have moved to another organization since.
  where endpoints.id = (start_execution.workflow).webhook_endpoint_id
    and private.is_webhook_of_agent(endpoints.id, (start_execution.workflow).agent_id);
  if delivery is null then
    update public.workflow_executions
    set status = 'error', error_data = '{"status": "webhook_disabled"}', completed_at = now()
    where workflow_executions.id = started.id
    returning * into started;
  end if;
  return started;
end
$body$;

create function private.workflows_to_run()
returns SETOF private.due_item
language sql stable security invoker
set search_path=""
as $body$
  select
    workflows.id::text,
    row_number() over (
      partition by coalesce(agents.organization_id, agents.created_by)
      order by workflows.next_execution, workflows.id
    ),
    workflows.next_execution
  from public.workflows
  join public.agents on agents.id = workflows.agent_id
  where workflows.status = 'active' and workflows.next_execution <= now()
    and workflows.trigger_config ->> 'cron' is not null
$body$;

create function public.cancel_execution(execution uuid)
returns public.workflow_executions
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  canceled public.workflow_executions;
begin
  update public.workflow_executions
  set status = 'error', error_data = '{"status": "canceled"}',
      completed_at = greatest(now(), workflow_executions.started_at)
  where workflow_executions.id = cancel_execution.execution
    and workflow_executions.status in ('running', 'waiting')
  returning * into canceled;
  if canceled.id is not null then
    return canceled;
  end if;
  if exists (
    select from public.workflow_executions executions
    where executions.id = cancel_execution.execution
      and executions.status in ('success', 'error')
  ) then
    perform private.refuse(
      'execution_finished', 'The execution has finished, so it cannot be canceled.',
      'Only an execution that is running or waiting can be canceled.'
    );
  end if;
  perform private.refuse('execution_not_found', 'Execution not found, or you may not cancel it.');
  return null;
end
$body$;
grant execute on function public.cancel_execution(uuid) to authenticated, service_role;

create function public.run_workflow(workflow uuid, input jsonb DEFAULT '{}'::jsonb)
returns public.workflow_executions
language sql volatile security invoker
set search_path=""
as $body$
  select private.run_workflow(run_workflow.workflow, run_workflow.input)
$body$;
grant execute on function public.run_workflow(uuid,jsonb) to authenticated, service_role;
