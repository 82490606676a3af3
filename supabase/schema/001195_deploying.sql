-- The current state of what 001195_deploying.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.lock_agent_to_deploy(agent uuid)
returns public.agents
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  locked public.agents;
begin
  select agents.* into locked
  from public.agents
  where agents.id = lock_agent_to_deploy.agent
    and (
      current_user <> 'authenticated'
      or exists (select from private.editable_agents where editable_agents.id = agents.id)
    )
  for no key update;
  if locked.id is null then
    perform private.refuse('agent_not_found', 'Agent not found, or you may not deploy it.');
  end if;
  if exists (
    select from public.deployments
    where deployments.agent_id = locked.id and deployments.status in ('pending', 'deploying')
      and (deployments.scheduled_at is null or deployments.scheduled_at <= now())
  ) then
    perform private.refuse(
      'deployment_in_progress', 'A deployment of this agent is pending or deploying.',
      'Wait until it ends, or set its status to stopped.'
    );
  end if;
  return locked;
end
$body$;
grant execute on function private.lock_agent_to_deploy(uuid) to authenticated, service_role;

create function private.scheduled_time(value text)
returns timestamp with time zone
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  named timestamptz;
begin
  begin
    named := scheduled_time.value::timestamptz;
  exception when data_exception then
    named := null;
  end;
  if named is null or not private.is_calendar_time(named) then
    perform private.refuse(
      'invalid_value', 'trigger_config.at must be a time.',
      'Use a time such as 2027-01-31T09:00:00+01:00.'
    );
  end if;
  return named;
end
$body$;
grant execute on function private.scheduled_time(text) to authenticated, service_role;

create function public.deploy_agent(agent uuid, trigger text DEFAULT 'manual'::text, trigger_config jsonb DEFAULT '{}'::jsonb)
returns public.deployments
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  locked public.agents := private.lock_agent_to_deploy(deploy_agent.agent);
  made public.deployments;
begin
  if deploy_agent.trigger = 'scheduled' and exists (
    select from public.deployments
    where deployments.agent_id = locked.id
      and deployments.status = 'pending' and deployments.scheduled_at > now()
  ) then
    perform private.refuse(
      'deployment_in_progress', 'A deployment of this agent is scheduled.',
      'Set its status to stopped.'
    );
  end if;
  insert into public.deployments (agent_id, trigger_type, trigger_config, scheduled_at)
  values (
    locked.id, coalesce(deploy_agent.trigger, 'manual'),
    coalesce(deploy_agent.trigger_config, '{}'),
    case when deploy_agent.trigger = 'scheduled' then private.scheduled_time(
      deploy_agent.trigger_config ->> 'at'
    ) end
  )
  returning * into made;
  -- The newest are kept, which include the running one.
  delete from public.deployments
  where deployments.agent_id = locked.id
    and deployments.status in ('failed', 'stopped')
    and deployments.version <= made.version - (private.limits()).deployments_per_agent;
  return made;
end
$body$;
grant execute on function public.deploy_agent(uuid,text,jsonb) to authenticated, service_role;

create function public.report_deployment(deployment uuid, status text, details jsonb DEFAULT '{}'::jsonb)
returns public.deployments
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  reported public.deployments;
begin
  if report_deployment.status is null
    or report_deployment.status not in ('deploying', 'deployed', 'failed', 'stopped')
  then
    perform private.refuse(
      'invalid_value', 'Cannot report this status of a deployment.',
      'Use deploying, deployed, failed or stopped.'
    );
  end if;
  select deployments.* into reported from public.deployments
  where deployments.id = report_deployment.deployment
  for no key update;
  if reported.id is null then
    perform private.refuse('deployment_not_found', 'Deployment not found, or you may not see it.');
  end if;
  -- Reports are idempotent.
  if reported.status <> report_deployment.status then
    update public.deployments
    set status = report_deployment.status,
        deployment_url = coalesce(
          report_deployment.details ->> 'deployment_url', deployments.deployment_url
        ),
        error_message = coalesce(
          report_deployment.details ->> 'error_message', deployments.error_message
        )
    where deployments.id = reported.id
    returning * into reported;
  end if;
  return reported;
end
$body$;
grant execute on function public.report_deployment(uuid,text,jsonb) to authenticated, service_role;

create function public.rollback_deployment(deployment uuid)
returns public.deployments
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  past public.deployments;
  before public.agents;
begin
  select deployments.* into past from public.deployments
  where deployments.id = rollback_deployment.deployment;
  if past.id is null then
    perform private.refuse('deployment_not_found', 'Deployment not found, or you may not see it.');
  end if;
  perform private.lock_agent_to_deploy(past.agent_id);
  if past.deployed_at is null or past.snapshot = '{}' then
    perform private.refuse(
      'deployment_not_restorable', format('Version %s was never deployed.', past.version)
    );
  end if;
  before := jsonb_populate_record(null::public.agents, past.snapshot);
  update public.agents
  set type = before.type, vendor_id = before.vendor_id, service_id = before.service_id,
      model_name = before.model_name, system_prompt = before.system_prompt,
      temperature = before.temperature, max_tokens = before.max_tokens, config = before.config,
      capabilities = before.capabilities, deployment_config = before.deployment_config,
      voice_provider = before.voice_provider, voice_id = before.voice_id,
      voice_settings = before.voice_settings, speech_processing = before.speech_processing,
      security = before.security, knowledge_base_ids = before.knowledge_base_ids
  where agents.id = past.agent_id;
  return public.deploy_agent(
    past.agent_id, 'rollback',
    jsonb_build_object('deployment_id', past.id, 'version', past.version)
  );
end
$body$;
grant execute on function public.rollback_deployment(uuid) to authenticated, service_role;
