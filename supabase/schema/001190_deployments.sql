-- The current state of what 001190_deployments.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table public.deployments (
  id uuid default gen_random_uuid() not null,
  agent_id uuid not null,
  version integer default 1 not null,
  status text default 'pending'::text not null,
  trigger_type text,
  trigger_config jsonb default '{}'::jsonb not null,
  snapshot jsonb default '{}'::jsonb not null,
  deployment_url text,
  error_message text,
  scheduled_at timestamp with time zone,
  called_at timestamp with time zone,
  webhook_endpoint_id uuid,
  progress_percent integer,
  progress_message text,
  deployed_at timestamp with time zone,
  stopped_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint deployments_pkey PRIMARY KEY (id),
  constraint deployment_version_is_used_once_per_agent UNIQUE (agent_id, version),
  constraint deployments_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES public.agents(id) ON DELETE CASCADE,
  constraint deployments_webhook_endpoint_id_fkey FOREIGN KEY (webhook_endpoint_id) REFERENCES public.webhook_endpoints(id) ON DELETE SET NULL,
  constraint deployed_at_is_from_1970_to_2199 CHECK (private.is_calendar_time(deployed_at)),
  constraint deployment_error_message_is_at_most_64_kib CHECK (private.is_prose(error_message)),
  constraint deployment_progress_is_0_to_100 CHECK (((progress_percent >= 0) AND (progress_percent <= 100))),
  constraint deployment_progress_message_is_at_most_64_kib CHECK (private.is_prose(progress_message)),
  constraint deployment_scheduled_at_is_from_1970_to_2199 CHECK (private.is_calendar_time(scheduled_at)),
  constraint deployment_status_is_known CHECK ((status = ANY (ARRAY['pending'::text, 'deploying'::text, 'deployed'::text, 'failed'::text, 'stopped'::text]))),
  constraint deployment_stops_after_it_starts CHECK ((stopped_at >= deployed_at)),
  constraint deployment_trigger_config_is_at_most_256_kib_and_64_levels CHECK (private.is_document(trigger_config)),
  constraint deployment_url_is_http CHECK (private.is_web_address(deployment_url)),
  constraint stopped_at_is_from_1970_to_2199 CHECK (private.is_calendar_time(stopped_at)),
  constraint trigger_type_has_no_control_characters CHECK (private.is_plain(trigger_type)),
  constraint trigger_type_is_at_most_100_characters CHECK ((char_length(trigger_type) <= 100)),
  constraint version_counts_from_1 CHECK ((version >= 1))
);
alter table public.deployments enable row level security;
create policy "People read the deployments of agents that they see" on public.deployments
  as permissive for select to authenticated
  using ((EXISTS ( SELECT
   FROM public.agents
  WHERE ((agents.id = deployments.agent_id) AND (NOT agents.is_platform)))));
create policy "Those who edit an agent change its deployments" on public.deployments
  as permissive for update to authenticated
  using ((EXISTS ( SELECT
   FROM private.editable_agents
  WHERE (editable_agents.id = deployments.agent_id))))
  with check ((EXISTS ( SELECT
   FROM private.editable_agents
  WHERE (editable_agents.id = deployments.agent_id))));
create policy "Those who edit an agent delete its deployments" on public.deployments
  as permissive for delete to authenticated
  using ((EXISTS ( SELECT
   FROM private.editable_agents
  WHERE (editable_agents.id = deployments.agent_id))));
create policy "Those who edit an agent deploy it" on public.deployments
  as permissive for insert to authenticated
  with check ((EXISTS ( SELECT
   FROM private.editable_agents
  WHERE (editable_agents.id = deployments.agent_id))));
grant delete, insert (id, agent_id, version, status, trigger_type, trigger_config, deployment_url, error_message, scheduled_at, deployed_at, stopped_at), select, update (id, agent_id, version, status, trigger_type, trigger_config, deployment_url, error_message, scheduled_at, deployed_at, stopped_at) on public.deployments to authenticated;
grant delete, insert, select, update on public.deployments to service_role;
CREATE INDEX deployments_agent_id_created_at_idx ON public.deployments USING btree (agent_id, created_at DESC);
CREATE INDEX deployments_webhook_endpoint_id_idx ON public.deployments USING btree (webhook_endpoint_id);
CREATE INDEX idx_deployments_agent_status ON public.deployments USING btree (agent_id, status);
CREATE INDEX idx_deployments_status ON public.deployments USING btree (status);
CREATE UNIQUE INDEX deployments_replica_identity ON public.deployments USING btree (id, agent_id);
CREATE UNIQUE INDEX one_deployment_of_an_agent_is_live ON public.deployments USING btree (agent_id) WHERE (status = 'deployed'::text);
CREATE UNIQUE INDEX one_deployment_of_an_agent_is_scheduled ON public.deployments USING btree (agent_id) WHERE ((status = 'pending'::text) AND (scheduled_at IS NOT NULL) AND (called_at IS NULL));
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE OF id, version, status, trigger_config, snapshot, created_at, updated_at ON public.deployments FOR EACH ROW WHEN ((num_nulls(new.id, new.version, new.status, NULLIF(new.trigger_config, 'null'::jsonb), NULLIF(new.snapshot, 'null'::jsonb), new.created_at, new.updated_at) > 0)) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER call_deployer_of_new AFTER INSERT ON public.deployments FOR EACH ROW WHEN (((new.status = 'pending'::text) AND (COALESCE(new.scheduled_at, '-infinity'::timestamp with time zone) <= now()))) EXECUTE FUNCTION private.call_deployer_of_new();
CREATE TRIGGER cancel_calls_of_ended AFTER UPDATE OF status ON public.deployments FOR EACH ROW WHEN (((new.status = ANY (ARRAY['deployed'::text, 'failed'::text, 'stopped'::text])) AND (old.status = ANY (ARRAY['pending'::text, 'deploying'::text])))) EXECUTE FUNCTION private.cancel_calls_of_ended();
CREATE TRIGGER change_deployment_status BEFORE UPDATE OF status ON public.deployments FOR EACH ROW WHEN (((old.status IS DISTINCT FROM new.status) AND (new.status = ANY (ARRAY['pending'::text, 'deploying'::text, 'deployed'::text, 'failed'::text, 'stopped'::text])))) EXECUTE FUNCTION private.change_deployment_status();
CREATE TRIGGER follow_deployment AFTER UPDATE OF status ON public.deployments FOR EACH ROW WHEN ((old.status IS DISTINCT FROM new.status)) EXECUTE FUNCTION private.follow_deployment();
CREATE TRIGGER number_deployment BEFORE INSERT ON public.deployments FOR EACH ROW EXECUTE FUNCTION private.number_deployment();
CREATE TRIGGER record_audit_change AFTER UPDATE OF agent_id, version, status, trigger_type, scheduled_at, deployment_url, webhook_endpoint_id ON public.deployments FOR EACH ROW WHEN (((((((((old.agent_id IS DISTINCT FROM new.agent_id) OR (old.version IS DISTINCT FROM new.version)) OR (old.status IS DISTINCT FROM new.status)) OR (old.trigger_type IS DISTINCT FROM new.trigger_type)) OR (old.scheduled_at IS DISTINCT FROM new.scheduled_at)) OR (old.deployment_url IS DISTINCT FROM new.deployment_url)) OR (old.webhook_endpoint_id IS DISTINCT FROM new.webhook_endpoint_id)) AND (current_setting('agentbase.audit_event'::text, true) IS DISTINCT FROM 'rotated'::text))) EXECUTE FUNCTION private.record_audit_event('id');
CREATE TRIGGER record_audit_event AFTER INSERT OR DELETE ON public.deployments FOR EACH ROW EXECUTE FUNCTION private.record_audit_event('id');
CREATE TRIGGER redact_deployment BEFORE INSERT OR UPDATE OF error_message, progress_message ON public.deployments FOR EACH ROW EXECUTE FUNCTION private.redact_deployment();
CREATE TRIGGER refuse_change BEFORE UPDATE OF id, agent_id, version, scheduled_at ON public.deployments FOR EACH ROW WHEN (((CURRENT_USER = 'authenticated'::name) AND ((((old.id IS DISTINCT FROM new.id) OR (old.agent_id IS DISTINCT FROM new.agent_id)) OR (old.version IS DISTINCT FROM new.version)) OR (old.scheduled_at IS DISTINCT FROM new.scheduled_at)))) EXECUTE FUNCTION private.refuse_change('id', 'agent_id', 'version', 'scheduled_at');
CREATE TRIGGER update_deployments_updated_at BEFORE UPDATE ON public.deployments FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

-- Functions --------------------------------------------------------------------------------------

create function private.agent_definition(agent public.agents)
returns jsonb
language plpgsql stable security invoker
set search_path=""
as $body$
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
$body$;
grant execute on function private.agent_definition(public.agents) to authenticated, service_role;

create function private.change_deployment_status()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
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
$body$;

create function private.follow_deployment()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
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
$body$;

create function private.number_deployment()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
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
$body$;

create function private.redact_deployment()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  new.error_message := private.redact_text(new.error_message);
  new.progress_message := private.redact_text(new.progress_message);
  return new;
end
$body$;
