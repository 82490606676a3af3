-- Deployments: the versions of an agent that run somewhere. Seed 003. Users who can read an agent
-- can read its deployments; users who can edit it deploy it.

create table public.deployments (
  id uuid primary key default gen_random_uuid(),
  agent_id uuid not null references public.agents (id) on delete cascade,
  version integer not null default 1,
  status text not null default 'pending',
  trigger_type text,
  trigger_config jsonb not null default '{}',
  snapshot jsonb not null default '{}',
  deployment_url text,
  error_message text,
  scheduled_at timestamptz,
  called_at timestamptz,
  webhook_endpoint_id uuid references public.webhook_endpoints (id) on delete set null,
  progress_percent integer,
  progress_message text,
  deployed_at timestamptz,
  stopped_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint deployment_version_is_used_once_per_agent unique (agent_id, version),
  constraint version_counts_from_1 check (version >= 1),
  constraint deployment_status_is_known
    check (status in ('pending', 'deploying', 'deployed', 'failed', 'stopped')),
  constraint trigger_type_is_at_most_100_characters check (char_length(trigger_type) <= 100),
  constraint deployment_stops_after_it_starts check (stopped_at >= deployed_at),
  -- Sizes of columns that clients write.
  constraint trigger_type_has_no_control_characters check (private.is_plain(trigger_type)),
  constraint deployment_trigger_config_is_at_most_256_kib_and_64_levels check (
    private.is_document(trigger_config)
  ),
  constraint deployment_error_message_is_at_most_64_kib check (private.is_prose(error_message)),
  constraint deployment_url_is_http check (private.is_web_address(deployment_url)),
  constraint deployment_scheduled_at_is_from_1970_to_2199 check (
    private.is_calendar_time(scheduled_at)
  ),
  constraint deployment_progress_is_0_to_100 check (progress_percent between 0 and 100),
  constraint deployment_progress_message_is_at_most_64_kib check (
    private.is_prose(progress_message)
  ),
  constraint deployed_at_is_from_1970_to_2199 check (private.is_calendar_time(deployed_at)),
  constraint stopped_at_is_from_1970_to_2199 check (private.is_calendar_time(stopped_at))
);
comment on table public.deployments is
  'A version of an agent that is, was or will be running somewhere.';
comment on column public.deployments.id is 'Identifies the deployment.';
comment on column public.deployments.agent_id is 'The agent that is deployed.';
comment on column public.deployments.version is
  'Number of the deployment, from 1. A number that is taken is replaced by the next free one.';
comment on column public.deployments.status is
  'pending, deploying, deployed, failed or stopped. pending becomes deploying, failed or stopped; '
  'deploying becomes deployed, failed or stopped; deployed and failed become stopped. An agent has '
  'at most one that is deployed: the next one stops it.';
comment on column public.deployments.trigger_type is
  'What started it, such as manual, config_change, scheduled.';
comment on column public.deployments.trigger_config is 'Details of what started it.';
comment on column public.deployments.snapshot is
  'The definition of the agent when the deployment was created: private.agent_definition(). Kept '
  'by the database.';
comment on column public.deployments.deployment_url is 'Where it runs.';
comment on column public.deployments.error_message is 'Why it failed.';
comment on column public.deployments.scheduled_at is
  'When it should begin; null for immediately. deploy_agent() takes it from trigger_config.at.';
comment on column public.deployments.called_at is
  'When its deployer was called, or would have been. Kept by the database.';
comment on column public.deployments.webhook_endpoint_id is
  'The deployer that was called. Kept by the database.';
comment on column public.deployments.progress_percent is 'What the deployer reported, 0 to 100.';
comment on column public.deployments.progress_message is 'What the deployer is doing.';
comment on column public.deployments.deployed_at is 'When it began to run.';
comment on column public.deployments.stopped_at is 'When it stopped.';
comment on column public.deployments.created_at is 'When it was asked for.';
comment on column public.deployments.updated_at is 'When the deployment was last changed.';

alter table public.deployments enable row level security;
create policy "People read the deployments of agents that they see" on public.deployments
  for select to authenticated
  using (
    exists (
      select from public.agents
      where agents.id = deployments.agent_id and not agents.is_platform
    )
  );
create policy "Those who edit an agent deploy it" on public.deployments
  for insert to authenticated
  with check (
    exists (select from private.editable_agents where editable_agents.id = deployments.agent_id)
  );
create policy "Those who edit an agent change its deployments" on public.deployments
  for update to authenticated
  using (
    exists (select from private.editable_agents where editable_agents.id = deployments.agent_id)
  )
  with check (
    exists (select from private.editable_agents where editable_agents.id = deployments.agent_id)
  );
create policy "Those who edit an agent delete its deployments" on public.deployments
  for delete to authenticated
  using (
    exists (select from private.editable_agents where editable_agents.id = deployments.agent_id)
  );
grant select, delete on public.deployments to authenticated;
grant insert (
  agent_id, version, status, trigger_type, trigger_config, scheduled_at, deployment_url,
  error_message, deployed_at, stopped_at
)
  on public.deployments to authenticated;
grant update (
  status, trigger_type, trigger_config, deployment_url, error_message, deployed_at, stopped_at
)
  on public.deployments to authenticated;
grant select, insert, update, delete on public.deployments to service_role;
create index idx_deployments_agent_status on public.deployments (agent_id, status);
create index deployments_agent_id_created_at_idx on public.deployments (agent_id, created_at desc);
create unique index one_deployment_of_an_agent_is_live
  on public.deployments (agent_id)
  where status = 'deployed';
create unique index one_deployment_of_an_agent_is_scheduled
  on public.deployments (agent_id)
  where status = 'pending' and scheduled_at is not null and called_at is null;
create unique index deployments_replica_identity on public.deployments (id, agent_id);
create index deployments_webhook_endpoint_id_idx on public.deployments (webhook_endpoint_id);
create index idx_deployments_status on public.deployments (status);
create trigger update_deployments_updated_at before update on public.deployments
  for each row execute function public.update_updated_at_column();

create function private.redact_deployment()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.error_message := private.redact_text(new.error_message);
  new.progress_message := private.redact_text(new.progress_message);
  return new;
end
$$;
comment on function private.redact_deployment() is
  'Trigger: redacts secrets in messages, which notifications quote.';
create trigger redact_deployment
  before insert or update of error_message, progress_message on public.deployments
  for each row execute function private.redact_deployment();

create function private.agent_definition(agent public.agents)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  -- Field by field, as a dashboard calls it for each agent.
  return jsonb_build_object(
    'type', (agent_definition.agent).type,
    'vendor_id', (agent_definition.agent).vendor_id,
    'service_id', (agent_definition.agent).service_id,
    'model_name', (agent_definition.agent).model_name,
    'system_prompt', (agent_definition.agent).system_prompt,
    'temperature', (agent_definition.agent).temperature,
    'max_tokens', (agent_definition.agent).max_tokens,
    'config', (agent_definition.agent).config,
    'capabilities', (agent_definition.agent).capabilities,
    'deployment_config', (agent_definition.agent).deployment_config,
    'voice_provider', (agent_definition.agent).voice_provider,
    'voice_id', (agent_definition.agent).voice_id,
    'voice_settings', (agent_definition.agent).voice_settings,
    'speech_processing', (agent_definition.agent).speech_processing,
    'security', (agent_definition.agent).security,
    'knowledge_base_ids', (agent_definition.agent).knowledge_base_ids
  );
end
$$;
comment on function private.agent_definition(public.agents) is
  'The definition of an agent, for the snapshot of a deployment.';
grant execute on function private.agent_definition(public.agents) to authenticated, service_role;

create function private.number_deployment()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  agent public.agents;
begin
  -- An upsert of an existing row updates it, and assigns no number.
  if exists (select from public.deployments where deployments.id = new.id) then
    return new;
  end if;
  if current_user = 'authenticated' and new.status <> 'pending' then
    perform private.refuse(
      'deployment_transition_refused', 'A deployment begins as pending.',
      'Leave status out, and change it as the deployment proceeds.'
    );
  end if;
  -- Serializes the numbering of an agent's deployments.
  select agents.* into agent from public.agents
  where agents.id = new.agent_id for no key update;
  if exists (
    select from public.deployments
    where deployments.agent_id = new.agent_id and deployments.version = new.version
  ) then
    new.version = (
      select max(deployments.version) + 1 from public.deployments
      where deployments.agent_id = new.agent_id
    );
  end if;
  if agent.id is not null and new.snapshot = '{}' then
    new.snapshot = private.agent_definition(agent);
  end if;
  return new;
end
$$;
comment on function private.number_deployment() is
  'Trigger: gives a new deployment the next number and the snapshot of its agent. Errors: PT409 '
  'deployment_transition_refused.';
create trigger number_deployment before insert on public.deployments
  for each row execute function private.number_deployment();

create function private.change_deployment_status()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if not (
    (old.status = 'pending' and new.status in ('deploying', 'failed', 'stopped'))
    or (old.status = 'deploying' and new.status in ('deployed', 'failed', 'stopped'))
    or (old.status in ('deployed', 'failed') and new.status = 'stopped')
  ) then
    perform private.refuse(
      'deployment_transition_refused',
      format('A deployment that is %s cannot become %s.', old.status, new.status),
      case when old.status = 'pending' and new.status = 'deployed' then
        'Report "deploying" first.'
      else
        'Make a new deployment with deploy_agent().'
      end
    );
  end if;
  if new.status = 'deployed' then
    new.deployed_at = coalesce(new.deployed_at, now());
    -- Serializes two that become deployed at the same time: the second stops the first.
    perform from public.agents where agents.id = new.agent_id for no key update;
    update public.deployments
    set status = 'stopped'
    where deployments.agent_id = new.agent_id
      and deployments.status = 'deployed'
      and deployments.id <> new.id;
  elsif new.status = 'stopped' then
    new.stopped_at = coalesce(new.stopped_at, greatest(now(), new.deployed_at));
  end if;
  return new;
end
$$;
comment on function private.change_deployment_status() is
  'Trigger: the state machine of deployments. The one that becomes deployed stops the one before. '
  'Errors: PT409 deployment_transition_refused.';
create trigger change_deployment_status before update of status on public.deployments
  for each row
  when (
    old.status is distinct from new.status
    and new.status in ('pending', 'deploying', 'deployed', 'failed', 'stopped')
  )
  execute function private.change_deployment_status();

create function private.follow_deployment()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
declare
  agent public.agents := (
    select agents from public.agents where agents.id = new.agent_id and not agents.is_platform
  );
begin
  -- While a deployment is live, others that fail or stop change nothing; nor does one that never
  -- ran.
  if new.status = 'deployed' or (
    (new.status = 'failed' or new.status = 'stopped' and old.status in ('deployed', 'failed'))
    and not exists (
      select from public.deployments
      where deployments.agent_id = new.agent_id and deployments.status in ('deploying', 'deployed')
    )
  ) then
    update public.agents
    set status = case new.status
        when 'deployed' then 'active' when 'failed' then 'error' else 'inactive'
      end
    where agents.id = agent.id;
  end if;
  perform private.notify(
    private.agent_contact(agent),
    case new.status when 'deployed' then 'deployment_success' else 'deployment_failed' end,
    case new.status when 'deployed' then 'Agent deployed' else 'Deployment failed' end,
    format(
      'Version %s of the agent "%s" %s', new.version, private.name_to_quote(agent.name),
      case new.status when 'deployed' then 'is deployed.'
        else 'could not be deployed'
          || coalesce(': "' || private.name_to_quote(new.error_message) || '"', '.')
      end
    ),
    jsonb_build_object(
      'agent_id', new.agent_id, 'deployment_id', new.id, 'version', new.version
    )
  )
  where new.status in ('deployed', 'failed') and private.agent_contact(agent) is not null;
  return null;
end
$$;
comment on function private.follow_deployment() is
  'Trigger: an agent is active when a deployment of it is live, in error when one failed and none '
  'is live, inactive when the live one stopped. The creator is notified of the first two.';
create trigger follow_deployment after update of status on public.deployments
  for each row when (old.status is distinct from new.status)
  execute function private.follow_deployment();
