-- Workflows: how agents are deployed and what runs them on their own. Seed 003.
-- Users who can read an agent can read these; users who can edit it can write them.

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

create table public.workflows (
  id uuid primary key default gen_random_uuid(),
  agent_id uuid not null references public.agents (id) on delete cascade,
  name text not null,
  description text,
  n8n_workflow_id text,
  trigger_config jsonb not null default '{}',
  status text not null default 'inactive',
  last_execution timestamptz,
  next_execution timestamptz,
  execution_count integer not null default 0,
  success_count integer not null default 0,
  error_count integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint workflow_name_is_1_to_255_characters check (char_length(name) between 1 and 255),
  constraint n8n_workflow_id_is_at_most_255_characters check (char_length(n8n_workflow_id) <= 255),
  constraint workflow_status_is_known check (status in ('active', 'paused', 'error', 'inactive')),
  constraint workflow_counts_add_up check (
    success_count >= 0 and error_count >= 0 and success_count + error_count <= execution_count
  ),
  -- What clients write is bounded.
  constraint workflow_name_has_no_control_characters check (private.is_plain(name)),
  constraint workflow_description_is_at_most_64_kib check (private.is_prose(description)),
  constraint n8n_workflow_id_has_no_control_characters check (private.is_plain(n8n_workflow_id)),
  constraint workflow_trigger_config_is_at_most_256_kib_and_64_levels check (
    private.is_document(trigger_config)
  ),
  constraint next_execution_is_from_1970_to_2199 check (private.is_calendar_time(next_execution))
);
comment on table public.workflows is 'Something that an agent does on its own, usually in n8n.';
comment on column public.workflows.id is 'Identifies the workflow.';
comment on column public.workflows.agent_id is 'The agent.';
comment on column public.workflows.name is 'Name of the workflow to show.';
comment on column public.workflows.description is 'What it does.';
comment on column public.workflows.n8n_workflow_id is 'Its id in n8n.';
comment on column public.workflows.trigger_config is 'What starts it.';
comment on column public.workflows.status is 'active, paused, error or inactive.';
comment on column public.workflows.last_execution is
  'Start of its latest execution. Kept by the database.';
comment on column public.workflows.next_execution is 'When it runs next.';
comment on column public.workflows.execution_count is
  'Number of its executions. Kept by the database.';
comment on column public.workflows.success_count is 'Those that succeeded. Kept by the database.';
comment on column public.workflows.error_count is 'Those that failed. Kept by the database.';
comment on column public.workflows.created_at is 'When the workflow was created.';
comment on column public.workflows.updated_at is 'When the workflow was last changed.';

alter table public.workflows enable row level security;
create policy "People read the workflows of agents that they see" on public.workflows
  for select to authenticated
  using (
    exists (
      select from public.agents
      where agents.id = workflows.agent_id and not agents.is_platform
    )
  );
create policy "Those who edit an agent add workflows" on public.workflows
  for insert to authenticated
  with check (
    exists (select from private.editable_agents where editable_agents.id = workflows.agent_id)
  );
create policy "Those who edit an agent change its workflows" on public.workflows
  for update to authenticated
  using (
    exists (select from private.editable_agents where editable_agents.id = workflows.agent_id)
  )
  with check (
    exists (select from private.editable_agents where editable_agents.id = workflows.agent_id)
  );
create policy "Those who edit an agent delete its workflows" on public.workflows
  for delete to authenticated
  using (
    exists (select from private.editable_agents where editable_agents.id = workflows.agent_id)
  );
grant select, delete on public.workflows to authenticated;
grant insert (agent_id, name, description, n8n_workflow_id, trigger_config, status, next_execution)
  on public.workflows
  to authenticated;
grant update (name, description, n8n_workflow_id, trigger_config, status, next_execution)
  on public.workflows
  to authenticated;
grant select, insert, update, delete on public.workflows to service_role;
create index workflows_agent_id_idx on public.workflows (agent_id, created_at desc);
create trigger update_workflows_updated_at before update on public.workflows
  for each row execute function public.update_updated_at_column();

create table public.workflow_executions (
  id uuid primary key default gen_random_uuid(),
  workflow_id uuid not null references public.workflows (id) on delete cascade,
  execution_id text,
  status text not null default 'running',
  input_data jsonb,
  output_data jsonb,
  error_data jsonb,
  execution_time_ms integer,
  started_at timestamptz not null default now(),
  completed_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (workflow_id, execution_id),
  constraint execution_id_is_1_to_255_characters
    check (char_length(execution_id) between 1 and 255),
  constraint workflow_execution_status_is_known
    check (status in ('running', 'success', 'error', 'waiting')),
  constraint execution_time_is_not_negative check (execution_time_ms >= 0),
  constraint workflow_execution_completes_after_it_starts check (completed_at >= started_at),
  -- What clients write is bounded.
  constraint execution_id_has_no_control_characters check (private.is_plain(execution_id)),
  constraint input_data_is_at_most_1_mib_and_64_levels check (private.is_payload(input_data)),
  constraint output_data_is_at_most_1_mib_and_64_levels check (private.is_payload(output_data)),
  constraint error_data_is_at_most_1_mib_and_64_levels check (private.is_payload(error_data)),
  constraint execution_started_at_is_from_1970_to_2199 check (private.is_calendar_time(started_at)),
  constraint execution_completed_at_is_from_1970_to_2199 check (
    private.is_calendar_time(completed_at)
  )
);
comment on table public.workflow_executions is 'One run of a workflow.';
comment on column public.workflow_executions.id is 'Identifies the workflow execution.';
comment on column public.workflow_executions.workflow_id is 'The workflow.';
comment on column public.workflow_executions.execution_id is
  'Its id in n8n; recorded once per workflow.';
comment on column public.workflow_executions.status is 'running, success, error or waiting.';
comment on column public.workflow_executions.input_data is 'What it was given.';
comment on column public.workflow_executions.output_data is 'What it made.';
comment on column public.workflow_executions.error_data is 'What went wrong.';
comment on column public.workflow_executions.execution_time_ms is
  'Milliseconds from start to end; computed where both are known.';
comment on column public.workflow_executions.started_at is 'When the workflow execution began.';
comment on column public.workflow_executions.completed_at is 'When it was over.';
comment on column public.workflow_executions.created_at is
  'When the workflow execution was recorded.';
comment on column public.workflow_executions.updated_at is
  'When the workflow execution was last changed.';

alter table public.workflow_executions enable row level security;
create policy "People read the executions of workflows that they see" on public.workflow_executions
  for select to authenticated
  using (
    exists (select from public.workflows where workflows.id = workflow_executions.workflow_id)
  );
create policy "Those who edit an agent record executions" on public.workflow_executions
  for insert to authenticated
  with check (
    exists (
      select from public.workflows
      join private.editable_agents on editable_agents.id = workflows.agent_id
      where workflows.id = workflow_executions.workflow_id
    )
  );
create policy "Those who edit an agent change executions" on public.workflow_executions
  for update to authenticated
  using (
    exists (
      select from public.workflows
      join private.editable_agents on editable_agents.id = workflows.agent_id
      where workflows.id = workflow_executions.workflow_id
    )
  )
  with check (
    exists (
      select from public.workflows
      join private.editable_agents on editable_agents.id = workflows.agent_id
      where workflows.id = workflow_executions.workflow_id
    )
  );
create policy "Those who edit an agent delete executions" on public.workflow_executions
  for delete to authenticated
  using (
    exists (
      select from public.workflows
      join private.editable_agents on editable_agents.id = workflows.agent_id
      where workflows.id = workflow_executions.workflow_id
    )
  );
grant select, delete on public.workflow_executions to authenticated;
grant insert (
  workflow_id, execution_id, status, input_data, output_data, error_data, execution_time_ms,
  started_at, completed_at
)
  on public.workflow_executions to authenticated;
grant update (status, output_data, error_data, execution_time_ms, completed_at)
  on public.workflow_executions
  to authenticated;
grant select, insert, update, delete on public.workflow_executions to service_role;
create index idx_workflow_executions_workflow_status
  on public.workflow_executions (workflow_id, status);
create index idx_workflow_executions_status on public.workflow_executions (status);
create index idx_workflow_executions_started_at on public.workflow_executions (started_at);
create index workflow_executions_workflow_id_started_at_idx
  on public.workflow_executions (workflow_id, started_at);
create trigger update_workflow_executions_updated_at before update on public.workflow_executions
  for each row execute function public.update_updated_at_column();

create table public.agent_thoughts (
  id uuid primary key default gen_random_uuid(),
  agent_id uuid not null references public.agents (id) on delete cascade,
  execution_id uuid references public.workflow_executions (id) on delete cascade,
  node_id text not null,
  node_type text not null,
  content text not null,
  metadata jsonb not null default '{}',
  parent_node_id text,
  confidence_score numeric(3, 2),
  processing_time_ms integer,
  created_at timestamptz not null default now(),
  constraint node_id_is_1_to_100_characters check (char_length(node_id) between 1 and 100),
  constraint node_type_is_known check (node_type in ('input', 'processing', 'action', 'output')),
  constraint parent_node_id_is_1_to_100_characters
    check (char_length(parent_node_id) between 1 and 100),
  constraint confidence_is_between_0_and_1 check (confidence_score between 0 and 1),
  constraint processing_time_is_not_negative check (processing_time_ms >= 0),
  -- What clients write is bounded.
  constraint node_id_has_no_control_characters check (private.is_plain(node_id)),
  constraint parent_node_id_has_no_control_characters check (private.is_plain(parent_node_id)),
  constraint thought_content_is_at_most_1_mib check (private.is_content(content)),
  constraint thought_metadata_is_at_most_256_kib_and_64_levels check (
    private.is_document(metadata)
  )
);
comment on table public.agent_thoughts is
  'Steps of an agent''s reasoning, as nodes of a mind map.';
comment on column public.agent_thoughts.id is 'Identifies the agent thought.';
comment on column public.agent_thoughts.agent_id is 'The agent.';
comment on column public.agent_thoughts.execution_id is 'The execution in which it was thought.';
comment on column public.agent_thoughts.node_id is 'Name of the node.';
comment on column public.agent_thoughts.node_type is 'input, processing, action or output.';
comment on column public.agent_thoughts.content is 'What was thought.';
comment on column public.agent_thoughts.metadata is 'Whatever else belongs to it.';
comment on column public.agent_thoughts.parent_node_id is 'Name of the node before it.';
comment on column public.agent_thoughts.confidence_score is 'How sure, 0 to 1.';
comment on column public.agent_thoughts.processing_time_ms is 'Milliseconds that it took.';
comment on column public.agent_thoughts.created_at is 'When.';

alter table public.agent_thoughts enable row level security;
create policy "People read the thoughts of agents that they see" on public.agent_thoughts
  for select to authenticated
  using (
    exists (
      select from public.agents
      where agents.id = agent_thoughts.agent_id and not agents.is_platform
    )
  );
create policy "Those who edit an agent record its thoughts" on public.agent_thoughts
  for insert to authenticated
  with check (
    exists (select from private.editable_agents where editable_agents.id = agent_thoughts.agent_id)
    and (
      execution_id is null
      or exists (
        select from public.workflow_executions
        where workflow_executions.id = agent_thoughts.execution_id
      )
    )
  );
create policy "Those who edit an agent delete its thoughts" on public.agent_thoughts
  for delete to authenticated
  using (
    exists (select from private.editable_agents where editable_agents.id = agent_thoughts.agent_id)
  );
grant select, delete on public.agent_thoughts to authenticated;
grant insert (
  agent_id, execution_id, node_id, node_type, content, metadata, parent_node_id, confidence_score,
  processing_time_ms
) on public.agent_thoughts to authenticated;
grant select, insert, update, delete on public.agent_thoughts to service_role;
create index idx_agent_thoughts_agent_id on public.agent_thoughts (agent_id, created_at);
create index idx_agent_thoughts_execution_id on public.agent_thoughts (execution_id);
create index idx_agent_thoughts_created_at on public.agent_thoughts (created_at);
