-- The current state of what 000672_agent_versions.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table public.agent_versions (
  agent_id uuid not null,
  version integer not null,
  title text,
  configuration jsonb not null,
  created_by uuid default auth.uid(),
  created_at timestamp with time zone default now() not null,
  constraint agent_versions_pkey PRIMARY KEY (agent_id, version),
  constraint agent_versions_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES public.agents(id) ON DELETE CASCADE,
  constraint agent_versions_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.profiles(id) ON DELETE SET NULL,
  constraint agent_version_configuration_is_an_object CHECK ((jsonb_typeof(configuration) = 'object'::text)),
  constraint agent_version_is_positive CHECK ((version > 0)),
  constraint agent_version_title_is_one_line_of_at_most_255_characters CHECK (private.is_label(title))
);
alter table public.agent_versions enable row level security;
create policy "Those who edit an agent read its versions" on public.agent_versions
  as permissive for select to authenticated
  using ((EXISTS ( SELECT
   FROM private.editable_agents
  WHERE (editable_agents.id = agent_versions.agent_id))));
grant delete, insert, select, update on public.agent_versions to service_role;
grant select on public.agent_versions to authenticated;
CREATE INDEX agent_versions_created_by_idx ON public.agent_versions USING btree (created_by);

-- Functions --------------------------------------------------------------------------------------

create function private.agent_for_caller(agent public.agents)
returns public.agents
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  answering public.agents := agent_for_caller.agent;
  published public.agent_versions;
begin
  if not answering.is_published or (
    private.visitor_session_id() is null and case
      when answering.organization_id is null then answering.created_by = auth.uid()
      else private.has_role(answering.organization_id, 'agent_manager')
    end
  ) then
    return answering;
  end if;
  select versions.* into published from public.agent_versions versions
  where versions.agent_id = answering.id
  order by versions.version desc
  limit 1;
  -- Not compared with the agent's version, which a change of the voice does not increment.
  if published.version is null then
    return answering;
  end if;
  return jsonb_populate_record(
    answering, (published.configuration - array['security', 'deployment_config'])
      || jsonb_build_object('version', published.version)
  );
end
$body$;
grant execute on function private.agent_for_caller(public.agents) to service_role;

create function private.configuration_columns(agent public.agents)
returns jsonb
language sql immutable security invoker
set search_path=""
as $body$
  select jsonb_object_agg(stated.name, stated.value)
  from jsonb_each(to_jsonb(configuration_columns.agent)) as stated (name, value)
  where stated.name in (
    'vendor_id', 'service_id', 'model_name', 'system_prompt', 'temperature', 'max_tokens',
    'config', 'capabilities', 'deployment_config', 'voice_provider', 'voice_id', 'voice_settings',
    'speech_processing', 'security', 'knowledge_base_ids'
  )
$body$;
grant execute on function private.configuration_columns(public.agents) to service_role;

create function private.editable_agent(agent uuid)
returns public.agents
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  found_agent public.agents;
begin
  select agents.* into found_agent
  from public.agents
  where agents.id = editable_agent.agent
    and (
      private.is_backend()
      or exists (select from private.editable_agents where editable_agents.id = agents.id)
    );
  if found_agent.id is null then
    perform private.refuse(
      'agent_not_found', 'Agent not found, or you may not edit it.',
      'Use the id of an agent that you own or manage.'
    );
  end if;
  return found_agent;
end
$body$;

create function private.secret_references(agent uuid)
returns jsonb
language sql stable security definer
set search_path=""
as $body$
  select coalesce(
    jsonb_agg(
      jsonb_build_object('config_key', configs.config_key, 'id', configs.id)
      order by configs.config_key, configs.id
    ),
    '[]'
  )
  from public.ai_agent_configs configs
  where configs.agent_id = secret_references.agent and configs.is_encrypted
    and (private.is_backend() or configs.user_id = (select auth.uid()))
$body$;
grant execute on function private.secret_references(uuid) to authenticated, service_role;

create function public.agent_runtime_config(agent uuid, version integer DEFAULT NULL::integer)
returns jsonb
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  stated public.agents;
  published public.agent_versions;
begin
  select agents.* into stated from public.agents where agents.id = agent_runtime_config.agent;
  if stated.id is null then
    perform private.refuse(
      'agent_not_found', 'Agent not found, or you may not use it.',
      'Use the id of an agent that you may use.'
    );
  end if;
  if agent_runtime_config.version is not null then
    select versions.* into published from public.agent_versions versions
    where versions.agent_id = stated.id and versions.version = agent_runtime_config.version;
    if published.agent_id is null then
      perform private.refuse(
        'agent_version_not_found',
        format('The agent has no published version %s.', agent_runtime_config.version),
        'agent_versions lists them for those who edit the agent.'
      );
    end if;
    stated := jsonb_populate_record(stated, published.configuration);
    stated.version := published.version;
  end if;
  return jsonb_build_object(
    'agent_id', stated.id,
    'name', stated.name,
    'organization_id', stated.organization_id,
    'version', stated.version,
    'published_version', (
      select max(versions.version) from public.agent_versions versions
      where versions.agent_id = stated.id
    ),
    'updated_at', stated.updated_at,
    'configuration', private.agent_configuration(stated, true),
    'extra', stated.config,
    'secrets', private.secret_references(stated.id)
  );
end
$body$;
grant execute on function public.agent_runtime_config(uuid,integer) to authenticated, service_role;

create function public.publish_agent(agent uuid, title text DEFAULT NULL::text)
returns integer
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  published public.agents := private.editable_agent(publish_agent.agent);
begin
  -- A published version never changes, whichever column of the agent does.
  if exists (
    select from public.agent_versions versions
    where versions.agent_id = published.id and versions.version = published.version
      and versions.configuration <> private.configuration_columns(published)
  ) then
    update public.agents set version = agents.version + 1
    where agents.id = published.id
    returning * into published;
  end if;
  insert into public.agent_versions (agent_id, version, title, configuration)
  values (
    published.id, published.version, publish_agent.title,
    private.configuration_columns(published)
  )
  on conflict on constraint agent_versions_pkey do update set title = excluded.title;
  update public.agents set is_published = true
  where agents.id = published.id and not agents.is_published;
  delete from public.agent_versions
  where agent_versions.agent_id = published.id
    and agent_versions.version <= (
      select versions.version from public.agent_versions versions
      where versions.agent_id = published.id
      order by versions.version desc offset 100 limit 1
    );
  return published.version;
end
$body$;
grant execute on function public.publish_agent(uuid,text) to authenticated, service_role;

create function public.rollback_agent(agent uuid, version integer)
returns integer
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  present public.agents := private.editable_agent(rollback_agent.agent);
  earlier public.agents;
begin
  select (jsonb_populate_record(present, versions.configuration)).* into earlier
  from public.agent_versions versions
  where versions.agent_id = present.id and versions.version = rollback_agent.version;
  if earlier.id is null then
    perform private.refuse(
      'agent_version_not_found',
      format('The agent has no published version %s.', rollback_agent.version),
      'agent_versions lists them.'
    );
  end if;
  update public.agents
  set vendor_id = earlier.vendor_id, service_id = earlier.service_id,
      model_name = earlier.model_name, system_prompt = earlier.system_prompt,
      temperature = earlier.temperature, max_tokens = earlier.max_tokens,
      config = earlier.config, capabilities = earlier.capabilities,
      deployment_config = earlier.deployment_config, voice_provider = earlier.voice_provider,
      voice_id = earlier.voice_id, voice_settings = earlier.voice_settings,
      speech_processing = earlier.speech_processing, security = earlier.security,
      knowledge_base_ids = earlier.knowledge_base_ids
  where agents.id = present.id;
  return public.publish_agent(
    present.id, format('Back to version %s', rollback_agent.version)
  );
end
$body$;
grant execute on function public.rollback_agent(uuid,integer) to authenticated, service_role;
