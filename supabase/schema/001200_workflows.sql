-- The current state of what 001200_workflows.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table public.workflow_executions (
  id uuid default gen_random_uuid() not null,
  workflow_id uuid not null,
  execution_id text,
  status text default 'running'::text not null,
  input_data jsonb,
  output_data jsonb,
  error_data jsonb,
  execution_time_ms integer,
  started_at timestamp with time zone default now() not null,
  completed_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint workflow_executions_pkey PRIMARY KEY (id),
  constraint workflow_executions_workflow_id_execution_id_key UNIQUE (workflow_id, execution_id),
  constraint workflow_executions_workflow_id_fkey FOREIGN KEY (workflow_id) REFERENCES public.workflows(id) ON DELETE CASCADE,
  constraint error_data_is_at_most_1_mib_and_64_levels CHECK (private.is_payload(error_data)),
  constraint execution_completed_at_is_from_1970_to_2199 CHECK (private.is_calendar_time(completed_at)),
  constraint execution_id_has_no_control_characters CHECK (private.is_plain(execution_id)),
  constraint execution_id_is_1_to_255_characters CHECK (((char_length(execution_id) >= 1) AND (char_length(execution_id) <= 255))),
  constraint execution_started_at_is_from_1970_to_2199 CHECK (private.is_calendar_time(started_at)),
  constraint execution_time_is_not_negative CHECK ((execution_time_ms >= 0)),
  constraint input_data_is_at_most_1_mib_and_64_levels CHECK (private.is_payload(input_data)),
  constraint output_data_is_at_most_1_mib_and_64_levels CHECK (private.is_payload(output_data)),
  constraint workflow_execution_completes_after_it_starts CHECK ((completed_at >= started_at)),
  constraint workflow_execution_status_is_known CHECK ((status = ANY (ARRAY['running'::text, 'success'::text, 'error'::text, 'waiting'::text])))
);
alter table public.workflow_executions enable row level security;
create policy "People read the executions of workflows that they see" on public.workflow_executions
  as permissive for select to authenticated
  using ((EXISTS ( SELECT
   FROM public.workflows
  WHERE (workflows.id = workflow_executions.workflow_id))));
create policy "Those who edit an agent change executions" on public.workflow_executions
  as permissive for update to authenticated
  using ((EXISTS ( SELECT
   FROM (public.workflows
     JOIN private.editable_agents ON ((editable_agents.id = workflows.agent_id)))
  WHERE (workflows.id = workflow_executions.workflow_id))))
  with check ((EXISTS ( SELECT
   FROM (public.workflows
     JOIN private.editable_agents ON ((editable_agents.id = workflows.agent_id)))
  WHERE (workflows.id = workflow_executions.workflow_id))));
create policy "Those who edit an agent delete executions" on public.workflow_executions
  as permissive for delete to authenticated
  using ((EXISTS ( SELECT
   FROM (public.workflows
     JOIN private.editable_agents ON ((editable_agents.id = workflows.agent_id)))
  WHERE (workflows.id = workflow_executions.workflow_id))));
create policy "Those who edit an agent record executions" on public.workflow_executions
  as permissive for insert to authenticated
  with check ((EXISTS ( SELECT
   FROM (public.workflows
     JOIN private.editable_agents ON ((editable_agents.id = workflows.agent_id)))
  WHERE (workflows.id = workflow_executions.workflow_id))));
grant delete, insert (id, workflow_id, execution_id, status, input_data, output_data, error_data, execution_time_ms, started_at, completed_at), select, update (id, workflow_id, execution_id, status, input_data, output_data, error_data, execution_time_ms, started_at, completed_at) on public.workflow_executions to authenticated;
grant delete, insert, select, update on public.workflow_executions to service_role;
CREATE INDEX idx_workflow_executions_started_at ON public.workflow_executions USING btree (started_at);
CREATE INDEX idx_workflow_executions_status ON public.workflow_executions USING btree (status);
CREATE INDEX idx_workflow_executions_workflow_status ON public.workflow_executions USING btree (workflow_id, status);
CREATE INDEX workflow_executions_workflow_id_started_at_idx ON public.workflow_executions USING btree (workflow_id, started_at);
CREATE UNIQUE INDEX workflow_executions_replica_identity ON public.workflow_executions USING btree (id, workflow_id);
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE OF id, status, started_at, created_at, updated_at ON public.workflow_executions FOR EACH ROW WHEN ((num_nulls(new.id, new.status, new.started_at, new.created_at, new.updated_at) > 0)) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER cancel_calls_of_ended AFTER UPDATE OF status ON public.workflow_executions FOR EACH ROW WHEN (((new.status = ANY (ARRAY['success'::text, 'error'::text])) AND (old.status = ANY (ARRAY['running'::text, 'waiting'::text])))) EXECUTE FUNCTION private.cancel_calls_of_ended();
CREATE TRIGGER count_changed_executions AFTER UPDATE ON public.workflow_executions REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.count_changed_executions();
CREATE TRIGGER count_deleted_executions AFTER DELETE ON public.workflow_executions REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT WHEN ((current_setting('agentbase.is_retention'::text, true) IS DISTINCT FROM 'on'::text)) EXECUTE FUNCTION private.count_deleted_executions();
CREATE TRIGGER count_new_executions AFTER INSERT ON public.workflow_executions REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION private.count_new_executions();
CREATE TRIGGER keep_end_of_execution BEFORE UPDATE OF status ON public.workflow_executions FOR EACH ROW WHEN (((old.status = ANY (ARRAY['success'::text, 'error'::text])) AND (new.status <> old.status))) EXECUTE FUNCTION private.keep_end_of_execution();
CREATE TRIGGER notify_new_workflow_error AFTER INSERT ON public.workflow_executions FOR EACH ROW WHEN ((new.status = 'error'::text)) EXECUTE FUNCTION private.notify_workflow_error();
CREATE TRIGGER notify_workflow_error AFTER UPDATE OF status ON public.workflow_executions FOR EACH ROW WHEN (((new.status = 'error'::text) AND (old.status <> 'error'::text))) EXECUTE FUNCTION private.notify_workflow_error();
CREATE TRIGGER redact_execution BEFORE INSERT OR UPDATE OF input_data, output_data, error_data ON public.workflow_executions FOR EACH ROW WHEN ((CURRENT_USER = ANY (ARRAY['authenticated'::name, 'service_role'::name]))) EXECUTE FUNCTION private.redact_execution();
CREATE TRIGGER refuse_change BEFORE UPDATE OF id, workflow_id, execution_id, input_data, started_at ON public.workflow_executions FOR EACH ROW WHEN (((CURRENT_USER = 'authenticated'::name) AND (((((old.id IS DISTINCT FROM new.id) OR (old.workflow_id IS DISTINCT FROM new.workflow_id)) OR (old.execution_id IS DISTINCT FROM new.execution_id)) OR (old.input_data IS DISTINCT FROM new.input_data)) OR (old.started_at IS DISTINCT FROM new.started_at)))) EXECUTE FUNCTION private.refuse_change('id', 'workflow_id', 'execution_id', 'input_data', 'started_at');
CREATE TRIGGER time_workflow_execution BEFORE INSERT OR UPDATE OF started_at, completed_at ON public.workflow_executions FOR EACH ROW WHEN (((new.completed_at >= new.started_at) AND (new.execution_time_ms IS NULL))) EXECUTE FUNCTION private.time_workflow_execution();
CREATE TRIGGER update_workflow_executions_updated_at BEFORE UPDATE ON public.workflow_executions FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

create table public.workflows (
  id uuid default gen_random_uuid() not null,
  agent_id uuid not null,
  name text not null,
  description text,
  n8n_workflow_id text,
  trigger_config jsonb default '{}'::jsonb not null,
  status text default 'inactive'::text not null,
  last_execution timestamp with time zone,
  next_execution timestamp with time zone,
  webhook_endpoint_id uuid,
  timeout_seconds integer default 86400 not null,
  execution_count integer default 0 not null,
  success_count integer default 0 not null,
  error_count integer default 0 not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint workflows_pkey PRIMARY KEY (id),
  constraint workflows_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES public.agents(id) ON DELETE CASCADE,
  constraint workflows_webhook_endpoint_id_fkey FOREIGN KEY (webhook_endpoint_id) REFERENCES public.webhook_endpoints(id) ON DELETE SET NULL,
  constraint n8n_workflow_id_has_no_control_characters CHECK (private.is_plain(n8n_workflow_id)),
  constraint n8n_workflow_id_is_at_most_255_characters CHECK ((char_length(n8n_workflow_id) <= 255)),
  constraint next_execution_is_from_1970_to_2199 CHECK (private.is_calendar_time(next_execution)),
  constraint workflow_counts_add_up CHECK (((success_count >= 0) AND (error_count >= 0) AND ((success_count + error_count) <= execution_count))),
  constraint workflow_description_is_at_most_64_kib CHECK (private.is_prose(description)),
  constraint workflow_name_has_no_control_characters CHECK (private.is_plain(name)),
  constraint workflow_name_is_1_to_255_characters CHECK (((char_length(name) >= 1) AND (char_length(name) <= 255))),
  constraint workflow_status_is_known CHECK ((status = ANY (ARRAY['active'::text, 'paused'::text, 'error'::text, 'inactive'::text]))),
  constraint workflow_timeout_is_10_seconds_to_a_week CHECK (((timeout_seconds >= 10) AND (timeout_seconds <= 604800))),
  constraint workflow_trigger_config_is_at_most_256_kib_and_64_levels CHECK (private.is_document(trigger_config))
);
alter table public.workflows enable row level security;
create policy "People read the workflows of agents that they see" on public.workflows
  as permissive for select to authenticated
  using ((EXISTS ( SELECT
   FROM public.agents
  WHERE ((agents.id = workflows.agent_id) AND (NOT agents.is_platform)))));
create policy "Those who edit an agent add workflows" on public.workflows
  as permissive for insert to authenticated
  with check ((EXISTS ( SELECT
   FROM private.editable_agents
  WHERE (editable_agents.id = workflows.agent_id))));
create policy "Those who edit an agent change its workflows" on public.workflows
  as permissive for update to authenticated
  using ((EXISTS ( SELECT
   FROM private.editable_agents
  WHERE (editable_agents.id = workflows.agent_id))))
  with check ((EXISTS ( SELECT
   FROM private.editable_agents
  WHERE (editable_agents.id = workflows.agent_id))));
create policy "Those who edit an agent delete its workflows" on public.workflows
  as permissive for delete to authenticated
  using ((EXISTS ( SELECT
   FROM private.editable_agents
  WHERE (editable_agents.id = workflows.agent_id))));
grant delete, insert (id, agent_id, name, description, n8n_workflow_id, trigger_config, status, next_execution, webhook_endpoint_id, timeout_seconds), select, update (id, agent_id, name, description, n8n_workflow_id, trigger_config, status, next_execution, webhook_endpoint_id, timeout_seconds) on public.workflows to authenticated;
grant delete, insert, select, update on public.workflows to service_role;
CREATE INDEX workflows_agent_id_idx ON public.workflows USING btree (agent_id, created_at DESC);
CREATE INDEX workflows_due_idx ON public.workflows USING btree (next_execution) WHERE ((status = 'active'::text) AND (next_execution IS NOT NULL));
CREATE INDEX workflows_webhook_endpoint_id_idx ON public.workflows USING btree (webhook_endpoint_id);
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE OF id, trigger_config, status, timeout_seconds, execution_count, success_count, error_count, created_at, updated_at ON public.workflows FOR EACH ROW WHEN ((num_nulls(new.id, NULLIF(new.trigger_config, 'null'::jsonb), new.status, new.timeout_seconds, new.execution_count, new.success_count, new.error_count, new.created_at, new.updated_at) > 0)) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER check_workflow_webhook BEFORE INSERT OR UPDATE OF webhook_endpoint_id ON public.workflows FOR EACH ROW WHEN ((new.webhook_endpoint_id IS NOT NULL)) EXECUTE FUNCTION private.check_workflow_webhook();
CREATE TRIGGER record_audit_change AFTER UPDATE OF agent_id, name, n8n_workflow_id, status, webhook_endpoint_id, timeout_seconds, trigger_config ON public.workflows FOR EACH ROW WHEN (((((((((old.agent_id IS DISTINCT FROM new.agent_id) OR (old.name IS DISTINCT FROM new.name)) OR (old.n8n_workflow_id IS DISTINCT FROM new.n8n_workflow_id)) OR (old.status IS DISTINCT FROM new.status)) OR (old.webhook_endpoint_id IS DISTINCT FROM new.webhook_endpoint_id)) OR (old.timeout_seconds IS DISTINCT FROM new.timeout_seconds)) OR (old.trigger_config IS DISTINCT FROM new.trigger_config)) AND (current_setting('agentbase.audit_event'::text, true) IS DISTINCT FROM 'rotated'::text))) EXECUTE FUNCTION private.record_audit_event('id');
CREATE TRIGGER record_audit_event AFTER INSERT OR DELETE ON public.workflows FOR EACH ROW EXECUTE FUNCTION private.record_audit_event('id');
CREATE TRIGGER refuse_change BEFORE UPDATE OF id, agent_id ON public.workflows FOR EACH ROW WHEN (((CURRENT_USER = 'authenticated'::name) AND ((old.id IS DISTINCT FROM new.id) OR (old.agent_id IS DISTINCT FROM new.agent_id)))) EXECUTE FUNCTION private.refuse_change('id', 'agent_id');
CREATE TRIGGER schedule_workflow BEFORE INSERT OR UPDATE OF trigger_config, status, next_execution ON public.workflows FOR EACH ROW WHEN (((new.trigger_config ->> 'cron'::text) IS NOT NULL)) EXECUTE FUNCTION private.schedule_workflow();
CREATE TRIGGER unschedule_workflow BEFORE UPDATE OF trigger_config ON public.workflows FOR EACH ROW WHEN ((((old.trigger_config ->> 'cron'::text) IS NOT NULL) AND ((new.trigger_config ->> 'cron'::text) IS NULL) AND (NOT (new.next_execution IS DISTINCT FROM old.next_execution)))) EXECUTE FUNCTION private.schedule_workflow();
CREATE TRIGGER update_workflows_updated_at BEFORE UPDATE ON public.workflows FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

-- Functions --------------------------------------------------------------------------------------

create function private.redact_execution()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  new.input_data := private.redact_secrets(new.input_data);
  new.output_data := private.redact_secrets(new.output_data);
  new.error_data := private.redact_secrets(new.error_data);
  return new;
end
$body$;
