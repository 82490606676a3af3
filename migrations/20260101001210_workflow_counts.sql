-- Counters of workflows, and the dashboard of agents.

create function private.time_workflow_execution()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.execution_time_ms = least(
    floor(extract(epoch from new.completed_at - new.started_at) * 1000), 2147483647
  );
  return new;
end
$$;
comment on function private.time_workflow_execution() is
  'Trigger: computes the duration of an execution that reports none.';
create trigger time_workflow_execution
  before insert or update of started_at, completed_at
  on public.workflow_executions
  for each row when (new.completed_at >= new.started_at and new.execution_time_ms is null)
  execute function private.time_workflow_execution();

-- Counters of a workflow come from its executions. The difference is added to
-- the row as it is then, so that concurrent writers lose nothing.

create function private.add_to_workflow_counts(changes jsonb)
returns void
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.add_to_workflow_counts(jsonb) is
  'Adds executions, each {workflow_id, status, started_at, weight}, to the counters of their '
  'workflows; weight -1 takes one away.';

create function private.count_new_executions()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
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
$$;
comment on function private.count_new_executions() is
  'Trigger: counts new executions of workflows.';
create trigger count_new_executions after insert on public.workflow_executions
  referencing new table as new_rows
  for each statement execute function private.count_new_executions();

create function private.count_changed_executions()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
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
$$;
comment on function private.count_changed_executions() is
  'Trigger: moves changed executions of workflows from one counter to another.';
create trigger count_changed_executions after update on public.workflow_executions
  referencing new table as new_rows old table as old_rows
  for each statement execute function private.count_changed_executions();

create function private.count_deleted_executions()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
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
$$;
comment on function private.count_deleted_executions() is
  'Trigger: subtracts deleted executions from the counters of their workflows.';
create trigger count_deleted_executions after delete on public.workflow_executions
  referencing old table as old_rows
  -- Executions that retention removes still count.
  for each statement when (current_setting('agentbase.is_retention', true) is distinct from 'on')
  execute function private.count_deleted_executions();

create view public.agent_dashboard with (security_invoker = true) as
select
  agents.id,
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
  deployment.status as deployment_status,
  deployment.deployed_at,
  workflow.execution_count,
  workflow.success_count,
  workflow.error_count,
  health.status as health_status,
  health.last_check as health_checked_at,
  live.version as live_version,
  live.snapshot is distinct from private.agent_definition(agents) and live.version is not null
    as has_drifted
from public.agents
left join public.agent_health health on health.agent_id = agents.id
left join public.deployments live on live.agent_id = agents.id and live.status = 'deployed'
left join lateral (
  select deployments.status, deployments.deployed_at
  from public.deployments
  where deployments.agent_id = agents.id
  order by deployments.created_at desc
  limit 1
) deployment on true
left join lateral (
  select workflows.execution_count, workflows.success_count, workflows.error_count
  from public.workflows
  where workflows.agent_id = agents.id
  order by workflows.created_at desc
  limit 1
) workflow on true
order by agents.updated_at desc;
comment on view public.agent_dashboard is
  'Agents that the caller sees with their latest deployment, latest workflow and health, last '
  'changed first. Seed 003''s dashboard query.';
comment on column public.agent_dashboard.deployment_status is 'Status of the latest deployment.';
comment on column public.agent_dashboard.deployed_at is 'When that began to run.';
comment on column public.agent_dashboard.execution_count is 'Executions of the latest workflow.';
comment on column public.agent_dashboard.success_count is 'Those that succeeded.';
comment on column public.agent_dashboard.error_count is 'Those that failed.';
comment on column public.agent_dashboard.health_status is
  'Status in agent_health: healthy, degraded or unhealthy; null before the first probe.';
comment on column public.agent_dashboard.health_checked_at is
  'When the agent last answered, or failed to answer, a probe or a turn.';
comment on column public.agent_dashboard.live_version is 'Number of the live deployment.';
comment on column public.agent_dashboard.has_drifted is
  'Whether the definition of the agent has changed since the live deployment.';
select private.inherit_comments('public.agent_dashboard', 'public.agents');
grant select on public.agent_dashboard to authenticated, service_role;
