-- The current state of what 001230_deployers.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.call_deployer(deployment public.deployments)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  named jsonb := (call_deployer.deployment).snapshot -> 'deployment_config';
  deployer uuid := private.deployer_of(call_deployer.deployment);
  delivery uuid;
begin
  update public.deployments
  set called_at = now(), webhook_endpoint_id = deployer
  where deployments.id = (call_deployer.deployment).id;
  if named ->> 'webhook_endpoint_id' is null and named ->> 'workflow_id' is null then
    return;
  end if;
  delivery := private.enqueue_webhook(
    deployer, 'deployment.requested',
    jsonb_build_object(
      'deployment_id', (call_deployer.deployment).id,
      'agent_id', (call_deployer.deployment).agent_id,
      'version', (call_deployer.deployment).version,
      'trigger_type', (call_deployer.deployment).trigger_type,
      'trigger_config', (call_deployer.deployment).trigger_config,
      'snapshot', (call_deployer.deployment).snapshot
    ),
    (call_deployer.deployment).id, patience => (private.limits()).deployment_silence
  );
  if delivery is null then
    update public.deployments
    set status = 'failed',
        error_message = 'The webhook of the deployer is disabled, or not one of the organization.'
    where deployments.id = (call_deployer.deployment).id;
  end if;
end
$body$;

create function private.call_deployer_of_new()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  perform private.call_deployer(new);
  return null;
end
$body$;

create function private.deployer_of(deployment public.deployments)
returns uuid
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  named jsonb := (deployer_of.deployment).snapshot -> 'deployment_config';
begin
  return (
    select named_webhook.id
    from (
      select coalesce(
        private.as_uuid(named ->> 'webhook_endpoint_id'),
        (
          select workflows.webhook_endpoint_id from public.workflows
          where workflows.id = private.as_uuid(named ->> 'workflow_id')
        )
      ) as id
    ) named_webhook
    where private.is_webhook_of_agent(named_webhook.id, (deployer_of.deployment).agent_id)
  );
end
$body$;

create function private.deployments_to_start()
returns SETOF private.due_item
language sql stable security invoker
set search_path=""
as $body$
  select
    deployments.id::text,
    row_number() over (
      partition by coalesce(agents.organization_id, agents.created_by)
      order by deployments.scheduled_at, deployments.id
    ),
    deployments.scheduled_at
  from public.deployments
  join public.agents on agents.id = deployments.agent_id
  where deployments.status = 'pending' and deployments.scheduled_at <= now()
    and deployments.called_at is null
    -- A deployment waits while another one of its agent is in progress.
    and not exists (
      select from public.deployments under_way
      where under_way.agent_id = deployments.agent_id
        and (under_way.status = 'deploying'
          or under_way.status = 'pending' and under_way.called_at is not null)
    )
$body$;

create function private.deployments_to_time_out()
returns SETOF private.due_item
language sql stable security invoker
set search_path=""
as $body$
  select
    deployments.id::text,
    row_number() over (
      partition by coalesce(agents.organization_id, agents.created_by)
      order by deployments.updated_at, deployments.id
    ),
    deployments.updated_at
  from public.deployments
  join public.agents on agents.id = deployments.agent_id
  where deployments.status in ('pending', 'deploying')
    -- A scheduled one is overdue from its own time on.
    and greatest(deployments.updated_at, deployments.scheduled_at) < now() - case
      when deployments.webhook_endpoint_id is null then interval '1 day'
      else (private.limits()).deployment_silence
    end
$body$;

create function private.follow_call_of_deployer()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  update public.deployments
  set status = case new.status when 'delivered' then 'deploying' else 'failed' end,
      error_message = case when new.status = 'dead' then format(
        'The deployer could not be called. %s', new.last_error
      ) end
  where deployments.id = new.subject_id and deployments.status = 'pending';
  return null;
end
$body$;

create function private.merge_progress(deployment public.deployments, report jsonb)
returns public.deployments
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  merged public.deployments := merge_progress.deployment;
  percent integer := (merge_progress.report ->> 'progress_percent')::integer;
  is_running boolean := merged.status in ('pending', 'deploying');
begin
  if is_running or percent > coalesce(merged.progress_percent, -1) then
    update public.deployments
    set progress_percent = greatest(percent, deployments.progress_percent),
        progress_message = case
          when percent < deployments.progress_percent then deployments.progress_message
          else coalesce(
            merge_progress.report ->> 'progress_message', deployments.progress_message
          )
        end
    where deployments.id = merged.id
    returning * into merged;
  end if;
  return merged;
end
$body$;
grant execute on function private.merge_progress(public.deployments,jsonb) to service_role;

create function private.start_deployment(deployment uuid)
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  due public.deployments;
begin
  select deployments.* into due
  from public.deployments
  where deployments.id = start_deployment.deployment
    and deployments.status = 'pending' and deployments.called_at is null
  for no key update skip locked;
  if due.id is null then
    return 0;
  end if;
  perform private.call_deployer(due);
  return 1;
end
$body$;

create function private.time_out_deployment(deployment uuid)
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  ended integer;
begin
  update public.deployments
  set status = 'failed', error_message = 'Nothing was reported of this deployment in time.'
  where deployments.id = (
    select silent.id from public.deployments silent
    where silent.id = time_out_deployment.deployment
      and silent.status in ('pending', 'deploying')
      and greatest(silent.updated_at, silent.scheduled_at)
        < now() - (private.limits()).deployment_silence
    for no key update skip locked
  );
  get diagnostics ended = row_count;
  return ended;
end
$body$;

create function public.list_report_secrets(workflow uuid DEFAULT NULL::uuid, deployment uuid DEFAULT NULL::uuid)
returns jsonb
language sql stable security definer
set search_path=""
as $body$
  select coalesce(
    jsonb_agg(jsonb_build_object(
      'id', secrets.id, 'endpoint_id', secrets.endpoint_id, 'ciphertext', secrets.encrypted_secret
    )),
    '[]'
  )
  from public.webhook_secrets secrets
  join public.webhook_endpoints endpoints on endpoints.id = secrets.endpoint_id
  join public.organizations on organizations.id = endpoints.organization_id
  where organizations.deleted_at is null
    and (secrets.expires_at is null or secrets.expires_at > now())
    and secrets.endpoint_id in (
      select workflows.webhook_endpoint_id from public.workflows
      where workflows.id = list_report_secrets.workflow
        and private.is_webhook_of_agent(workflows.webhook_endpoint_id, workflows.agent_id)
      union all
      select deployments.webhook_endpoint_id from public.deployments
      where deployments.id = list_report_secrets.deployment
        and private.is_webhook_of_agent(deployments.webhook_endpoint_id, deployments.agent_id)
    )
$body$;
grant execute on function public.list_report_secrets(uuid,uuid) to agentbase_functions;

create function public.record_deployment_report(caller jsonb, deployment uuid, report jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  reported public.deployments;
  new_status text := record_deployment_report.report ->> 'status';
begin
  if record_deployment_report.caller ->> 'webhook' is null then
    perform private.impersonate(record_deployment_report.caller, 'workflows');
  end if;
  select deployments.* into reported
  from public.deployments
  where deployments.id = record_deployment_report.deployment
    and case
      when record_deployment_report.caller ->> 'webhook' is null then
        private.key_allows(deployments.agent_id)
        and exists (
          select from private.editable_agents where editable_agents.id = deployments.agent_id
        )
      else
        deployments.webhook_endpoint_id = (record_deployment_report.caller ->> 'webhook')::uuid
        and private.is_webhook_of_agent(deployments.webhook_endpoint_id, deployments.agent_id)
    end
  for no key update;
  if reported.id is null then
    perform private.refuse(
      'deployment_not_found', 'Deployment not found, or you may not report about it.'
    );
  end if;
  -- A deployer may finish before its call is recorded, and its first report may arrive last.
  if reported.status = 'pending' and new_status = 'deployed' then
    perform public.report_deployment(reported.id, 'deploying');
  end if;
  if new_status is not null
    and not (new_status = 'deploying' and reported.status in ('deployed', 'failed', 'stopped'))
  then
    reported := public.report_deployment(
      reported.id, new_status, record_deployment_report.report
    );
  end if;
  reported := private.merge_progress(reported, record_deployment_report.report);
  return jsonb_build_object(
    'id', reported.id, 'version', reported.version, 'status', reported.status,
    'progress_percent', reported.progress_percent
  );
end
$body$;
grant execute on function public.record_deployment_report(jsonb,uuid,jsonb) to agentbase_functions;
