-- The current state of what 000520_models.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table public.agent_feature_mappings (
  id uuid default gen_random_uuid() not null,
  agent_id uuid not null,
  feature_id text not null,
  is_primary boolean default false not null,
  user_id uuid default auth.uid(),
  created_at timestamp with time zone default now() not null,
  constraint agent_feature_mappings_pkey PRIMARY KEY (id),
  constraint agent_feature_mappings_agent_id_feature_id_key UNIQUE (agent_id, feature_id),
  constraint agent_feature_mappings_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES public.agents(id) ON DELETE CASCADE,
  constraint agent_feature_mappings_feature_id_fkey FOREIGN KEY (feature_id) REFERENCES public.agent_features(id) ON DELETE CASCADE,
  constraint agent_feature_mappings_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.profiles(id) ON DELETE SET NULL,
  constraint feature_id_is_a_label CHECK (private.is_label(feature_id))
);
alter table public.agent_feature_mappings enable row level security;
create policy "People read the features of agents that they may use" on public.agent_feature_mappings
  as permissive for select to authenticated
  using (((EXISTS ( SELECT
   FROM public.agents
  WHERE (agents.id = agent_feature_mappings.agent_id))) OR (EXISTS ( SELECT
   FROM private.public_agents
  WHERE (public_agents.id = agent_feature_mappings.agent_id)))));
create policy "Those who edit an agent add its features" on public.agent_feature_mappings
  as permissive for insert to authenticated
  with check (((user_id = ( SELECT auth.uid() AS uid)) AND (EXISTS ( SELECT
   FROM private.editable_agents
  WHERE (editable_agents.id = agent_feature_mappings.agent_id)))));
create policy "Those who edit an agent change its features" on public.agent_feature_mappings
  as permissive for update to authenticated
  using ((EXISTS ( SELECT
   FROM private.editable_agents
  WHERE (editable_agents.id = agent_feature_mappings.agent_id))))
  with check ((EXISTS ( SELECT
   FROM private.editable_agents
  WHERE (editable_agents.id = agent_feature_mappings.agent_id))));
create policy "Those who edit an agent delete its features" on public.agent_feature_mappings
  as permissive for delete to authenticated
  using ((EXISTS ( SELECT
   FROM private.editable_agents
  WHERE (editable_agents.id = agent_feature_mappings.agent_id))));
grant delete, insert (id, agent_id, feature_id, is_primary, user_id), select, update (id, agent_id, feature_id, is_primary, user_id) on public.agent_feature_mappings to authenticated;
grant delete, insert, select, update on public.agent_feature_mappings to service_role;
CREATE INDEX agent_feature_mappings_feature_id_idx ON public.agent_feature_mappings USING btree (feature_id);
CREATE INDEX agent_feature_mappings_user_id_idx ON public.agent_feature_mappings USING btree (user_id);
CREATE UNIQUE INDEX one_primary_feature_per_agent ON public.agent_feature_mappings USING btree (agent_id) WHERE is_primary;
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE OF id, is_primary, created_at ON public.agent_feature_mappings FOR EACH ROW WHEN ((num_nulls(new.id, new.is_primary, new.created_at) > 0)) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER record_audit_change AFTER UPDATE OF agent_id, feature_id, is_primary ON public.agent_feature_mappings FOR EACH ROW WHEN (((((old.agent_id IS DISTINCT FROM new.agent_id) OR (old.feature_id IS DISTINCT FROM new.feature_id)) OR (old.is_primary IS DISTINCT FROM new.is_primary)) AND (current_setting('agentbase.audit_event'::text, true) IS DISTINCT FROM 'rotated'::text))) EXECUTE FUNCTION private.record_audit_event('id');
CREATE TRIGGER record_audit_event AFTER INSERT OR DELETE ON public.agent_feature_mappings FOR EACH ROW EXECUTE FUNCTION private.record_audit_event('id');
CREATE TRIGGER refuse_change BEFORE UPDATE OF id, agent_id, feature_id, user_id ON public.agent_feature_mappings FOR EACH ROW WHEN (((CURRENT_USER = 'authenticated'::name) AND ((((old.id IS DISTINCT FROM new.id) OR (old.agent_id IS DISTINCT FROM new.agent_id)) OR (old.feature_id IS DISTINCT FROM new.feature_id)) OR (old.user_id IS DISTINCT FROM new.user_id)))) EXECUTE FUNCTION private.refuse_change('id', 'agent_id', 'feature_id', 'user_id');

create table public.agent_templates (
  id uuid default gen_random_uuid() not null,
  name text not null,
  description text,
  type text not null,
  default_config jsonb default '{}'::jsonb not null,
  is_public boolean default false not null,
  created_by uuid default auth.uid(),
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint agent_templates_pkey PRIMARY KEY (id),
  constraint agent_templates_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.profiles(id) ON DELETE CASCADE,
  constraint default_config_is_an_object CHECK ((jsonb_typeof(default_config) = 'object'::text)),
  constraint default_config_is_at_most_256_kib_and_64_levels CHECK (private.is_document(default_config)),
  constraint template_description_is_at_most_64_kib CHECK (private.is_prose(description)),
  constraint template_name_has_no_control_characters CHECK (private.is_plain(name)),
  constraint template_name_is_1_to_255_characters CHECK (((char_length(name) >= 1) AND (char_length(name) <= 255))),
  constraint template_type_has_no_control_characters CHECK (private.is_plain(type)),
  constraint template_type_is_1_to_100_characters CHECK (((char_length(type) >= 1) AND (char_length(type) <= 100)))
);
alter table public.agent_templates enable row level security;
create policy "People change their own templates" on public.agent_templates
  as permissive for update to authenticated
  using (((created_by = ( SELECT auth.uid() AS uid)) AND ( SELECT private.my_account_is_active() AS my_account_is_active)))
  with check (((created_by = ( SELECT auth.uid() AS uid)) AND ( SELECT private.my_account_is_active() AS my_account_is_active)));
create policy "People create templates" on public.agent_templates
  as permissive for insert to authenticated
  with check (((created_by = ( SELECT auth.uid() AS uid)) AND ( SELECT private.my_account_is_active() AS my_account_is_active)));
create policy "People delete their own templates" on public.agent_templates
  as permissive for delete to authenticated
  using ((created_by = ( SELECT auth.uid() AS uid)));
create policy "People read public templates and their own" on public.agent_templates
  as permissive for select to authenticated
  using ((is_public OR (created_by = ( SELECT auth.uid() AS uid))));
grant delete, insert (id, name, description, type, default_config, is_public, created_by), select, update (id, name, description, type, default_config, is_public, created_by) on public.agent_templates to authenticated;
grant delete, insert, select, update on public.agent_templates to service_role;
CREATE INDEX agent_templates_created_by_idx ON public.agent_templates USING btree (created_by);
CREATE INDEX agent_templates_public_idx ON public.agent_templates USING btree (is_public);
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE OF id, default_config, is_public, created_at, updated_at ON public.agent_templates FOR EACH ROW WHEN ((num_nulls(new.id, NULLIF(new.default_config, 'null'::jsonb), new.is_public, new.created_at, new.updated_at) > 0)) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER record_audit_change AFTER UPDATE OF name, type, is_public, default_config ON public.agent_templates FOR EACH ROW WHEN ((((((old.name IS DISTINCT FROM new.name) OR (old.type IS DISTINCT FROM new.type)) OR (old.is_public IS DISTINCT FROM new.is_public)) OR (old.default_config IS DISTINCT FROM new.default_config)) AND (current_setting('agentbase.audit_event'::text, true) IS DISTINCT FROM 'rotated'::text))) EXECUTE FUNCTION private.record_audit_event('id');
CREATE TRIGGER record_audit_event AFTER INSERT OR DELETE ON public.agent_templates FOR EACH ROW EXECUTE FUNCTION private.record_audit_event('id');
CREATE TRIGGER refuse_change BEFORE UPDATE OF id, created_by ON public.agent_templates FOR EACH ROW WHEN (((CURRENT_USER = 'authenticated'::name) AND ((old.id IS DISTINCT FROM new.id) OR (old.created_by IS DISTINCT FROM new.created_by)))) EXECUTE FUNCTION private.refuse_change('id', 'created_by');
CREATE TRIGGER update_agent_templates_updated_at BEFORE UPDATE ON public.agent_templates FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

create table public.models (
  id uuid default gen_random_uuid() not null,
  agent_id uuid not null,
  name text not null,
  display_name text,
  provider text,
  model_id text,
  service_id text,
  enabled boolean default true not null,
  is_default boolean default false not null,
  config jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint models_pkey PRIMARY KEY (id),
  constraint models_agent_id_name_key UNIQUE (agent_id, name),
  constraint models_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES public.agents(id) ON DELETE CASCADE,
  constraint models_service_id_fkey FOREIGN KEY (service_id) REFERENCES public.vendor_services(id) ON DELETE RESTRICT,
  constraint model_config_is_an_object CHECK ((jsonb_typeof(config) = 'object'::text)),
  constraint model_config_is_at_most_256_kib_and_64_levels CHECK (private.is_document(config)),
  constraint model_display_name_is_one_line_of_at_most_255_characters CHECK (private.is_label(display_name)),
  constraint model_id_is_one_line_of_at_most_255_characters CHECK (private.is_label(model_id)),
  constraint model_name_has_no_control_characters CHECK (private.is_plain(name)),
  constraint model_name_is_1_to_255_characters CHECK (((char_length(name) >= 1) AND (char_length(name) <= 255))),
  constraint model_provider_is_one_line_of_at_most_255_characters CHECK (private.is_label(provider)),
  constraint service_id_of_model_is_a_label CHECK (private.is_label(service_id))
);
alter table public.models enable row level security;
create policy "People read the models of agents that they read" on public.models
  as permissive for select to authenticated
  using ((EXISTS ( SELECT
   FROM public.agents
  WHERE (agents.id = models.agent_id))));
create policy "Those who edit an agent add its models" on public.models
  as permissive for insert to authenticated
  with check ((EXISTS ( SELECT
   FROM private.editable_agents
  WHERE (editable_agents.id = models.agent_id))));
create policy "Those who edit an agent change its models" on public.models
  as permissive for update to authenticated
  using ((EXISTS ( SELECT
   FROM private.editable_agents
  WHERE (editable_agents.id = models.agent_id))))
  with check ((EXISTS ( SELECT
   FROM private.editable_agents
  WHERE (editable_agents.id = models.agent_id))));
create policy "Those who edit an agent delete its models" on public.models
  as permissive for delete to authenticated
  using ((EXISTS ( SELECT
   FROM private.editable_agents
  WHERE (editable_agents.id = models.agent_id))));
grant delete, insert (id, agent_id, name, display_name, provider, model_id, service_id, enabled, is_default, config), select, update (id, agent_id, name, display_name, provider, model_id, service_id, enabled, is_default, config) on public.models to authenticated;
grant delete, insert, select, update on public.models to service_role;
CREATE INDEX models_name_idx ON public.models USING btree (name);
CREATE INDEX models_service_id_idx ON public.models USING btree (service_id);
CREATE UNIQUE INDEX one_default_model_per_agent ON public.models USING btree (agent_id) WHERE is_default;
CREATE TRIGGER apply_defaults BEFORE INSERT OR UPDATE OF id, enabled, is_default, config, created_at, updated_at ON public.models FOR EACH ROW WHEN ((num_nulls(new.id, new.enabled, new.is_default, NULLIF(new.config, 'null'::jsonb), new.created_at, new.updated_at) > 0)) EXECUTE FUNCTION private.apply_defaults();
CREATE TRIGGER record_audit_change AFTER UPDATE OF agent_id, name, display_name, provider, model_id, service_id, enabled, is_default, config ON public.models FOR EACH ROW WHEN (((((((((((old.agent_id IS DISTINCT FROM new.agent_id) OR (old.name IS DISTINCT FROM new.name)) OR (old.display_name IS DISTINCT FROM new.display_name)) OR (old.provider IS DISTINCT FROM new.provider)) OR (old.model_id IS DISTINCT FROM new.model_id)) OR (old.service_id IS DISTINCT FROM new.service_id)) OR (old.enabled IS DISTINCT FROM new.enabled)) OR (old.is_default IS DISTINCT FROM new.is_default)) OR (old.config IS DISTINCT FROM new.config)) AND (current_setting('agentbase.audit_event'::text, true) IS DISTINCT FROM 'rotated'::text))) EXECUTE FUNCTION private.record_audit_event('id');
CREATE TRIGGER record_audit_event AFTER INSERT OR DELETE ON public.models FOR EACH ROW EXECUTE FUNCTION private.record_audit_event('id');
CREATE TRIGGER refuse_change BEFORE UPDATE OF id, agent_id ON public.models FOR EACH ROW WHEN (((CURRENT_USER = 'authenticated'::name) AND ((old.id IS DISTINCT FROM new.id) OR (old.agent_id IS DISTINCT FROM new.agent_id)))) EXECUTE FUNCTION private.refuse_change('id', 'agent_id');
CREATE TRIGGER update_models_updated_at BEFORE UPDATE ON public.models FOR EACH ROW EXECUTE FUNCTION public.update_updated_at_column();

-- Views ------------------------------------------------------------------------------------------

create view private.public_models with (security_barrier=true) as
 SELECT models.id,
    models.agent_id,
    models.name,
    models.display_name,
    models.provider,
    models.is_default
   FROM (private.public_agents
     JOIN public.models ON ((models.agent_id = public_agents.id)))
  WHERE models.enabled;
grant select on private.public_models to anon;
grant select on private.public_models to authenticated;
grant select on private.public_models to service_role;

create view public.public_models with (security_invoker=true) as
 SELECT id,
    agent_id,
    name,
    display_name,
    provider,
    is_default
   FROM private.public_models;
grant select on public.public_models to anon;
grant select on public.public_models to authenticated;
grant select on public.public_models to service_role;

-- Functions --------------------------------------------------------------------------------------

create function public.create_agent_from_template(template uuid, name text, organization uuid DEFAULT NULL::uuid)
returns public.agents
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  chosen public.agent_templates;
  made public.agents;
begin
  select templates.* into chosen from public.agent_templates templates
  where templates.id = create_agent_from_template.template;
  if chosen.id is null then
    perform private.refuse('template_not_found', 'Template not found, or you may not use it.');
  end if;
  insert into public.agents (name, description, type, config, organization_id)
  values (
    create_agent_from_template.name, chosen.description, chosen.type, chosen.default_config,
    create_agent_from_template.organization
  )
  returning * into made;
  return made;
end
$body$;
grant execute on function public.create_agent_from_template(uuid,text,uuid) to authenticated;

create function public.get_agent_with_features(agent_id uuid)
returns jsonb
language sql stable security invoker
set search_path=""
as $body$
  select to_jsonb(agents) || jsonb_build_object(
    'features', coalesce(
      (
        select jsonb_agg(
          jsonb_build_object(
            'id', features.id, 'name', features.name, 'category', features.category,
            'icon', features.icon, 'is_primary', mappings.is_primary
          )
          order by mappings.is_primary desc, features.sort_order, features.id
        )
        from public.agent_feature_mappings mappings
        join public.agent_features features on features.id = mappings.feature_id
        where mappings.agent_id = agents.id
      ),
      '[]'
    )
  )
  from public.agents
  where agents.id = get_agent_with_features.agent_id
$body$;
grant execute on function public.get_agent_with_features(uuid) to authenticated, service_role;

create function public.models(ai_interactions public.ai_interactions)
returns SETOF public.models
language sql stable security invoker
set search_path=""
as $body$  select related.* from public.models related where related.id = models.ai_interactions.model_id $body$;
grant execute on function public.models(public.ai_interactions) to authenticated, service_role;
