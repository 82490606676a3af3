-- Workflows: automations that run agents, usually in n8n. Seed 003. Users who can read an agent can
-- read these; users who can edit it can write them.

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
  webhook_endpoint_id uuid references public.webhook_endpoints (id) on delete set null,
  timeout_seconds integer not null default 86400,
  execution_count integer not null default 0,
  success_count integer not null default 0,
  error_count integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint workflow_name_is_1_to_255_characters check (char_length(name) between 1 and 255),
  constraint n8n_workflow_id_is_at_most_255_characters check (char_length(n8n_workflow_id) <= 255),
  constraint workflow_timeout_is_10_seconds_to_a_week check (timeout_seconds between 10 and 604800),
  constraint workflow_status_is_known check (status in ('active', 'paused', 'error', 'inactive')),
  constraint workflow_counts_add_up check (
    success_count >= 0 and error_count >= 0 and success_count + error_count <= execution_count
  ),
  -- Sizes of columns that clients write.
  constraint workflow_name_has_no_control_characters check (private.is_plain(name)),
  constraint workflow_description_is_at_most_64_kib check (private.is_prose(description)),
  constraint n8n_workflow_id_has_no_control_characters check (private.is_plain(n8n_workflow_id)),
  constraint workflow_trigger_config_is_at_most_256_kib_and_64_levels check (
    private.is_document(trigger_config)
  ),
  constraint next_execution_is_from_1970_to_2199 check (private.is_calendar_time(next_execution))
);
comment on table public.workflows is 'An automation of an agent, usually in n8n.';
comment on column public.workflows.id is 'Identifies the workflow.';
comment on column public.workflows.agent_id is
  'The agent that the workflow works for; deleted with it.';
comment on column public.workflows.name is 'Name of the workflow to show.';
comment on column public.workflows.description is 'What it does.';
comment on column public.workflows.n8n_workflow_id is 'Its id in n8n.';
comment on column public.workflows.trigger_config is
  'What starts it. {"cron": five fields, "timezone"} runs an active workflow on a schedule, in the '
  'time zone of its organization unless one is named.';
comment on column public.workflows.status is
  'active, paused, error or inactive; only an active workflow is run by its schedule.';
comment on column public.workflows.last_execution is
  'Start of its latest execution. Kept by the database.';
comment on column public.workflows.next_execution is
  'When it runs next. Kept by the database where trigger_config has a cron expression.';
comment on column public.workflows.webhook_endpoint_id is
  'The webhook that run_workflow() and the cron expression call; null where only n8n starts it.';
comment on column public.workflows.timeout_seconds is
  'Seconds without a report after which a running execution counts as failed.';
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
grant insert (
  agent_id, name, description, n8n_workflow_id, trigger_config, status, next_execution,
  webhook_endpoint_id, timeout_seconds
) on public.workflows
  to authenticated;
grant update (
  name, description, n8n_workflow_id, trigger_config, status, next_execution, webhook_endpoint_id,
  timeout_seconds
) on public.workflows
  to authenticated;
grant select, insert, update, delete on public.workflows to service_role;
create index workflows_agent_id_idx on public.workflows (agent_id, created_at desc);
create index workflows_webhook_endpoint_id_idx on public.workflows (webhook_endpoint_id);
create index workflows_due_idx
  on public.workflows (next_execution)
  where status = 'active' and next_execution is not null;
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
  -- Sizes of columns that clients write.
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
comment on column public.workflow_executions.completed_at is
  'When the workflow reported its end; null while it runs.';
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
create unique index workflow_executions_replica_identity
  on public.workflow_executions (id, workflow_id);
create trigger update_workflow_executions_updated_at before update on public.workflow_executions
  for each row execute function public.update_updated_at_column();

create function private.redact_execution()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.input_data := private.redact_secrets(new.input_data);
  new.output_data := private.redact_secrets(new.output_data);
  new.error_data := private.redact_secrets(new.error_data);
  return new;
end
$$;
comment on function private.redact_execution() is
  'Trigger: redacts secrets in rows that clients write. Reports are redacted separately.';
create trigger redact_execution
  before insert or update of input_data, output_data, error_data on public.workflow_executions
  for each row when (current_user in ('authenticated', 'service_role'))
  execute function private.redact_execution();
