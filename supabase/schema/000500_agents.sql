-- The current state of what 000500_agents.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table public.agents (
  id uuid default gen_random_uuid() not null,
  name text not null,
  description text,
  type text default 'assistant'::text not null,
  status text default 'inactive'::text not null,
  enabled boolean default true not null,
  vendor_id text,
  service_id text,
  model_name text,
  system_prompt text,
  temperature numeric(3,2),
  max_tokens integer,
  config jsonb default '{}'::jsonb not null,
  capabilities jsonb default '{}'::jsonb not null,
  deployment_config jsonb default '{}'::jsonb not null,
  voice_provider text,
  voice_id text,
  voice_settings jsonb default '{}'::jsonb not null,
  speech_processing jsonb default '{}'::jsonb not null,
  security jsonb default '{}'::jsonb not null,
  knowledge_base_ids text[] default '{}'::text[] not null,
  notes text,
  tags text[] default '{}'::text[] not null,
  activity_score real default 0 not null,
  usage_count bigint default 0 not null,
  last_used_at timestamp with time zone,
  is_favorite boolean default false not null,
  is_public boolean default false not null,
  is_published boolean default false not null,
  is_platform boolean default NULLIF(false, false) not null,
  version integer default 1 not null,
  created_by uuid default auth.uid(),
  organization_id uuid,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  team_id uuid,
  llm_provider text,
  llm_model text,
  config_json jsonb,
  is_active boolean,
  constraint agents_pkey PRIMARY KEY (id),
  constraint agent_service_is_its_vendors FOREIGN KEY (vendor_id, service_id) REFERENCES public.vendor_services(vendor_id, id) ON DELETE RESTRICT,
  constraint agents_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.profiles(id) ON DELETE SET NULL,
  constraint agents_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id) ON DELETE CASCADE,
  constraint agents_service_id_fkey FOREIGN KEY (service_id) REFERENCES public.vendor_services(id) ON DELETE RESTRICT,
  constraint agents_vendor_id_fkey FOREIGN KEY (vendor_id) REFERENCES public.vendors(id) ON DELETE RESTRICT,
  constraint usage_count_is_not_negative CHECK ((usage_count >= 0))
);
alter table public.agents enable row level security;
create policy "No agent takes the id of a deleted one" on public.agents
  as restrictive for insert to authenticated
  with check ((NOT private.is_deleted_id(id)));
create policy "People create agents, agent managers for organizations" on public.agents
  as permissive for insert to authenticated
  with check (((created_by = ( SELECT auth.uid() AS uid)) AND (((organization_id IS NULL) AND ( SELECT private.my_account_is_active() AS my_account_is_active)) OR (organization_id = ANY (ARRAY( SELECT private.my_organizations('agent_manager'::text) AS my_organizations))))));
create policy "People delete their own agents, agent managers organizations'" on public.agents
  as permissive for delete to authenticated
  using (((organization_id = ANY (ARRAY( SELECT private.my_organizations('agent_manager'::text) AS my_organizations))) OR ((organization_id IS NULL) AND (created_by = ( SELECT auth.uid() AS uid)))));
create policy "People edit their own agents, agent managers organizations'" on public.agents
  as permissive for update to authenticated
  using (((organization_id = ANY (ARRAY( SELECT private.my_organizations('agent_manager'::text) AS my_organizations))) OR ((organization_id IS NULL) AND (created_by = ( SELECT auth.uid() AS uid)) AND ( SELECT private.my_account_is_active() AS my_account_is_active))))
  with check (((organization_id = ANY (ARRAY( SELECT private.my_organizations('agent_manager'::text) AS my_organizations))) OR ((organization_id IS NULL) AND (created_by = ( SELECT auth.uid() AS uid)) AND ( SELECT private.my_account_is_active() AS my_account_is_active))));
create policy "People read their own, their organizations' and platform agents" on public.agents
  as permissive for select to authenticated
  using (((organization_id = ANY (ARRAY( SELECT private.my_organizations('viewer'::text) AS my_organizations))) OR ((organization_id IS NULL) AND (created_by = ( SELECT private.my_id() AS my_id))) OR is_platform));
grant delete, insert (id, name, description, type, status, enabled, vendor_id, service_id, model_name, system_prompt, temperature, max_tokens, config, capabilities, deployment_config, voice_provider, voice_id, voice_settings, speech_processing, security, knowledge_base_ids, notes, tags, is_favorite, is_public, is_published, created_by, organization_id, team_id, llm_provider, llm_model, config_json, is_active), select, update (id, name, description, type, status, enabled, vendor_id, service_id, model_name, system_prompt, temperature, max_tokens, config, capabilities, deployment_config, voice_provider, voice_id, voice_settings, speech_processing, security, knowledge_base_ids, notes, tags, is_favorite, is_public, is_published, created_by, organization_id, team_id, llm_provider, llm_model, config_json, is_active) on public.agents to authenticated;
grant delete, insert, select, update on public.agents to service_role;
CREATE INDEX agents_capabilities_idx ON public.agents USING gin (capabilities jsonb_path_ops);
CREATE INDEX agents_config_idx ON public.agents USING gin (config jsonb_path_ops);
CREATE INDEX agents_own_name_idx ON public.agents USING btree (created_by, name) WHERE (organization_id IS NULL);
CREATE INDEX agents_public_idx ON public.agents USING btree (created_at) WHERE (is_public OR is_published);
CREATE INDEX agents_service_id_idx ON public.agents USING btree (service_id);
CREATE INDEX agents_tags_idx ON public.agents USING gin (tags);
CREATE INDEX idx_active_agents ON public.agents USING btree (created_by) WHERE (status = 'active'::text);
CREATE INDEX idx_agents_organization_id ON public.agents USING btree (organization_id, name);
CREATE INDEX idx_agents_status ON public.agents USING btree (status);
CREATE INDEX idx_agents_type ON public.agents USING btree (type);
CREATE INDEX idx_agents_user_status ON public.agents USING btree (created_by, status);
CREATE INDEX idx_ai_agents_activity_score ON public.agents USING btree (activity_score DESC);
CREATE INDEX idx_ai_agents_last_used ON public.agents USING btree (last_used_at DESC NULLS LAST);
CREATE INDEX idx_ai_agents_vendor ON public.agents USING btree (vendor_id, service_id);
CREATE UNIQUE INDEX platform_agent_name_is_unique ON public.agents USING btree (name) WHERE is_platform;
CREATE TRIGGER add_agent_health AFTER INSERT ON public.agents FOR EACH ROW EXECUTE FUNCTION private.add_agent_health();
CREATE TRIGGER adopt_column_aliases BEFORE INSERT OR UPDATE OF organization_id, vendor_id, service_id, model_name, config, enabled, team_id, llm_provider, llm_model, config_json, is_active ON public.agents FOR EACH ROW EXECUTE FUNCTION private.adopt_column_aliases();
CREATE TRIGGER adopt_unowned_agent BEFORE INSERT ON public.agents FOR EACH ROW WHEN ((new.is_platform IS NULL)) EXECUTE FUNCTION private.adopt_unowned_agent();
CREATE TRIGGER agent_status_notification AFTER UPDATE OF status ON public.agents FOR EACH ROW WHEN (((old.status IS DISTINCT FROM new.status) AND (new.created_by IS NOT NULL))) EXECUTE FUNCTION public.notify_agent_status_change();
CREATE TRIGGER apply_default_counters BEFORE UPDATE OF usage_count ON public.agents FOR EACH ROW WHEN ((num_nulls(new.usage_count) > 0)) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE OF id, type, status, enabled, config, capabilities, deployment_config, voice_settings, speech_processing, security, knowledge_base_ids, tags, activity_score, is_favorite, is_public, is_published, is_platform, version, created_at, updated_at ON public.agents FOR EACH ROW WHEN ((num_nulls(new.id, new.type, new.status, new.enabled, NULLIF(new.config, 'null'::jsonb), NULLIF(new.capabilities, 'null'::jsonb), NULLIF(new.deployment_config, 'null'::jsonb), NULLIF(new.voice_settings, 'null'::jsonb), NULLIF(new.speech_processing, 'null'::jsonb), NULLIF(new.security, 'null'::jsonb), new.knowledge_base_ids, new.tags, new.activity_score, new.usage_count, new.is_favorite, new.is_public, new.is_published, new.is_platform, new.version, new.created_at, new.updated_at) > 0)) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER bump_agent_version BEFORE UPDATE OF vendor_id, service_id, model_name, system_prompt, temperature, max_tokens, config, capabilities, llm_provider, llm_model, config_json ON public.agents FOR EACH ROW WHEN (((((((((old.vendor_id IS DISTINCT FROM new.vendor_id) OR (old.service_id IS DISTINCT FROM new.service_id)) OR (old.model_name IS DISTINCT FROM new.model_name)) OR (old.system_prompt IS DISTINCT FROM new.system_prompt)) OR (old.temperature IS DISTINCT FROM new.temperature)) OR (old.max_tokens IS DISTINCT FROM new.max_tokens)) OR (old.config IS DISTINCT FROM new.config)) OR (old.capabilities IS DISTINCT FROM new.capabilities))) EXECUTE FUNCTION private.bump_agent_version();
CREATE TRIGGER check_agent_fields_of_changed BEFORE UPDATE OF config, config_json, voice_settings, speech_processing, security, deployment_config ON public.agents FOR EACH ROW EXECUTE FUNCTION private.check_agent_fields();
CREATE TRIGGER check_agent_fields_of_new BEFORE INSERT ON public.agents FOR EACH ROW WHEN ((((((new.config IS DISTINCT FROM '{}'::jsonb) OR (new.voice_settings IS DISTINCT FROM '{}'::jsonb)) OR (new.speech_processing IS DISTINCT FROM '{}'::jsonb)) OR (new.security IS DISTINCT FROM '{}'::jsonb)) OR (new.deployment_config IS DISTINCT FROM '{}'::jsonb))) EXECUTE FUNCTION private.check_agent_fields();
CREATE TRIGGER check_agent_voice BEFORE INSERT OR UPDATE OF voice_provider, voice_id ON public.agents FOR EACH ROW WHEN (((new.voice_provider IS NOT NULL) AND (new.voice_id IS NOT NULL) AND (NULLIF(current_setting('request.jwt.claims'::text, true), ''::text) IS NOT NULL))) EXECUTE FUNCTION private.check_agent_voice();
CREATE TRIGGER check_consent_of_agent AFTER UPDATE OF security ON public.agents FOR EACH ROW WHEN (((old.security ->> 'consent_text'::text) IS DISTINCT FROM (new.security ->> 'consent_text'::text))) EXECUTE FUNCTION private.check_consent_of_agent();
CREATE TRIGGER limit_public_agents AFTER INSERT OR UPDATE OF is_public, is_published ON public.agents FOR EACH ROW WHEN (((new.is_public OR new.is_published) AND ((CURRENT_USER = ANY (ARRAY['anon'::name, 'authenticated'::name])) OR (auth.uid() IS NOT NULL)))) EXECUTE FUNCTION private.limit_public_agents();
CREATE TRIGGER record_audit_change AFTER UPDATE OF name, description, type, status, enabled, vendor_id, service_id, model_name, system_prompt, temperature, max_tokens, voice_provider, voice_id, tags, is_public, is_published, is_platform, version, organization_id, knowledge_base_ids, security, config, capabilities, deployment_config, voice_settings, speech_processing, notes, team_id, llm_provider, llm_model, config_json, is_active ON public.agents FOR EACH ROW WHEN (((((((((((((((((((((((((((((old.name IS DISTINCT FROM new.name) OR (old.description IS DISTINCT FROM new.description)) OR (old.type IS DISTINCT FROM new.type)) OR (old.status IS DISTINCT FROM new.status)) OR (old.enabled IS DISTINCT FROM new.enabled)) OR (old.vendor_id IS DISTINCT FROM new.vendor_id)) OR (old.service_id IS DISTINCT FROM new.service_id)) OR (old.model_name IS DISTINCT FROM new.model_name)) OR (old.system_prompt IS DISTINCT FROM new.system_prompt)) OR (old.temperature IS DISTINCT FROM new.temperature)) OR (old.max_tokens IS DISTINCT FROM new.max_tokens)) OR (old.voice_provider IS DISTINCT FROM new.voice_provider)) OR (old.voice_id IS DISTINCT FROM new.voice_id)) OR (old.tags IS DISTINCT FROM new.tags)) OR (old.is_public IS DISTINCT FROM new.is_public)) OR (old.is_published IS DISTINCT FROM new.is_published)) OR (old.is_platform IS DISTINCT FROM new.is_platform)) OR (old.version IS DISTINCT FROM new.version)) OR (old.organization_id IS DISTINCT FROM new.organization_id)) OR (old.knowledge_base_ids IS DISTINCT FROM new.knowledge_base_ids)) OR (old.security IS DISTINCT FROM new.security)) OR (old.config IS DISTINCT FROM new.config)) OR (old.capabilities IS DISTINCT FROM new.capabilities)) OR (old.deployment_config IS DISTINCT FROM new.deployment_config)) OR (old.voice_settings IS DISTINCT FROM new.voice_settings)) OR (old.speech_processing IS DISTINCT FROM new.speech_processing)) OR (old.notes IS DISTINCT FROM new.notes)) AND (current_setting('agentbase.audit_event'::text, true) IS DISTINCT FROM 'rotated'::text))) EXECUTE FUNCTION private.record_audit_event('id');
CREATE TRIGGER record_audit_event AFTER INSERT OR DELETE ON public.agents FOR EACH ROW EXECUTE FUNCTION private.record_audit_event('id');
CREATE TRIGGER refuse_change BEFORE UPDATE OF id, created_by, organization_id, team_id ON public.agents FOR EACH ROW WHEN (((CURRENT_USER = 'authenticated'::name) AND ((((old.id IS DISTINCT FROM new.id) OR (old.created_by IS DISTINCT FROM new.created_by)) OR (old.organization_id IS DISTINCT FROM new.organization_id)) OR (old.team_id IS DISTINCT FROM new.team_id)))) EXECUTE FUNCTION private.refuse_change('id', 'created_by', 'organization_id', 'team_id');
CREATE TRIGGER remember_deleted_id AFTER DELETE ON public.agents FOR EACH ROW EXECUTE FUNCTION private.remember_deleted_id();
CREATE TRIGGER rules_are_kept BEFORE INSERT OR UPDATE OF id, name, description, type, status, enabled, vendor_id, service_id, model_name, system_prompt, temperature, max_tokens, config, capabilities, deployment_config, voice_provider, voice_id, voice_settings, speech_processing, security, knowledge_base_ids, notes, tags, activity_score, is_favorite, is_public, is_published, is_platform, version, created_by, organization_id, created_at, updated_at, team_id, llm_provider, llm_model, config_json, is_active ON public.agents FOR EACH ROW EXECUTE FUNCTION private.check_rules_of_agents();
CREATE TRIGGER update_agents_updated_at BEFORE UPDATE ON public.agents FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

-- Functions --------------------------------------------------------------------------------------

create function public.agents(agent_executions public.agent_executions)
returns SETOF public.agents
language sql stable security invoker
set search_path=""
as $body$  select related.* from public.agents related where related.id = agents.agent_executions.agent_id $body$;
grant execute on function public.agents(public.agent_executions) to authenticated, service_role;

create function public.agents(ai_interactions public.ai_interactions)
returns SETOF public.agents
language sql stable security invoker
set search_path=""
as $body$  select related.* from public.agents related where related.id = agents.ai_interactions.agent_id $body$;
grant execute on function public.agents(public.ai_interactions) to authenticated, service_role;
