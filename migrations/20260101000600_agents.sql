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
  is_platform boolean not null default false,
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
  constraint seed_words_agree check (
    (team_id, llm_provider, llm_model, config_json, is_active)
    is not distinct from (organization_id, vendor_id, model_name, config, enabled)
  ),
  constraint llm_provider_is_a_label check (private.is_label(llm_provider)),
  constraint llm_model_is_a_label check (private.is_label(llm_model)),
  constraint config_json_is_at_most_256_kib_and_64_levels check (private.is_document(config_json)),
  constraint agent_service_is_its_vendors foreign key (vendor_id, service_id) references public.vendor_services (vendor_id, id) on delete restrict,
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
  -- Everyone signed in reads a platform agent's row, so nothing private may be in it.
  constraint platform_agent_has_no_prompt check (not is_platform or system_prompt is null),
  constraint platform_agent_has_no_owner check (
    not is_platform or (created_by is null and organization_id is null)
  ),
  -- What clients write is bounded.
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
comment on table public.agents is 'Anything that can answer: a vendor, a model, a prompt and its configuration. The seeds call it agents, ai_agents and bots.';
comment on column public.agents.id is 'Primary key.';
comment on column public.agents.name is 'Name to show, and to chat with as "model". Unique among platform agents.';
comment on column public.agents.description is 'What it is for.';
comment on column public.agents.type is 'Kind of agent, free text, such as assistant, market, websearch, media, alarm.';
comment on column public.agents.status is 'active, paused, error or inactive; a change notifies who made the agent. A paused agent does not chat.';
comment on column public.agents.enabled is 'False switches the agent off. Seed 002 and 004 call it is_active.';
comment on column public.agents.vendor_id is 'Who is called. Seed 004 calls it llm_provider.';
comment on column public.agents.service_id is 'Which of the vendor''s services is called; prices come from it.';
comment on column public.agents.model_name is 'Model to call where no service says it. Seed 004 calls it llm_model.';
comment on column public.agents.system_prompt is 'First message of every conversation. Readable only by those who own the agent, and sent only with their keys or the platform''s credential, never with a stranger''s key.';
comment on column public.agents.temperature is 'Used where the caller gives none; null leaves it to the organization, then to the vendor.';
comment on column public.agents.max_tokens is 'Most tokens of an answer where the caller gives no limit.';
comment on column public.agents.config is 'Whatever else the agent needs. Seed 002 calls it configuration. No secrets.';
comment on column public.agents.capabilities is 'What it can do, structured.';
comment on column public.agents.deployment_config is 'How it is deployed.';
comment on column public.agents.voice_provider is 'Vendor of its voice.';
comment on column public.agents.voice_id is 'Which voice.';
comment on column public.agents.voice_settings is 'Settings of the voice.';
comment on column public.agents.speech_processing is 'Settings of listening and speaking.';
comment on column public.agents.security is 'Limits on its use; allowed_domains lists the sites whose visitors may chat with it. No list means no site.';
comment on column public.agents.knowledge_base_ids is 'Knowledge bases it draws on.';
comment on column public.agents.notes is 'The owner''s notes.';
comment on column public.agents.tags is 'Words to find it by.';
comment on column public.agents.activity_score is 'How much it is used, 0 to 1; see update_agent_activity_score(). Kept by the database.';
comment on column public.agents.usage_count is 'Number of its interactions, those marked as deleted included. Kept by the database.';
comment on column public.agents.last_used_at is 'Start of its latest interaction, to a minute. Kept by the database. Seed 003 calls it last_activity.';
comment on column public.agents.is_favorite is 'Marked by its owner.';
comment on column public.agents.is_public is 'Every signed-in person may see its public fields, and use it where a platform agent sells its model: strangers call it with the platform''s credential and pay by their own organization''s budgets. It is never sent to a stranger''s own account at a vendor, where the prompt could be read.';
comment on column public.agents.is_published is 'Open to visitors of its allowed domains; anyone may see its public fields.';
comment on column public.agents.is_platform is
  'True for a platform agent, which every signed-in person may use with the platform''s credential. '
  'Set by the operator only; an agent without an owner is not one by that.';
comment on column public.agents.version is 'Goes up by one when what defines its answers changes. Kept by the database.';
comment on column public.agents.created_by is 'Who made it. Seed 002 calls it user_id.';
comment on column public.agents.organization_id is 'The organization that owns it; null for a person''s own and for a platform agent. Seed 003 calls it team_id.';
comment on column public.agents.created_at is 'When it was made.';
comment on column public.agents.updated_at is 'Last change.';
comment on column public.agents.team_id is 'organization_id in the words of seed 003.';
comment on column public.agents.llm_provider is 'vendor_id in the words of seed 004.';
comment on column public.agents.llm_model is 'model_name in the words of seed 004. Setting it, or llm_provider, leaves the service.';
comment on column public.agents.config_json is 'config in the words of seed 004.';
comment on column public.agents.is_active is 'enabled in the words of seed 004.';

alter table public.agents enable row level security;
create policy "People read their own, their organizations' and platform agents" on public.agents
  for select to authenticated
  using (
    organization_id = any (array(select private.my_organizations('viewer')))
    or (organization_id is null and created_by = (select auth.uid()))
    or is_platform
  );
create policy "People make agents, agent managers for organizations" on public.agents
  for insert to authenticated
  with check (
    created_by = (select auth.uid())
    and (organization_id is null or organization_id = any (array(select private.my_organizations('agent_manager'))))
  );
create policy "People edit their own agents, agent managers organizations'" on public.agents
  for update to authenticated
  using (
    organization_id = any (array(select private.my_organizations('agent_manager')))
    or (organization_id is null and created_by = (select auth.uid()))
  )
  with check (
    organization_id = any (array(select private.my_organizations('agent_manager')))
    or (organization_id is null and created_by = (select auth.uid()))
  );
create policy "People delete their own agents, agent managers organizations'" on public.agents
  for delete to authenticated
  using (
    organization_id = any (array(select private.my_organizations('agent_manager')))
    or (organization_id is null and created_by = (select auth.uid()))
  );
grant select, delete on public.agents to authenticated;
grant insert (
  name, description, type, status, enabled, vendor_id, service_id, model_name, system_prompt, temperature, max_tokens,
  config, capabilities, deployment_config, voice_provider, voice_id, voice_settings, speech_processing, security,
  knowledge_base_ids, notes, tags, is_favorite, is_public, is_published, created_by, organization_id,
  team_id, llm_provider, llm_model, config_json, is_active
) on public.agents to authenticated;
grant update (
  name, description, type, status, enabled, vendor_id, service_id, model_name, system_prompt, temperature, max_tokens,
  config, capabilities, deployment_config, voice_provider, voice_id, voice_settings, speech_processing, security,
  knowledge_base_ids, notes, tags, is_favorite, is_public, is_published,
  llm_provider, llm_model, config_json, is_active
) on public.agents to authenticated;
grant select, insert, update, delete on public.agents to service_role;

create unique index platform_agent_name_is_unique on public.agents (name) where is_platform;
create index idx_agents_user_status on public.agents (created_by, status);
create index idx_agents_organization_id on public.agents (organization_id);
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
create index agents_public_idx on public.agents (id) where is_public or is_published;
create index agents_name_idx on public.agents (name);

create trigger update_agents_updated_at before update on public.agents
  for each row execute function public.update_updated_at_column();

create function private.adopt_seed_words()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if tg_op = 'INSERT' then
    new.organization_id = coalesce(new.team_id, new.organization_id);
    new.vendor_id = coalesce(new.llm_provider, new.vendor_id);
    new.model_name = coalesce(new.llm_model, new.model_name);
    new.config = coalesce(nullif(new.config_json, 'null'), new.config);
    new.enabled = coalesce(new.is_active, new.enabled);
  else
    -- The word that was written tells; where both were, the column's own name.
    if (new.llm_provider, new.llm_model) is distinct from (old.llm_provider, old.llm_model)
      and (new.vendor_id, new.service_id, new.model_name)
        is not distinct from (old.vendor_id, old.service_id, old.model_name)
    then
      new.vendor_id = new.llm_provider;
      new.model_name = new.llm_model;
      new.service_id = null;
    end if;
    if new.team_id is distinct from old.team_id and new.organization_id is not distinct from old.organization_id then
      new.organization_id = new.team_id;
    end if;
    if new.config_json is distinct from old.config_json and new.config is not distinct from old.config then
      new.config = coalesce(nullif(new.config_json, 'null'), '{}');
    end if;
    if new.is_active is distinct from old.is_active and new.enabled is not distinct from old.enabled then
      new.enabled = coalesce(new.is_active, true);
    end if;
  end if;
  new.team_id = new.organization_id;
  new.llm_provider = new.vendor_id;
  new.llm_model = new.model_name;
  new.config_json = new.config;
  new.is_active = new.enabled;
  return new;
end
$$;
comment on function private.adopt_seed_words() is 'Trigger: what is written in the words of seeds 003 and 004 reaches the columns that they mean, and the other way round. A model that is named so is called as it is named: the agent leaves its service.';
create trigger adopt_seed_words
  before insert or update of
    organization_id, vendor_id, service_id, model_name, config, enabled, team_id, llm_provider, llm_model, config_json, is_active
  on public.agents
  for each row execute function private.adopt_seed_words();

create function private.bump_agent_version()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.version = old.version + 1;
  return new;
end
$$;
comment on function private.bump_agent_version() is 'Trigger: counts changes of what defines an agent''s answers.';
create trigger bump_agent_version
  before update of
    vendor_id, service_id, model_name, system_prompt, temperature, max_tokens, config, capabilities, llm_provider, llm_model,
    config_json
  on public.agents
  for each row
  when (
    (old.vendor_id, old.service_id, old.model_name, old.system_prompt, old.temperature, old.max_tokens, old.config, old.capabilities)
    is distinct from
    (new.vendor_id, new.service_id, new.model_name, new.system_prompt, new.temperature, new.max_tokens, new.config, new.capabilities)
  )
  execute function private.bump_agent_version();

create function public.notify_agent_status_change()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  insert into public.notifications (user_id, type, title, message, data, priority)
  select
    new.created_by,
    'agent_status_change',
    'Agent Status Updated',
    format('Agent "%s" status changed from %s to %s', private.name_to_quote(new.name), old.status, new.status),
    jsonb_build_object('agent_id', new.id, 'old_status', old.status, 'new_status', new.status),
    case new.status when 'error' then 'high' when 'active' then 'medium' else 'low' end
  -- Who made it may have left the organization that it belongs to.
  where new.organization_id is null or exists (
    select from public.organization_members members
    where members.organization_id = new.organization_id and members.user_id = new.created_by
  );
  return new;
end
$$;
comment on function public.notify_agent_status_change() is 'Trigger: tells who made an agent that its status changed; high priority for error. Nobody is told of platform agents.';
create trigger agent_status_notification after update of status on public.agents
  for each row
  when (old.status is distinct from new.status and new.created_by is not null)
  execute function public.notify_agent_status_change();

create function private.delete_own_agents()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  delete from public.agents where agents.created_by = old.id and agents.organization_id is null;
  return old;
end
$$;
comment on function private.delete_own_agents() is 'Trigger on auth.users: a person''s own agents go with the person, those of an organization stay with it. Where this trigger is missing they become orphans.';

create function private.editable_agents()
returns setof uuid
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return query
  select agents.id from public.agents
  where agents.organization_id = any (array(select private.my_organizations('agent_manager')))
  union all
  select agents.id from public.agents where agents.organization_id is null and agents.created_by = (select auth.uid());
end
$$;
comment on function private.editable_agents() is 'Ids of the agents that the caller may edit: the rule of the policies on agents, for the tables that belong to an agent.';
grant execute on function private.editable_agents() to authenticated, service_role;

-- Public agents: their public fields for everyone, never prompt or configuration.

create function private.public_agents()
returns table (
  id uuid, name text, description text, type text, status text, capabilities jsonb, tags text[], vendor_id text,
  model_name text, voice_provider text, voice_id text, is_public boolean, is_published boolean, activity_score real,
  created_at timestamptz, updated_at timestamptz
)
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return query
  select
    agents.id, agents.name, agents.description, agents.type, agents.status, agents.capabilities, agents.tags,
    agents.vendor_id, agents.model_name, agents.voice_provider, agents.voice_id, agents.is_public, agents.is_published,
    agents.activity_score, agents.created_at, agents.updated_at
  from public.agents
  left join public.organizations on organizations.id = agents.organization_id
  where agents.enabled
    and organizations.deleted_at is null
    -- Not an orphan: nobody shares it.
    and (agents.is_platform or num_nonnulls(agents.created_by, agents.organization_id) > 0)
    and (agents.is_published or (agents.is_public and (select auth.uid()) is not null));
end
$$;
comment on function private.public_agents() is 'Public fields of published agents for anyone, and of public agents for everyone signed in.';
grant execute on function private.public_agents() to anon, authenticated, service_role;

create view public.public_agents with (security_invoker = true) as
select * from private.public_agents();
comment on view public.public_agents is 'Agents that their owners share: published ones for anyone, public ones for everyone signed in. Prompts and configuration are not here.';
comment on column public.public_agents.id is 'The agent.';
comment on column public.public_agents.name is 'Name to show.';
comment on column public.public_agents.description is 'What it is for.';
comment on column public.public_agents.type is 'Kind of agent.';
comment on column public.public_agents.status is 'active, paused, error or inactive.';
comment on column public.public_agents.capabilities is 'What it can do.';
comment on column public.public_agents.tags is 'Words to find it by.';
comment on column public.public_agents.vendor_id is 'Who is called.';
comment on column public.public_agents.model_name is 'Model that is called.';
comment on column public.public_agents.voice_provider is 'Vendor of its voice.';
comment on column public.public_agents.voice_id is 'Which voice.';
comment on column public.public_agents.is_public is 'Shared with everyone signed in.';
comment on column public.public_agents.is_published is 'Open to visitors.';
comment on column public.public_agents.activity_score is 'How much it is used, 0 to 1.';
comment on column public.public_agents.created_at is 'When it was made.';
comment on column public.public_agents.updated_at is 'Last change.';
grant select on public.public_agents to anon, authenticated, service_role;

create function private.readable_agents(minimum_role text default 'viewer')
returns setof uuid
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return query
  -- Each part by its own index: this is asked with every row that belongs to an agent.
  select agents.id from public.agents
  where agents.organization_id = any (array(select private.my_organizations(readable_agents.minimum_role)))
  union all
  select agents.id from public.agents where agents.organization_id is null and agents.created_by = (select auth.uid())
  union all
  select agents.id from public.agents where agents.is_platform;
end
$$;
comment on function private.readable_agents(text) is
  'Ids of the agents whose rows the caller reads, an organization''s only with at least the given '
  'role there: the rule of the policy on agents, for what belongs to an agent and is not public.';
grant execute on function private.readable_agents(text) to authenticated, service_role;

create function private.visible_agents(minimum_role text default 'viewer')
returns setof uuid
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return query
  select private.readable_agents(visible_agents.minimum_role)
  union all
  select public_agents.id from private.public_agents() public_agents;
end
$$;
comment on function private.visible_agents(text) is 'Ids of the agents that the caller sees in agents or public_agents, an organization''s only with at least the given role there: viewer to see what belongs to an agent, member to use it.';
grant execute on function private.visible_agents(text) to authenticated, service_role;

-- Models ---------------------------------------------------------------------

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
  -- What clients write is bounded.
  constraint model_name_has_no_control_characters check (private.is_plain(name)),
  constraint model_display_name_is_one_line_of_at_most_255_characters check (
    private.is_label(display_name)
  ),
  constraint model_provider_is_one_line_of_at_most_255_characters check (
    private.is_label(provider)
  ),
  constraint model_id_is_one_line_of_at_most_255_characters check (private.is_label(model_id)),
  constraint model_config_is_at_most_256_kib_and_64_levels check (private.is_document(config))
);
comment on table public.models is 'A model that an agent offers. Seed 000.';
comment on column public.models.id is 'Primary key.';
comment on column public.models.agent_id is 'The agent that offers it.';
comment on column public.models.name is 'Name to chat with as "model", such as gemini-1.5-pro; unique within the agent.';
comment on column public.models.display_name is 'Name to show.';
comment on column public.models.provider is 'Who made the model, for display.';
comment on column public.models.model_id is 'The vendor''s own name for it, sent upstream.';
comment on column public.models.service_id is 'The service that it is; prices come from it.';
comment on column public.models.enabled is 'False takes it out of use.';
comment on column public.models.is_default is 'Used when a chat names the agent and no model; at most one per agent.';
comment on column public.models.config is 'Whatever else it needs.';
comment on column public.models.created_at is 'When it was added.';
comment on column public.models.updated_at is 'Last change.';

alter table public.models enable row level security;
-- Not those of public agents of others, which public_models shows without their configuration.
create policy "People read the models of agents that they read" on public.models
  for select to authenticated
  using (agent_id in (select private.readable_agents()));
create policy "Those who edit an agent add its models" on public.models
  for insert to authenticated with check (agent_id in (select private.editable_agents()));
create policy "Those who edit an agent change its models" on public.models
  for update to authenticated
  using (agent_id in (select private.editable_agents()))
  with check (agent_id in (select private.editable_agents()));
create policy "Those who edit an agent delete its models" on public.models
  for delete to authenticated using (agent_id in (select private.editable_agents()));
grant select, delete on public.models to authenticated;
grant insert (agent_id, name, display_name, provider, model_id, service_id, enabled, is_default, config) on public.models to authenticated;
grant update (name, display_name, provider, model_id, service_id, enabled, is_default, config) on public.models to authenticated;
grant select, insert, update, delete on public.models to service_role;
create unique index one_default_model_per_agent on public.models (agent_id) where is_default;
create index models_name_idx on public.models (name);
create index models_service_id_idx on public.models (service_id);
create trigger update_models_updated_at before update on public.models
  for each row execute function public.update_updated_at_column();

create function private.public_models()
returns table (
  id uuid, agent_id uuid, name text, display_name text, provider text, is_default boolean
)
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return query
  select models.id, models.agent_id, models.name, models.display_name, models.provider, models.is_default
  from private.public_agents() agents
  join public.models on models.agent_id = agents.id
  where models.enabled;
end
$$;
comment on function private.public_models() is 'Public fields of the models that the agents of public_agents offer.';
grant execute on function private.public_models() to anon, authenticated, service_role;

create view public.public_models with (security_invoker = true) as
select * from private.public_models();
comment on view public.public_models is 'Models that public and published agents offer. What the vendor calls them and how they are configured is not here.';
comment on column public.public_models.id is 'The model.';
comment on column public.public_models.agent_id is 'The agent that offers it; see public_agents.';
comment on column public.public_models.name is 'Name, unique within the agent.';
comment on column public.public_models.display_name is 'Name to show.';
comment on column public.public_models.provider is 'Who made the model, for display.';
comment on column public.public_models.is_default is 'Used when a chat names the agent and no model.';
grant select on public.public_models to anon, authenticated, service_role;

-- Features of agents -----------------------------------------------------------

create table public.agent_feature_mappings (
  id uuid primary key default gen_random_uuid(),
  agent_id uuid not null references public.agents (id) on delete cascade,
  feature_id text not null references public.agent_features (id) on delete cascade,
  is_primary boolean not null default false,
  user_id uuid default auth.uid() references public.profiles (id) on delete set null,
  created_at timestamptz not null default now(),
  unique (agent_id, feature_id)
);
comment on table public.agent_feature_mappings is 'Which features an agent has. Seed 002.';
comment on column public.agent_feature_mappings.id is 'Primary key.';
comment on column public.agent_feature_mappings.agent_id is 'The agent.';
comment on column public.agent_feature_mappings.feature_id is 'The feature.';
comment on column public.agent_feature_mappings.is_primary is 'What the agent is mainly for; at most one per agent.';
comment on column public.agent_feature_mappings.user_id is 'Who added it.';
comment on column public.agent_feature_mappings.created_at is 'When it was added.';

alter table public.agent_feature_mappings enable row level security;
create policy "People read the features of agents that they may use" on public.agent_feature_mappings
  for select to authenticated
  using (agent_id in (select private.visible_agents()));
create policy "Those who edit an agent add its features" on public.agent_feature_mappings
  for insert to authenticated
  with check (user_id = (select auth.uid()) and agent_id in (select private.editable_agents()));
create policy "Those who edit an agent change its features" on public.agent_feature_mappings
  for update to authenticated
  using (agent_id in (select private.editable_agents()))
  with check (agent_id in (select private.editable_agents()));
create policy "Those who edit an agent delete its features" on public.agent_feature_mappings
  for delete to authenticated using (agent_id in (select private.editable_agents()));
grant select, delete on public.agent_feature_mappings to authenticated;
grant insert (agent_id, feature_id, is_primary, user_id) on public.agent_feature_mappings to authenticated;
grant update (is_primary) on public.agent_feature_mappings to authenticated;
grant select, insert, update, delete on public.agent_feature_mappings to service_role;
create unique index one_primary_feature_per_agent on public.agent_feature_mappings (agent_id) where is_primary;
create index agent_feature_mappings_feature_id_idx on public.agent_feature_mappings (feature_id);
create index agent_feature_mappings_user_id_idx on public.agent_feature_mappings (user_id);

-- Configuration values ---------------------------------------------------------

create table public.ai_agent_configs (
  id uuid primary key default gen_random_uuid(),
  agent_id uuid not null references public.agents (id) on delete cascade,
  config_key text not null,
  config_value jsonb not null,
  config_type text not null default 'general',
  description text,
  is_encrypted boolean not null default false,
  user_id uuid not null default auth.uid() references public.profiles (id) on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (agent_id, user_id, config_key),
  constraint config_key_is_1_to_255_characters check (char_length(config_key) between 1 and 255),
  constraint encrypted_config_is_ciphertext check (
    not is_encrypted
    or (jsonb_typeof(config_value) = 'string' and private.is_ciphertext(config_value #>> '{}') is true)
  ),
  -- What clients write is bounded.
  constraint config_key_has_no_control_characters check (private.is_plain(config_key)),
  constraint config_value_is_at_most_256_kib_and_64_levels check (
    private.is_document(config_value)
  ),
  constraint config_type_is_one_line_of_at_most_255_characters check (
    private.is_label(config_type)
  ),
  constraint config_description_is_at_most_64_kib check (private.is_prose(description))
);
comment on table public.ai_agent_configs is 'Single configuration values of an agent, per person. Seed 002.';
comment on column public.ai_agent_configs.id is 'Primary key.';
comment on column public.ai_agent_configs.agent_id is 'The agent.';
comment on column public.ai_agent_configs.config_key is 'Name of the value; unique per agent and person.';
comment on column public.ai_agent_configs.config_value is 'The value; ciphertext where is_encrypted.';
comment on column public.ai_agent_configs.config_type is 'Group of the value.';
comment on column public.ai_agent_configs.description is 'What it is for.';
comment on column public.ai_agent_configs.is_encrypted is 'The value is a ciphertext, which only the backend opens.';
comment on column public.ai_agent_configs.user_id is 'Whose value.';
comment on column public.ai_agent_configs.created_at is 'When it was set.';
comment on column public.ai_agent_configs.updated_at is 'Last change.';

alter table public.ai_agent_configs enable row level security;
-- Not the encrypted ones: a ciphertext is for the backend only.
create policy "People read their own plain configuration values" on public.ai_agent_configs
  for select to authenticated
  using (user_id = (select auth.uid()) and not is_encrypted and agent_id in (select private.visible_agents()));
create policy "People set values for agents that they see" on public.ai_agent_configs
  for insert to authenticated
  with check (user_id = (select auth.uid()) and not is_encrypted and agent_id in (select private.visible_agents()));
create policy "People change their own configuration values" on public.ai_agent_configs
  for update to authenticated
  using (user_id = (select auth.uid()) and agent_id in (select private.visible_agents()))
  with check (user_id = (select auth.uid()) and not is_encrypted and agent_id in (select private.visible_agents()));
create policy "People delete their own configuration values" on public.ai_agent_configs
  for delete to authenticated
  using (user_id = (select auth.uid()) and agent_id in (select private.visible_agents()));
grant select, delete on public.ai_agent_configs to authenticated;
grant insert (agent_id, config_key, config_value, config_type, description, is_encrypted, user_id) on public.ai_agent_configs to authenticated;
grant update (config_value, config_type, description) on public.ai_agent_configs to authenticated;
grant select, insert, update, delete on public.ai_agent_configs to service_role;
create index ai_agent_configs_user_id_idx on public.ai_agent_configs (user_id);
create trigger update_ai_agent_configs_updated_at before update on public.ai_agent_configs
  for each row execute function public.update_updated_at_column();

create function private.require_editable_agent(agent_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
begin
  if require_editable_agent.agent_id in (select private.editable_agents()) then
    return;
  end if;
  if require_editable_agent.agent_id in (select private.visible_agents()) then
    perform private.refuse(403, 'agent_not_editable', 'You may use this agent, but not change it.', 'Ask whoever manages it.');
  end if;
  perform private.refuse(404, 'agent_not_found', 'There is no such agent.');
end
$$;
comment on function private.require_editable_agent(uuid) is 'Refuses a caller who may not edit the agent. Errors: PT404 not visible to the caller, PT403 visible only.';
grant execute on function private.require_editable_agent(uuid) to service_role;

create function public.store_agent_config(caller jsonb, config jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  profile public.profiles := private.act_for(caller);
  stored public.ai_agent_configs;
begin
  perform private.require_editable_agent((config ->> 'agent_id')::uuid);
  -- A ciphertext is bound to its row, so that a new value has a new id.
  insert into public.ai_agent_configs as configs (
    id, agent_id, config_key, config_value, config_type, description, is_encrypted, user_id
  )
  values (
    (config ->> 'id')::uuid, (config ->> 'agent_id')::uuid, config ->> 'config_key', config -> 'ciphertext',
    coalesce(config ->> 'config_type', 'general'), config ->> 'description', true, profile.id
  )
  on conflict (agent_id, user_id, config_key) do update set
    id = excluded.id, config_value = excluded.config_value, config_type = excluded.config_type,
    description = excluded.description, is_encrypted = true
  returning configs.* into stored;
  return to_jsonb(stored) - 'config_value' - 'user_id';
end
$$;
comment on function public.store_agent_config(jsonb, jsonb) is
  'Keeps {"id", "agent_id", "config_key", "ciphertext", "config_type", "description"} as the caller''s value, plain or encrypted before, and returns the row without it. Backend only. Errors: PT404 no such agent, PT403 the caller may not edit it.';
grant execute on function public.store_agent_config(jsonb, jsonb) to service_role;

create function public.list_agent_configs(caller jsonb, agent_id uuid)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  profile public.profiles := private.act_for(caller);
begin
  perform private.require_editable_agent(list_agent_configs.agent_id);
  return coalesce((
    select jsonb_agg(to_jsonb(configs) - 'config_value' - 'user_id' order by configs.config_key)
    from public.ai_agent_configs configs
    where configs.agent_id = list_agent_configs.agent_id and configs.user_id = profile.id and configs.is_encrypted
  ), '[]');
end
$$;
comment on function public.list_agent_configs(jsonb, uuid) is 'The caller''s encrypted values of an agent, without the values. Backend only. Errors: PT404 no such agent, PT403 the caller may not edit it.';
grant execute on function public.list_agent_configs(jsonb, uuid) to service_role;

create function public.delete_agent_config(caller jsonb, id uuid)
returns boolean
language plpgsql
set search_path = ''
as $$
declare
  profile public.profiles := private.act_for(caller);
begin
  delete from public.ai_agent_configs configs
  where configs.id = delete_agent_config.id and configs.user_id = profile.id and configs.is_encrypted;
  return found;
end
$$;
comment on function public.delete_agent_config(jsonb, uuid) is 'Removes an encrypted value of the caller, and returns whether there was one. Backend only.';
grant execute on function public.delete_agent_config(jsonb, uuid) to service_role;

-- Templates --------------------------------------------------------------------

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
  -- What clients write is bounded.
  constraint template_name_has_no_control_characters check (private.is_plain(name)),
  constraint template_type_has_no_control_characters check (private.is_plain(type)),
  constraint template_description_is_at_most_64_kib check (private.is_prose(description)),
  constraint default_config_is_at_most_256_kib_and_64_levels check (
    private.is_document(default_config)
  )
);
comment on table public.agent_templates is 'Starting points for agents. Seed 003.';
comment on column public.agent_templates.id is 'Primary key.';
comment on column public.agent_templates.name is 'Name to show.';
comment on column public.agent_templates.description is 'What it is good for.';
comment on column public.agent_templates.type is 'Kind of agent it makes.';
comment on column public.agent_templates.default_config is 'Configuration that a new agent starts with.';
comment on column public.agent_templates.is_public is 'Every signed-in person may use it.';
comment on column public.agent_templates.created_by is 'Who made it; null for those that come with the platform.';
comment on column public.agent_templates.created_at is 'When it was made.';
comment on column public.agent_templates.updated_at is 'Last change.';

alter table public.agent_templates enable row level security;
create policy "People read public templates and their own" on public.agent_templates
  for select to authenticated using (is_public or created_by = (select auth.uid()));
create policy "People make templates" on public.agent_templates
  for insert to authenticated with check (created_by = (select auth.uid()));
create policy "People change their own templates" on public.agent_templates
  for update to authenticated
  using (created_by = (select auth.uid())) with check (created_by = (select auth.uid()));
create policy "People delete their own templates" on public.agent_templates
  for delete to authenticated using (created_by = (select auth.uid()));
grant select, delete on public.agent_templates to authenticated;
grant insert (name, description, type, default_config, is_public, created_by) on public.agent_templates to authenticated;
grant update (name, description, type, default_config, is_public) on public.agent_templates to authenticated;
grant select, insert, update, delete on public.agent_templates to service_role;
create index agent_templates_created_by_idx on public.agent_templates (created_by);
create index agent_templates_public_idx on public.agent_templates (is_public);
create trigger update_agent_templates_updated_at before update on public.agent_templates
  for each row execute function public.update_updated_at_column();

-- Health -----------------------------------------------------------------------

create table public.agent_health (
  id uuid primary key default gen_random_uuid(),
  agent_id uuid not null unique references public.agents (id) on delete cascade,
  status text not null default 'healthy',
  last_check timestamptz,
  latency_ms integer,
  consecutive_failures integer not null default 0,
  circuit_state text not null default 'closed',
  circuit_opened_at timestamptz,
  circuit_retry_at timestamptz,
  circuit_opens integer not null default 0,
  is_alerted boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint health_status_is_known check (status in ('healthy', 'degraded', 'unhealthy')),
  constraint health_latency_is_not_negative check (latency_ms >= 0),
  constraint consecutive_failures_is_not_negative check (consecutive_failures >= 0),
  constraint circuit_state_is_known check (circuit_state in ('closed', 'open', 'half_open')),
  constraint circuit_opens_is_not_negative check (circuit_opens >= 0),
  constraint open_circuit_says_since_when_and_until check (
    circuit_state = 'closed' or (circuit_opened_at is not null and circuit_retry_at is not null)
  )
);
comment on table public.agent_health is 'How an agent is doing now: one row per agent, made with it. Seeds 000 and 001.';
comment on column public.agent_health.id is 'Primary key.';
comment on column public.agent_health.agent_id is 'The agent.';
comment on column public.agent_health.status is 'healthy, degraded or unhealthy.';
comment on column public.agent_health.last_check is 'When a probe, or a call that failed or made good for a failure, last said how it does; null before the first time.';
comment on column public.agent_health.latency_ms is 'Milliseconds of the last proof.';
comment on column public.agent_health.consecutive_failures is 'Failures since the last success.';
comment on column public.agent_health.circuit_state is 'closed lets calls through, open refuses them, half_open lets one try.';
comment on column public.agent_health.circuit_opened_at is 'When the circuit opened.';
comment on column public.agent_health.circuit_retry_at is 'When an open circuit lets one call try; while that call runs, when the next may.';
comment on column public.agent_health.circuit_opens is 'Times that it opened without a quiet ten minutes between: each doubles the wait.';
comment on column public.agent_health.is_alerted is 'Those who can help were told that it is not well, and not yet that it is well again.';
comment on column public.agent_health.created_at is 'When the agent was made.';
comment on column public.agent_health.updated_at is 'Last change.';

alter table public.agent_health enable row level security;
create policy "People read the health of agents that they may use" on public.agent_health
  for select to authenticated
  using (agent_id in (select private.visible_agents()));
grant select on public.agent_health to authenticated;
grant select, insert, update, delete on public.agent_health to service_role;
create index agent_health_status_idx on public.agent_health (status);
create trigger update_agent_health_updated_at before update on public.agent_health
  for each row execute function public.update_updated_at_column();

create function private.add_agent_health()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  insert into public.agent_health (agent_id) values (new.id);
  return new;
end
$$;
comment on function private.add_agent_health() is 'Trigger: every agent has a health row from its first moment.';
create trigger add_agent_health after insert on public.agents
  for each row execute function private.add_agent_health();

create table public.agent_health_checks (
  id uuid not null default gen_random_uuid(),
  agent_id uuid not null references public.agents (id) on delete cascade,
  status text not null,
  latency_ms integer,
  error_code text,
  error_message text,
  total_cost numeric(20, 10),
  created_at timestamptz not null default now(),
  primary key (id, created_at),
  constraint health_check_status_is_known check (status in ('healthy', 'degraded', 'unhealthy')),
  constraint health_check_latency_is_not_negative check (latency_ms >= 0),
  constraint health_check_cost_is_not_negative check (total_cost >= 0)
) partition by range (created_at);
comment on table public.agent_health_checks is 'History of an agent''s health checks.';
comment on column public.agent_health_checks.id is 'Primary key, with created_at: the table is partitioned by it.';
comment on column public.agent_health_checks.agent_id is 'The agent.';
comment on column public.agent_health_checks.status is 'What the check found.';
comment on column public.agent_health_checks.latency_ms is 'Milliseconds that it took.';
comment on column public.agent_health_checks.error_code is 'What was wrong, for programs.';
comment on column public.agent_health_checks.error_message is 'What was wrong, for people.';
comment on column public.agent_health_checks.total_cost is 'US dollars, where the check was a call that the platform pays for and its price is known. It is in no budget and in no figure of a person.';
comment on column public.agent_health_checks.created_at is 'When it was made.';

alter table public.agent_health_checks enable row level security;
create policy "People read the health checks of agents that they see" on public.agent_health_checks
  for select to authenticated using (agent_id in (select private.visible_agents()));
grant select on public.agent_health_checks to authenticated;
grant select, insert, update, delete on public.agent_health_checks to service_role;
create index agent_health_checks_agent_id_idx on public.agent_health_checks (agent_id, created_at desc);

-- An agent with what it can do ---------------------------------------------------

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
comment on function public.get_agent_with_features(uuid) is 'An agent that the caller sees, with "features": a list of {id, name, category, icon, is_primary}, the primary one first. Null for any other id.';
grant execute on function public.get_agent_with_features(uuid) to authenticated, service_role;
