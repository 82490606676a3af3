-- Agents: anything that can answer. All seeds. An agent is owned by an
-- organization, or by a person, or it is a platform agent, which every signed-in
-- person may use. One whose owner is missing is an orphan: only the backend sees it.

create table public.agents (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  description text,
  type text not null default 'assistant',
  status text not null default 'inactive',
  enabled boolean not null default true,
  vendor_id text references public.vendors (id) on delete restrict,
  service_id text references public.vendor_services (id) on delete restrict,
  model_name text,
  system_prompt text,
  temperature numeric(3, 2),
  max_tokens integer,
  config jsonb not null default '{}',
  capabilities jsonb not null default '{}',
  deployment_config jsonb not null default '{}',
  voice_provider text,
  voice_id text,
  voice_settings jsonb not null default '{}',
  speech_processing jsonb not null default '{}',
  security jsonb not null default '{}',
  knowledge_base_ids text[] not null default '{}',
  notes text,
  tags text[] not null default '{}',
  activity_score real not null default 0,
  usage_count bigint not null default 0,
  last_used_at timestamptz,
  is_favorite boolean not null default false,
  is_public boolean not null default false,
  is_published boolean not null default false,
  -- Null until adopt_unowned_agent() decides; a default, so that clients may leave it out.
  is_platform boolean not null default nullif(false, false),
  version integer not null default 1,
  created_by uuid default auth.uid() references public.profiles (id) on delete set null,
  organization_id uuid references public.organizations (id) on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- Words of seeds 003 and 004 for columns above, which a trigger keeps equal.
  team_id uuid,
  llm_provider text,
  llm_model text,
  config_json jsonb,
  is_active boolean,
  constraint column_aliases_agree check (
    (team_id, llm_provider, llm_model, config_json, is_active)
    is not distinct from (organization_id, vendor_id, model_name, config, enabled)
  ),
  constraint vendor_id_of_agent_is_a_label check (private.is_label(vendor_id)),
  constraint llm_provider_is_a_label check (private.is_label(llm_provider)),
  constraint llm_model_is_a_label check (private.is_label(llm_model)),
  constraint service_id_of_agent_is_a_label check (private.is_label(service_id)),
  constraint config_json_is_at_most_256_kib_and_64_levels check (private.is_document(config_json)),
  constraint agent_service_is_its_vendors
    foreign key (vendor_id, service_id)
    references public.vendor_services (vendor_id, id) on delete restrict,
  constraint agent_name_is_1_to_255_characters check (char_length(name) between 1 and 255),
  constraint agent_type_is_1_to_100_characters check (char_length(type) between 1 and 100),
  constraint agent_status_is_known check (status in ('active', 'paused', 'error', 'inactive')),
  constraint temperature_is_between_0_and_2 check (temperature between 0 and 2),
  constraint max_tokens_is_positive check (max_tokens > 0),
  constraint activity_score_is_between_0_and_1 check (activity_score between 0 and 1),
  constraint usage_count_is_not_negative check (usage_count >= 0),
  constraint agent_config_is_an_object check (jsonb_typeof(config) = 'object'),
  constraint allowed_domains_are_a_list check (
    not security ? 'allowed_domains' or jsonb_typeof(security -> 'allowed_domains') = 'array'
  ),
  constraint allowed_domains_are_sites check (
    private.is_site_list(security -> 'allowed_domains')
  ),
  -- Everyone signed in reads a platform agent's row, so nothing private may be in it.
  constraint platform_agent_has_no_prompt check (not is_platform or system_prompt is null),
  constraint platform_agent_has_no_owner check (
    not is_platform or (created_by is null and organization_id is null)
  ),
  -- Sizes of columns that clients write.
  constraint agent_name_has_no_control_characters check (private.is_plain(name)),
  constraint agent_type_has_no_control_characters check (private.is_plain(type)),
  constraint agent_description_is_at_most_64_kib check (private.is_prose(description)),
  constraint agent_model_name_is_one_line_of_at_most_255_characters check (
    private.is_label(model_name)
  ),
  constraint agent_system_prompt_is_at_most_256_kib check (private.is_prompt(system_prompt)),
  constraint agent_config_is_at_most_256_kib_and_64_levels check (private.is_document(config)),
  constraint agent_capabilities_are_at_most_256_kib_and_64_levels check (
    private.is_document(capabilities)
  ),
  constraint agent_deployment_config_is_at_most_256_kib_and_64_levels check (
    private.is_document(deployment_config)
  ),
  constraint agent_voice_provider_is_one_line_of_at_most_255_characters check (
    private.is_label(voice_provider)
  ),
  constraint agent_voice_id_is_one_line_of_at_most_255_characters check (
    private.is_label(voice_id)
  ),
  constraint agent_voice_settings_are_at_most_256_kib_and_64_levels check (
    private.is_document(voice_settings)
  ),
  constraint agent_speech_processing_is_at_most_256_kib_and_64_levels check (
    private.is_document(speech_processing)
  ),
  constraint agent_security_is_at_most_256_kib_and_64_levels check (private.is_document(security)),
  constraint agent_knowledge_base_ids_are_at_most_100_of_255_characters check (
    private.is_word_list(knowledge_base_ids)
  ),
  constraint agent_notes_are_at_most_64_kib check (private.is_prose(notes)),
  constraint agent_tags_are_at_most_100_of_255_characters check (private.is_word_list(tags))
);
comment on table public.agents is
  'Anything that can answer: a vendor, a model, a prompt and its configuration. The seeds call '
  'it agents, ai_agents and bots.';
comment on column public.agents.id is 'Identifies the agent.';
comment on column public.agents.name is
  'Name to show, and to chat with as "model". Unique among platform agents.';
comment on column public.agents.description is 'What the agent is for.';
comment on column public.agents.type is
  'Kind of agent, free text, such as assistant, market, websearch, media, alarm.';
comment on column public.agents.status is
  'active, paused, error or inactive; a change notifies who made the agent. A paused agent does '
  'not chat.';
comment on column public.agents.enabled is
  'False switches the agent off. Seed 002 and 004 call it is_active.';
comment on column public.agents.vendor_id is 'Who is called. Seed 004 calls it llm_provider.';
comment on column public.agents.service_id is
  'Which of the vendor''s services is called; prices come from it.';
comment on column public.agents.model_name is
  'Model to call where no service says it. Seed 004 calls it llm_model.';
comment on column public.agents.system_prompt is
  'First message of every conversation. Readable only by those who own the agent, and sent only '
  'with their keys or the platform''s credential, never with a stranger''s key.';
comment on column public.agents.temperature is
  'Used where the caller gives none; null leaves it to the organization, then to the vendor.';
comment on column public.agents.max_tokens is
  'Most tokens of an answer where the caller gives no limit.';
comment on column public.agents.config is
  'Whatever else the agent needs. Seed 002 calls it configuration. No secrets.';
comment on column public.agents.capabilities is
  'What the agent can do, as JSON for programs; features are for people.';
comment on column public.agents.deployment_config is
  'Where and how the agent is offered, such as its environment and its widget; '
  'docs/agent-configuration.md lists its fields.';
comment on column public.agents.voice_provider is
  'Vendor that speaks for the agent, such as elevenlabs; null where it has no voice.';
comment on column public.agents.voice_id is 'The vendor''s own id of the voice.';
comment on column public.agents.voice_settings is
  'Settings of the voice that the vendor of the voice defines, such as speed.';
comment on column public.agents.speech_processing is 'Settings of listening and speaking.';
comment on column public.agents.security is
  'Limits on its use; allowed_domains lists the sites whose visitors may chat with it, such as '
  '"example.com", "https://shop.example.com:8443" or "*.example.com". No list means no site.';
comment on column public.agents.knowledge_base_ids is 'Knowledge bases it draws on.';
comment on column public.agents.notes is 'The owner''s notes.';
comment on column public.agents.tags is 'Words by which the agent is found.';
comment on column public.agents.activity_score is
  'How much it is used, 0 to 1; see update_agent_activity_score(). Kept by the database.';
comment on column public.agents.usage_count is
  'Number of its interactions, those marked as deleted included. Kept by the database.';
comment on column public.agents.last_used_at is
  'Start of its latest interaction, to a minute. Kept by the database. Seed 003 calls it '
  'last_activity.';
comment on column public.agents.is_favorite is 'Set by its owner, to list it first.';
comment on column public.agents.is_public is
  'Every signed-in person may see its public fields, and use it where a platform agent sells its '
  'model: strangers call it with the platform''s credential and pay by their own organization''s '
  'budgets. It is never sent to a stranger''s own account at a vendor, where the prompt could be '
  'read.';
comment on column public.agents.is_published is
  'Open to visitors of its allowed domains; anyone may see its public fields.';
comment on column public.agents.is_platform is
  'True for a platform agent, which every signed-in person may use with the platform''s '
  'credential. Left out, it is true of an agent without owner and prompt that the operator inserts '
  'with SQL, and else false: an agent that a backend makes without an owner, or whose owner is '
  'lost, is none.';
comment on column public.agents.version is
  'Goes up by one when what defines its answers changes. Kept by the database.';
comment on column public.agents.created_by is 'Who made it. Seed 002 calls it user_id.';
comment on column public.agents.organization_id is
  'The organization that owns it; null for a person''s own and for a platform agent. Seed 003 '
  'calls it team_id.';
comment on column public.agents.created_at is 'When the agent was created.';
comment on column public.agents.updated_at is 'When the agent was last changed.';
comment on column public.agents.team_id is 'The name of organization_id in seed 003.';
comment on column public.agents.llm_provider is 'The name of vendor_id in seed 004.';
comment on column public.agents.llm_model is
  'The name of model_name in seed 004. Setting it, or llm_provider, leaves the service.';
comment on column public.agents.config_json is 'The name of config in seed 004.';
comment on column public.agents.is_active is 'The name of enabled in seed 004.';

alter table public.agents enable row level security;
create policy "People read their own, their organizations' and platform agents" on public.agents
  for select to authenticated
  using (
    organization_id = any (array(select private.my_organizations('viewer')))
    or (organization_id is null and created_by = (select private.my_id()))
    or is_platform
  );
create policy "People create agents, agent managers for organizations" on public.agents
  for insert to authenticated
  with check (
    created_by = (select auth.uid())
    and (
      (organization_id is null and (select private.my_account_is_active()))
      or organization_id = any (array(select private.my_organizations('agent_manager')))
    )
  );
create policy "People edit their own agents, agent managers organizations'" on public.agents
  for update to authenticated
  using (
    organization_id = any (array(select private.my_organizations('agent_manager')))
    or (
      organization_id is null
      and created_by = (select auth.uid())
      and (select private.my_account_is_active())
    )
  )
  with check (
    organization_id = any (array(select private.my_organizations('agent_manager')))
    or (
      organization_id is null
      and created_by = (select auth.uid())
      and (select private.my_account_is_active())
    )
  );
create policy "People delete their own agents, agent managers organizations'" on public.agents
  for delete to authenticated
  using (
    organization_id = any (array(select private.my_organizations('agent_manager')))
    or (organization_id is null and created_by = (select auth.uid()))
  );
grant select, delete on public.agents to authenticated;
grant insert (
  name, description, type, status, enabled, vendor_id, service_id, model_name, system_prompt,
  temperature, max_tokens,
  config, capabilities, deployment_config, voice_provider, voice_id, voice_settings,
  speech_processing, security,
  knowledge_base_ids, notes, tags, is_favorite, is_public, is_published, created_by,
  organization_id,
  team_id, llm_provider, llm_model, config_json, is_active
) on public.agents to authenticated;
grant update (
  name, description, type, status, enabled, vendor_id, service_id, model_name, system_prompt,
  temperature, max_tokens,
  config, capabilities, deployment_config, voice_provider, voice_id, voice_settings,
  speech_processing, security,
  knowledge_base_ids, notes, tags, is_favorite, is_public, is_published,
  llm_provider, llm_model, config_json, is_active
) on public.agents to authenticated;
grant select, insert, update, delete on public.agents to service_role;

create unique index platform_agent_name_is_unique on public.agents (name) where is_platform;
create index idx_agents_user_status on public.agents (created_by, status);
create index idx_agents_type on public.agents (type);
create index idx_agents_status on public.agents (status);
create index idx_active_agents on public.agents (created_by) where status = 'active';
create index idx_ai_agents_vendor on public.agents (vendor_id, service_id);
create index agents_service_id_idx on public.agents (service_id);
create index idx_ai_agents_activity_score on public.agents (activity_score desc);
create index idx_ai_agents_last_used on public.agents (last_used_at desc nulls last);
create index agents_tags_idx on public.agents using gin (tags);
create index agents_config_idx on public.agents using gin (config jsonb_path_ops);
create index agents_capabilities_idx on public.agents using gin (capabilities jsonb_path_ops);
create index agents_public_idx on public.agents (created_at) where is_public or is_published;
-- A name is looked up among the caller's own agents and the organization's: many may share it.
create index agents_own_name_idx
  on public.agents (created_by, name)
  where organization_id is null;
create index idx_agents_organization_id on public.agents (organization_id, name);

create trigger update_agents_updated_at before update on public.agents
  for each row execute function public.update_updated_at_column();
