-- Deployments: the versions of an agent that run somewhere. Seed 003. Users who can read an agent
-- can read its deployments; users who can edit it deploy it.

create table public.deployments (
  id uuid primary key default gen_random_uuid(),
  agent_id uuid not null references public.agents (id) on delete cascade,
  version integer not null default 1,
  status text not null default 'pending',
  trigger_type text,
  trigger_config jsonb not null default '{}',
  deployment_url text,
  error_message text,
  deployed_at timestamptz,
  stopped_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint version_counts_from_1 check (version >= 1),
  constraint deployment_status_is_known
    check (status in ('pending', 'deploying', 'deployed', 'failed', 'stopped')),
  constraint trigger_type_is_at_most_100_characters check (char_length(trigger_type) <= 100),
  constraint deployment_stops_after_it_starts check (stopped_at >= deployed_at),
  -- What clients write is bounded.
  constraint trigger_type_has_no_control_characters check (private.is_plain(trigger_type)),
  constraint deployment_trigger_config_is_at_most_256_kib_and_64_levels check (
    private.is_document(trigger_config)
  ),
  constraint deployment_error_message_is_at_most_64_kib check (private.is_prose(error_message)),
  constraint deployment_url_is_http check (private.is_web_address(deployment_url)),
  constraint deployed_at_is_from_1970_to_2199 check (private.is_calendar_time(deployed_at)),
  constraint stopped_at_is_from_1970_to_2199 check (private.is_calendar_time(stopped_at))
);
comment on table public.deployments is
  'A version of an agent that is, was or will be running somewhere.';
comment on column public.deployments.id is 'Identifies the deployment.';
comment on column public.deployments.agent_id is 'The agent.';
comment on column public.deployments.version is 'Version of the agent.';
comment on column public.deployments.status is 'pending, deploying, deployed, failed or stopped.';
comment on column public.deployments.trigger_type is
  'What started it, such as manual, config_change, scheduled.';
comment on column public.deployments.trigger_config is 'Details of what started it.';
comment on column public.deployments.deployment_url is 'Where it runs.';
comment on column public.deployments.error_message is 'Why it failed.';
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
  agent_id, version, status, trigger_type, trigger_config, deployment_url, error_message,
  deployed_at, stopped_at
)
  on public.deployments to authenticated;
grant update (
  status, trigger_type, trigger_config, deployment_url, error_message, deployed_at, stopped_at
)
  on public.deployments to authenticated;
grant select, insert, update, delete on public.deployments to service_role;
create index idx_deployments_agent_status on public.deployments (agent_id, status);
create index deployments_agent_id_created_at_idx on public.deployments (agent_id, created_at desc);
create index idx_deployments_status on public.deployments (status);
create trigger update_deployments_updated_at before update on public.deployments
  for each row execute function public.update_updated_at_column();
