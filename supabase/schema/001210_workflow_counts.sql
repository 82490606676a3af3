-- The current state of what 001210_workflow_counts.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Views ------------------------------------------------------------------------------------------

create view public.agent_dashboard with (security_invoker=true) as
 SELECT agents.id,
    agents.name,
    agents.description,
    agents.type,
    agents.status,
    agents.enabled,
    agents.vendor_id,
    agents.model_name,
    agents.tags,
    agents.activity_score,
    agents.usage_count,
    agents.last_used_at,
    agents.created_by,
    agents.organization_id,
    agents.created_at,
    agents.updated_at,
    deployment.status AS deployment_status,
    deployment.deployed_at,
    workflow.execution_count,
    workflow.success_count,
    workflow.error_count,
    health.status AS health_status,
    health.last_check AS health_checked_at,
    live.version AS live_version,
    ((live.snapshot IS DISTINCT FROM private.agent_definition(agents.*)) AND (live.version IS NOT NULL)) AS has_drifted
   FROM ((((public.agents
     LEFT JOIN public.agent_health health ON ((health.agent_id = agents.id)))
     LEFT JOIN public.deployments live ON (((live.agent_id = agents.id) AND (live.status = 'deployed'::text))))
     LEFT JOIN LATERAL ( SELECT deployments.status,
            deployments.deployed_at
           FROM public.deployments
          WHERE (deployments.agent_id = agents.id)
          ORDER BY deployments.created_at DESC
         LIMIT 1) deployment ON (true))
     LEFT JOIN LATERAL ( SELECT workflows.execution_count,
            workflows.success_count,
            workflows.error_count
           FROM public.workflows
          WHERE (workflows.agent_id = agents.id)
          ORDER BY workflows.created_at DESC
         LIMIT 1) workflow ON (true))
  ORDER BY agents.updated_at DESC;
grant select on public.agent_dashboard to authenticated;
grant select on public.agent_dashboard to service_role;

-- Functions --------------------------------------------------------------------------------------

create function private.add_to_workflow_counts(changes jsonb)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  change record;
begin
  for change in
    select
      row.workflow_id,
      sum(row.weight) as executions,
      coalesce(sum(row.weight) filter (where row.status = 'success'), 0) as successes,
      coalesce(sum(row.weight) filter (where row.status = 'error'), 0) as errors,
      max(row.started_at) filter (where row.weight > 0) as latest
    from jsonb_to_recordset(add_to_workflow_counts.changes) as row (
      workflow_id uuid, status text, started_at timestamptz, weight integer
    )
    group by row.workflow_id
    order by row.workflow_id
  loop
    update public.workflows
    -- Never below zero, so that a counter changed by hand cannot block deletions.
    set execution_count = greatest(0, execution_count + change.executions),
        success_count = greatest(0, success_count + change.successes),
        error_count = greatest(0, error_count + change.errors),
        last_execution = greatest(last_execution, change.latest)
    where workflows.id = change.workflow_id;
  end loop;
end
$body$;

create function private.count_changed_executions()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  perform private.add_to_workflow_counts((
    select jsonb_agg(
      jsonb_build_object(
        'workflow_id', workflow_id, 'status', status, 'started_at', started_at, 'weight', weight
      )
    )
    from (
      select workflow_id, status, started_at, 1 as weight from new_rows
      union all
      select workflow_id, status, started_at, -1 from old_rows
    ) as changes
  ));
  return null;
end
$body$;

create function private.count_deleted_executions()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  perform private.add_to_workflow_counts(
    (
      select jsonb_agg(
        jsonb_build_object(
          'workflow_id', workflow_id, 'status', status, 'started_at', started_at, 'weight', -1
        )
      )
      from old_rows
    )
  );
  return null;
end
$body$;

create function private.count_new_executions()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  perform private.add_to_workflow_counts(
    (
      select jsonb_agg(
        jsonb_build_object(
          'workflow_id', workflow_id, 'status', status, 'started_at', started_at, 'weight', 1
        )
      )
      from new_rows
    )
  );
  return null;
end
$body$;

create function private.time_workflow_execution()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  new.execution_time_ms = least(
    floor(extract(epoch from new.completed_at - new.started_at) * 1000), 2147483647
  );
  return new;
end
$body$;
