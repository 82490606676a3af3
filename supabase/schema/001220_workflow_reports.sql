-- The current state of what 001220_workflow_reports.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.merge_execution(workflow uuid, report jsonb)
returns public.workflow_executions
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  told text := merge_execution.report ->> 'status';
  status text := case
    when told = 'new' then 'running' when told in ('canceled', 'crashed') then 'error' else told
  end;
  is_final boolean := coalesce(status in ('success', 'error'), false);
  ended timestamptz := case
    when is_final then coalesce((merge_execution.report ->> 'completed_at')::timestamptz, now())
  end;
  began timestamptz := least(
    coalesce((merge_execution.report ->> 'started_at')::timestamptz, now()), ended
  );
  failure jsonb := case when status = 'error' then coalesce(
    nullif(merge_execution.report -> 'error', 'null'), jsonb_build_object('status', told)
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
    private.redact_secrets(nullif(merge_execution.report -> 'input', 'null')),
    case when is_final then
      private.redact_secrets(nullif(merge_execution.report -> 'output', 'null'))
    end,
    private.redact_secrets(failure), began, ended
  )
  on conflict (workflow_id, execution_id) do update
  set status = case
        when known.status in ('success', 'error') or told is null then known.status
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
    and private.agent_contact(agents) is not null
    and not exists (
      select from public.notifications
      where notifications.user_id = private.agent_contact(agents)
        and notifications.type = 'workflow_error'
        and notifications.data ->> 'workflow_id' = workflows.id::text
        and notifications.created_at > now() - interval '1 hour'
    );
  return null;
end
$body$;

create function private.redact_secrets(value jsonb)
returns jsonb
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  -- A name without a backslash, its colon and one string: nothing else matches across strings.
  return regexp_replace(
    private.redact_text(redact_secrets.value::text),
    '("[^"\\]*(?:password|passwd|secret|token|api[-_ ]?key|authorization|cookie|credential)'
      || '[^"\\]*":\s*)"(?:[^"\\]|\\.)*"',
    '\1"[redacted]"', 'gi'
  )::jsonb;
end
$body$;
grant execute on function private.redact_secrets(jsonb) to service_role;

create function private.redact_text(value text)
returns text
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  return regexp_replace(
    redact_text.value,
    '\m(Bearer\s+[\w.~+/=-]{16,}|(sk|rk|agb|ghp|gho|xox[abp]|sb_secret)[-_][\w-]{16,}'
      || '|eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,})',
    '[redacted]', 'g'
  );
end
$body$;
grant execute on function private.redact_text(text) to service_role;

create function private.refuse_reopening()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  perform private.refuse(
    'execution_finished', 'A finished execution cannot run again.',
    'Record a new execution.'
  );
  return null;
end
$body$;

create function private.time_out_executions(workflow uuid, batch integer DEFAULT 1000)
returns integer
language sql volatile security invoker
set search_path=""
as $body$
  with silent as (
    select executions.id
    from public.workflow_executions executions
    where executions.workflow_id = time_out_executions.workflow
      and executions.status = 'running'
      and executions.updated_at < now() - (private.limits()).execution_silence
    limit time_out_executions.batch
    for no key update skip locked
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
    silent.since + (private.limits()).execution_silence
  from (
    select executions.workflow_id, min(executions.updated_at) as since
    from public.workflow_executions executions
    where executions.status = 'running'
      and executions.updated_at < now() - (private.limits()).execution_silence
    group by executions.workflow_id
  ) silent
  join public.workflows on workflows.id = silent.workflow_id
  join public.agents on agents.id = workflows.agent_id
$body$;

create function public.report_workflow(caller jsonb, workflow uuid, report jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  known public.workflows;
  execution public.workflow_executions;
  recorded integer;
begin
  perform private.impersonate(report_workflow.caller, 'workflows');
  select workflows.* into known
  from public.workflows
  join private.editable_agents on editable_agents.id = workflows.agent_id
  where workflows.id = report_workflow.workflow and private.key_allows(workflows.agent_id);
  if known.id is null then
    perform private.refuse(
      'workflow_not_found', 'Workflow not found, or you may not report about it.',
      'Name a workflow of an agent that the owner of the access key edits.'
    );
  end if;
  perform private.take_rate_limit(
    'workflow:' || known.id, (private.limits()).workflow_reports_per_minute
  );
  if not coalesce(private.is_payload(report_workflow.report -> 'input'), true)
    or not coalesce(private.is_payload(report_workflow.report -> 'output'), true)
    or not coalesce(private.is_payload(report_workflow.report -> 'error'), true)
  then
    perform private.refuse(
      'request_too_large', 'input, output and error may each have 1 MiB and 64 levels.'
    );
  end if;
  execution := private.merge_execution(known.id, report_workflow.report);
  insert into public.agent_thoughts (
    agent_id, execution_id, node_id, node_type, content, metadata, parent_node_id,
    confidence_score, processing_time_ms, created_at
  )
  select
    known.agent_id, execution.id, thought.node_id, thought.node_type,
    private.redact_text(thought.content),
    private.redact_secrets(coalesce(thought.metadata, '{}')), thought.parent_node_id,
    thought.confidence_score, thought.processing_time_ms, coalesce(thought.created_at, now())
  from jsonb_to_recordset(coalesce(report_workflow.report -> 'thoughts', '[]')) as thought (
    node_id text, node_type text, content text, metadata jsonb, parent_node_id text,
    confidence_score numeric, processing_time_ms integer, created_at timestamptz
  )
  on conflict (execution_id, node_id) do nothing;
  get diagnostics recorded = row_count;
  return jsonb_build_object(
    'id', execution.id, 'execution_id', execution.execution_id, 'status', execution.status,
    'thoughts_recorded', recorded
  );
end
$body$;
grant execute on function public.report_workflow(jsonb,uuid,jsonb) to agentbase_functions;
