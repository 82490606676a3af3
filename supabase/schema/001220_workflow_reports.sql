-- The current state of what 001220_workflow_reports.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.bind_run(workflow uuid, run uuid, execution_id text)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  awaited public.workflow_executions;
  early public.workflow_executions;
begin
  select executions.* into awaited
  from public.workflow_executions executions
  where executions.id = bind_run.run and executions.workflow_id = bind_run.workflow
    and executions.execution_id is null
  for no key update;
  if awaited.id is null then
    return;
  end if;
  -- Reports without the run's id may have arrived earlier.
  select executions.* into early
  from public.workflow_executions executions
  where executions.workflow_id = bind_run.workflow
    and executions.execution_id = bind_run.execution_id
  for no key update;
  update public.agent_thoughts set execution_id = awaited.id
  where agent_thoughts.execution_id = early.id;
  delete from public.workflow_executions executions where executions.id = early.id;
  update public.workflow_executions
  set execution_id = bind_run.execution_id,
      status = case
        when awaited.status in ('success', 'error') or early.id is null then awaited.status
        else early.status
      end,
      input_data = coalesce(awaited.input_data, early.input_data),
      output_data = case
        when awaited.status in ('success', 'error') then awaited.output_data
        else early.output_data
      end,
      error_data = case
        when awaited.status in ('success', 'error') then awaited.error_data
        else early.error_data
      end,
      started_at = least(awaited.started_at, early.started_at),
      completed_at = coalesce(awaited.completed_at, early.completed_at),
      execution_time_ms = null
  where workflow_executions.id = awaited.id;
end
$body$;
grant execute on function private.bind_run(uuid,uuid,text) to service_role;

create function private.keep_end_of_execution()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  perform private.refuse(
    'execution_finished',
    format('An execution that ended as %s cannot become %s.', old.status, new.status)
  );
  return null;
end
$body$;

create function private.merge_execution(workflow uuid, report jsonb)
returns public.workflow_executions
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  reported text := merge_execution.report ->> 'status';
  status text := case
    when reported = 'new' then 'running'
    when reported in ('canceled', 'crashed') then 'error' else reported
  end;
  is_final boolean := coalesce(status in ('success', 'error'), false);
  ended timestamptz := case
    when is_final then coalesce((merge_execution.report ->> 'completed_at')::timestamptz, now())
  end;
  began timestamptz := least(
    coalesce((merge_execution.report ->> 'started_at')::timestamptz, now()), ended
  );
  failure jsonb := case when status = 'error' then coalesce(
    nullif(merge_execution.report -> 'error', 'null'), jsonb_build_object('status', reported)
  ) end;
  merged public.workflow_executions;
begin
  insert into public.workflow_executions as known (
    workflow_id, execution_id, status, input_data, output_data, error_data, started_at,
    completed_at
  )
  values (
    merge_execution.workflow, merge_execution.report ->> 'execution_id',
    coalesce(status, 'running'),
    nullif(merge_execution.report -> 'input', 'null'),
    case when is_final then nullif(merge_execution.report -> 'output', 'null') end,
    failure, began, ended
  )
  on conflict (workflow_id, execution_id) do update
  set status = case
        when known.status in ('success', 'error') or reported is null then known.status
        else excluded.status
      end,
      input_data = coalesce(known.input_data, excluded.input_data),
      output_data = case
        when known.status in ('success', 'error') then known.output_data
        else excluded.output_data
      end,
      error_data = case
        when known.status in ('success', 'error') then known.error_data
        else excluded.error_data
      end,
      started_at = least(known.started_at, excluded.started_at),
      completed_at = coalesce(known.completed_at, excluded.completed_at),
      execution_time_ms = null
  returning * into merged;
  return merged;
end
$body$;
grant execute on function private.merge_execution(uuid,jsonb) to service_role;

create function private.notify_workflow_error()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  perform private.notify(
    private.agent_contact(agents), 'workflow_error', 'Workflow failed',
    format('An execution of the workflow "%s" failed.', private.name_to_quote(workflows.name)),
    jsonb_build_object('workflow_id', workflows.id, 'execution_id', new.id)
  )
  from public.workflows
  join public.agents on agents.id = workflows.agent_id
  where workflows.id = new.workflow_id
    and private.agent_contact(agents) is not null;
  return null;
end
$body$;

create function private.record_thoughts(agent_id uuid, execution uuid, thoughts jsonb)
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
-- The columns of a conflict cannot be qualified.
#variable_conflict use_column
declare
  recorded integer;
begin
  insert into public.agent_thoughts (
    agent_id, execution_id, node_id, node_type, content, metadata, parent_node_id,
    confidence_score, processing_time_ms, request_id, created_at
  )
  select
    record_thoughts.agent_id, record_thoughts.execution, thought.node_id, thought.node_type,
    thought.content, coalesce(thought.metadata, '{}'), thought.parent_node_id,
    thought.confidence_score, thought.processing_time_ms, thought.request_id,
    coalesce(thought.created_at, now())
  from jsonb_to_recordset(coalesce(record_thoughts.thoughts, '[]')) as thought (
    node_id text, node_type text, content text, metadata jsonb, parent_node_id text,
    confidence_score numeric, processing_time_ms integer, request_id text,
    created_at timestamptz
  )
  on conflict (execution_id, node_id) do nothing;
  get diagnostics recorded = row_count;
  return recorded;
end
$body$;
grant execute on function private.record_thoughts(uuid,uuid,jsonb) to service_role;

create function private.redacted_report(report jsonb)
returns jsonb
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  -- The replacement of a secret may be longer than it.
  redacted jsonb := redacted_report.report || (
    select coalesce(jsonb_object_agg(field.name, case field.name
      when 'thoughts' then private.redacted_thoughts(field.value)
      else private.redact_secrets(field.value)
    end), '{}')
    from jsonb_each(redacted_report.report) as field (name, value)
    where field.name in ('input', 'output', 'error', 'thoughts')
  );
begin
  if not coalesce(private.is_payload(redacted -> 'input'), true)
    or not coalesce(private.is_payload(redacted -> 'output'), true)
    or not coalesce(private.is_payload(redacted -> 'error'), true)
    or exists (
      select from jsonb_array_elements(private.array_of(redacted -> 'thoughts')) as thought (value)
      where not private.is_document(thought.value -> 'metadata')
    )
  then
    perform private.refuse(
      'request_too_large',
      'input, output and error may each have 1 MiB and 64 levels, metadata of a thought 256 KiB.'
    );
  end if;
  return redacted;
end
$body$;
grant execute on function private.redacted_report(jsonb) to service_role;

create function private.redacted_thoughts(thoughts jsonb)
returns jsonb
language sql immutable security invoker
set search_path=""
as $body$
  select coalesce(jsonb_agg(
    thought.value || jsonb_build_object(
      'content', private.redact_text(thought.value ->> 'content'),
      'metadata', private.redact_secrets(thought.value -> 'metadata')
    )
    order by thought.place
  ), '[]')
  from jsonb_array_elements(private.array_of(redacted_thoughts.thoughts))
    with ordinality as thought (value, place)
$body$;
grant execute on function private.redacted_thoughts(jsonb) to service_role;

create function private.time_out_executions(workflow uuid, batch integer DEFAULT 1000)
returns integer
language sql volatile security invoker
set search_path=""
as $body$
  with silent as (
    select executions.id
    from public.workflow_executions executions
    join public.workflows on workflows.id = executions.workflow_id
    where executions.workflow_id = time_out_executions.workflow
      and executions.status = 'running'
      and executions.updated_at < now() - make_interval(secs => workflows.timeout_seconds)
    limit time_out_executions.batch
    for no key update of executions skip locked
  ),
  ended as (
    update public.workflow_executions
    set status = 'error', error_data = '{"status": "timed_out"}',
        completed_at = greatest(now(), workflow_executions.started_at)
    where workflow_executions.id in (select silent.id from silent)
    returning workflow_executions.id
  )
  select count(*)::integer from ended
$body$;

create function private.workflows_to_time_out()
returns SETOF private.due_item
language sql stable security invoker
set search_path=""
as $body$
  select
    silent.workflow_id::text,
    row_number() over (
      partition by coalesce(agents.organization_id, agents.created_by)
      order by silent.since, silent.workflow_id
    ),
    silent.since + make_interval(secs => workflows.timeout_seconds)
  from (
    select executions.workflow_id, min(executions.updated_at) as since
    from public.workflow_executions executions
    where executions.status = 'running'
    group by executions.workflow_id
  ) silent
  join public.workflows on workflows.id = silent.workflow_id
  join public.agents on agents.id = workflows.agent_id
  where silent.since < now() - make_interval(secs => workflows.timeout_seconds)
$body$;

create function public.report_workflow(caller jsonb, workflow uuid, report jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  known public.workflows;
  redacted jsonb;
  execution public.workflow_executions;
  recorded integer;
begin
  if report_workflow.caller ->> 'webhook' is null then
    perform private.impersonate(report_workflow.caller, 'workflows');
  end if;
  select workflows.* into known
  from public.workflows
  where workflows.id = report_workflow.workflow
    and case
      when report_workflow.caller ->> 'webhook' is null then private.key_allows(workflows.agent_id)
        and exists (
          select from private.editable_agents where editable_agents.id = workflows.agent_id
        )
      else workflows.webhook_endpoint_id = (report_workflow.caller ->> 'webhook')::uuid
        and private.is_webhook_of_agent(workflows.webhook_endpoint_id, workflows.agent_id)
    end;
  if known.id is null then
    perform private.refuse(
      'workflow_not_found', 'Workflow not found, or you may not report about it.',
      'Name a workflow of an agent that the owner of the access key edits.'
    );
  end if;
  perform private.take_rate_limit(
    'workflow:' || known.id, (private.limits()).workflow_reports_per_minute
  );
  redacted := private.redacted_report(report_workflow.report);
  if report_workflow.report ->> 'run_id' is not null then
    perform private.bind_run(
      known.id, (report_workflow.report ->> 'run_id')::uuid,
      report_workflow.report ->> 'execution_id'
    );
  end if;
  execution := private.merge_execution(known.id, redacted);
  recorded := private.record_thoughts(known.agent_id, execution.id, redacted -> 'thoughts');
  return jsonb_build_object(
    'id', execution.id, 'execution_id', execution.execution_id, 'status', execution.status,
    'thoughts_recorded', recorded
  );
end
$body$;
grant execute on function public.report_workflow(jsonb,uuid,jsonb) to agentbase_functions;
