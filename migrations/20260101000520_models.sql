-- What agents offer: models, features and templates.

create table public.models (
  id uuid primary key default gen_random_uuid(),
  agent_id uuid not null references public.agents (id) on delete cascade,
  name text not null,
  display_name text,
  provider text,
  model_id text,
  service_id text references public.vendor_services (id) on delete restrict,
  enabled boolean not null default true,
  is_default boolean not null default false,
  config jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (agent_id, name),
  constraint model_name_is_1_to_255_characters check (char_length(name) between 1 and 255),
  constraint model_config_is_an_object check (jsonb_typeof(config) = 'object'),
  -- Sizes of columns that clients write.
  constraint model_name_has_no_control_characters check (private.is_plain(name)),
  constraint model_display_name_is_one_line_of_at_most_255_characters check (
    private.is_label(display_name)
  ),
  constraint model_provider_is_one_line_of_at_most_255_characters check (
    private.is_label(provider)
  ),
  constraint model_id_is_one_line_of_at_most_255_characters check (private.is_label(model_id)),
  constraint service_id_of_model_is_a_label check (private.is_label(service_id)),
  constraint model_config_is_at_most_256_kib_and_64_levels check (private.is_document(config))
);
comment on table public.models is 'A model that an agent offers. Seed 000.';
comment on column public.models.id is 'Identifies the model.';
comment on column public.models.agent_id is 'The agent that offers it.';
comment on column public.models.name is
  'Name to chat with as "model", such as gemini-1.5-pro; unique within the agent.';
comment on column public.models.display_name is 'Name of the model to show.';
comment on column public.models.provider is 'Who made the model, for display.';
comment on column public.models.model_id is 'The vendor''s own name for it, sent upstream.';
comment on column public.models.service_id is 'The service that it is; prices come from it.';
comment on column public.models.enabled is 'False takes it out of use.';
comment on column public.models.is_default is
  'Used when a chat names the agent and no model; at most one per agent.';
comment on column public.models.config is 'Settings of the model that no column has, as JSON.';
comment on column public.models.created_at is 'When the model was added.';
comment on column public.models.updated_at is 'When the model was last changed.';

alter table public.models enable row level security;
-- Not those of public agents of others, which public_models shows without their configuration.
create policy "People read the models of agents that they read" on public.models
  for select to authenticated
  using (
    exists (select from public.agents where agents.id = models.agent_id)
  );
create policy "Those who edit an agent add its models" on public.models
  for insert to authenticated
  with check (
    exists (select from private.editable_agents where editable_agents.id = models.agent_id)
  );
create policy "Those who edit an agent change its models" on public.models
  for update to authenticated
  using (
    exists (select from private.editable_agents where editable_agents.id = models.agent_id)
  )
  with check (
    exists (select from private.editable_agents where editable_agents.id = models.agent_id)
  );
create policy "Those who edit an agent delete its models" on public.models
  for delete to authenticated
  using (
    exists (select from private.editable_agents where editable_agents.id = models.agent_id)
  );
grant select, delete on public.models to authenticated;
grant insert (
  agent_id, name, display_name, provider, model_id, service_id, enabled, is_default, config
)
  on public.models
  to authenticated;
grant update (name, display_name, provider, model_id, service_id, enabled, is_default, config)
  on public.models
  to authenticated;
grant select, insert, update, delete on public.models to service_role;
create unique index one_default_model_per_agent on public.models (agent_id) where is_default;
create index models_name_idx on public.models (name);
create index models_service_id_idx on public.models (service_id);
create trigger update_models_updated_at before update on public.models
  for each row execute function public.update_updated_at_column();

-- As private.public_agents.
create view private.public_models with (security_barrier = true) as
select
  models.id, models.agent_id, models.name, models.display_name, models.provider, models.is_default
from private.public_agents
join public.models on models.agent_id = public_agents.id
where models.enabled;
comment on view private.public_models is
  'Public fields of the models that the agents of public_agents offer.';
grant select on private.public_models to anon, authenticated, service_role;

create view public.public_models with (security_invoker = true) as
select * from private.public_models;
comment on view public.public_models is
  'Models that public and published agents offer. What the vendor calls them and how they are '
  'configured is not here.';
comment on column public.public_models.agent_id is 'The agent that offers it; see public_agents.';
comment on column public.public_models.is_default is
  'Used when a chat names the agent and no model.';
select private.inherit_comments('public.public_models', 'public.models');
grant select on public.public_models to anon, authenticated, service_role;

create table public.agent_feature_mappings (
  id uuid primary key default gen_random_uuid(),
  agent_id uuid not null references public.agents (id) on delete cascade,
  feature_id text not null references public.agent_features (id) on delete cascade,
  is_primary boolean not null default false,
  user_id uuid default auth.uid() references public.profiles (id) on delete set null,
  created_at timestamptz not null default now(),
  unique (agent_id, feature_id),
  constraint feature_id_is_a_label check (private.is_label(feature_id))
);
comment on table public.agent_feature_mappings is 'Which features an agent has. Seed 002.';
comment on column public.agent_feature_mappings.id is 'Identifies the agent feature mapping.';
comment on column public.agent_feature_mappings.agent_id is 'The agent that has the feature.';
comment on column public.agent_feature_mappings.feature_id is 'The feature.';
comment on column public.agent_feature_mappings.is_primary is
  'What the agent is mainly for; at most one per agent.';
comment on column public.agent_feature_mappings.user_id is 'Who added it.';
comment on column public.agent_feature_mappings.created_at is
  'When the agent feature mapping was added.';

alter table public.agent_feature_mappings enable row level security;
create policy "People read the features of agents that they may use"
  on public.agent_feature_mappings
  for select to authenticated
  using (
    exists (select from public.agents where agents.id = agent_feature_mappings.agent_id)
    or exists (
      select from private.public_agents
      where public_agents.id = agent_feature_mappings.agent_id
    )
  );
create policy "Those who edit an agent add its features" on public.agent_feature_mappings
  for insert to authenticated
  with check (
    user_id = (select auth.uid())
    and exists (
      select from private.editable_agents
      where editable_agents.id = agent_feature_mappings.agent_id
    )
  );
create policy "Those who edit an agent change its features" on public.agent_feature_mappings
  for update to authenticated
  using (
    exists (
      select from private.editable_agents
      where editable_agents.id = agent_feature_mappings.agent_id
    )
  )
  with check (
    exists (
      select from private.editable_agents
      where editable_agents.id = agent_feature_mappings.agent_id
    )
  );
create policy "Those who edit an agent delete its features" on public.agent_feature_mappings
  for delete to authenticated
  using (
    exists (
      select from private.editable_agents
      where editable_agents.id = agent_feature_mappings.agent_id
    )
  );
grant select, delete on public.agent_feature_mappings to authenticated;
grant insert (agent_id, feature_id, is_primary, user_id)
  on public.agent_feature_mappings
  to authenticated;
grant update (is_primary) on public.agent_feature_mappings to authenticated;
grant select, insert, update, delete on public.agent_feature_mappings to service_role;
create unique index one_primary_feature_per_agent
  on public.agent_feature_mappings (agent_id)
  where is_primary;
create index agent_feature_mappings_feature_id_idx on public.agent_feature_mappings (feature_id);
create index agent_feature_mappings_user_id_idx on public.agent_feature_mappings (user_id);

create table public.agent_templates (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  description text,
  type text not null,
  default_config jsonb not null default '{}',
  is_public boolean not null default false,
  created_by uuid default auth.uid() references public.profiles (id) on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint template_name_is_1_to_255_characters check (char_length(name) between 1 and 255),
  constraint template_type_is_1_to_100_characters check (char_length(type) between 1 and 100),
  constraint default_config_is_an_object check (jsonb_typeof(default_config) = 'object'),
  -- Sizes of columns that clients write.
  constraint template_name_has_no_control_characters check (private.is_plain(name)),
  constraint template_type_has_no_control_characters check (private.is_plain(type)),
  constraint template_description_is_at_most_64_kib check (private.is_prose(description)),
  constraint default_config_is_at_most_256_kib_and_64_levels check (
    private.is_document(default_config)
  )
);
comment on table public.agent_templates is 'Starting points for agents. Seed 003.';
comment on column public.agent_templates.id is 'Identifies the agent template.';
comment on column public.agent_templates.name is 'Name of the agent template to show.';
comment on column public.agent_templates.description is
  'What agents made from the template are good for.';
comment on column public.agent_templates.type is 'Kind of agent it makes.';
comment on column public.agent_templates.default_config is
  'Configuration that a new agent starts with.';
comment on column public.agent_templates.is_public is 'Every signed-in person may use it.';
comment on column public.agent_templates.created_by is
  'Who made it; null for those that come with the platform.';
comment on column public.agent_templates.created_at is 'When the agent template was created.';
comment on column public.agent_templates.updated_at is 'When the agent template was last changed.';

alter table public.agent_templates enable row level security;
create policy "People read public templates and their own" on public.agent_templates
  for select to authenticated using (is_public or created_by = (select auth.uid()));
create policy "People create templates" on public.agent_templates
  for insert to authenticated
  with check (created_by = (select auth.uid()) and (select private.my_account_is_active()));
create policy "People change their own templates" on public.agent_templates
  for update to authenticated
  using (created_by = (select auth.uid()) and (select private.my_account_is_active()))
  with check (created_by = (select auth.uid()) and (select private.my_account_is_active()));
create policy "People delete their own templates" on public.agent_templates
  for delete to authenticated using (created_by = (select auth.uid()));
grant select, delete on public.agent_templates to authenticated;
grant insert (name, description, type, default_config, is_public, created_by)
  on public.agent_templates
  to authenticated;
grant update (name, description, type, default_config, is_public)
  on public.agent_templates
  to authenticated;
grant select, insert, update, delete on public.agent_templates to service_role;
create index agent_templates_created_by_idx on public.agent_templates (created_by);
create index agent_templates_public_idx on public.agent_templates (is_public);
create trigger update_agent_templates_updated_at before update on public.agent_templates
  for each row execute function public.update_updated_at_column();

create function public.create_agent_from_template(
  template uuid, name text, organization uuid default null
)
returns public.agents
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function public.create_agent_from_template(uuid, text, uuid) is
  'Makes an agent with the type and description of a template that the caller sees, and with its '
  'default_config as config: the caller''s own, or an organization''s for its agent managers. '
  'Vendor, model and system prompt are set on the agent afterwards. Errors: PT404 '
  'template_not_found.';
grant execute on function public.create_agent_from_template(uuid, text, uuid) to authenticated;

create function public.get_agent_with_features(agent_id uuid)
returns jsonb
language sql
stable
set search_path = ''
as $$
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
$$;
comment on function public.get_agent_with_features(uuid) is
  'An agent that the caller sees, with "features": a list of {id, name, category, icon, '
  'is_primary}, the primary one first. Null for any other id.';
grant execute on function public.get_agent_with_features(uuid) to authenticated, service_role;
