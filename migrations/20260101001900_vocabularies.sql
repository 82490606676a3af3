-- Vocabularies: a client written against one of the seeds keeps its names. Each
-- view reads and writes the one real table with the caller's own rights.

-- Seed 002 -------------------------------------------------------------------

create view public.ai_agents with (security_invoker = true) as
select
  id, name, description, vendor_id, service_id, model_name, system_prompt, config as configuration, capabilities, notes,
  tags, activity_score, last_used_at, usage_count, enabled as is_active, is_favorite, is_public, created_by as user_id,
  created_at, updated_at
from public.agents
union all
select
  shared.id, shared.name, shared.description, shared.vendor_id, null, shared.model_name, null, null, shared.capabilities,
  null, shared.tags, shared.activity_score, null, null, true, false, shared.is_public, null,
  shared.created_at, shared.updated_at
from public.public_agents shared
where shared.is_public and not exists (select from public.agents where agents.id = shared.id);
comment on view public.ai_agents is 'agents in the words of seed 002: those that the caller sees, and the public ones of others without their prompts.';
comment on column public.ai_agents.id is 'agents.id.';
comment on column public.ai_agents.name is 'agents.name.';
comment on column public.ai_agents.description is 'agents.description.';
comment on column public.ai_agents.vendor_id is 'agents.vendor_id.';
comment on column public.ai_agents.service_id is 'agents.service_id.';
comment on column public.ai_agents.model_name is 'agents.model_name.';
comment on column public.ai_agents.system_prompt is 'agents.system_prompt; null for the public agents of others.';
comment on column public.ai_agents.configuration is 'agents.config; null for the public agents of others.';
comment on column public.ai_agents.capabilities is 'agents.capabilities.';
comment on column public.ai_agents.notes is 'agents.notes.';
comment on column public.ai_agents.tags is 'agents.tags.';
comment on column public.ai_agents.activity_score is 'agents.activity_score.';
comment on column public.ai_agents.last_used_at is 'agents.last_used_at.';
comment on column public.ai_agents.usage_count is 'agents.usage_count.';
comment on column public.ai_agents.is_active is 'agents.enabled.';
comment on column public.ai_agents.is_favorite is 'agents.is_favorite.';
comment on column public.ai_agents.is_public is 'agents.is_public.';
comment on column public.ai_agents.user_id is 'agents.created_by.';
comment on column public.ai_agents.created_at is 'agents.created_at.';
comment on column public.ai_agents.updated_at is 'agents.updated_at.';
alter view public.ai_agents alter column configuration set default '{}';
alter view public.ai_agents alter column capabilities set default '{}';
alter view public.ai_agents alter column tags set default '{}';
alter view public.ai_agents alter column is_active set default true;
alter view public.ai_agents alter column is_favorite set default false;
alter view public.ai_agents alter column is_public set default false;
alter view public.ai_agents alter column user_id set default auth.uid();
grant select, delete on public.ai_agents to authenticated;
grant insert (
  name, description, vendor_id, service_id, model_name, system_prompt, configuration, capabilities, notes, tags,
  is_active, is_favorite, is_public, user_id
) on public.ai_agents to authenticated;
grant update (
  name, description, vendor_id, service_id, model_name, system_prompt, configuration, capabilities, notes, tags,
  is_active, is_favorite, is_public
) on public.ai_agents to authenticated;
grant select, insert, update, delete on public.ai_agents to service_role;

create function private.insert_ai_agent()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  insert into public.agents (
    name, description, vendor_id, service_id, model_name, system_prompt, config, capabilities, notes, tags, enabled,
    is_favorite, is_public, created_by
  )
  values (
    new.name, new.description, new.vendor_id, new.service_id, new.model_name, new.system_prompt, new.configuration,
    new.capabilities, new.notes, new.tags, new.is_active, new.is_favorite, new.is_public, new.user_id
  )
  returning id, activity_score, usage_count, created_at, updated_at
  into new.id, new.activity_score, new.usage_count, new.created_at, new.updated_at;
  return new;
end
$$;
comment on function private.insert_ai_agent() is 'Trigger: an insert into ai_agents becomes one into agents.';
create trigger insert_ai_agent instead of insert on public.ai_agents
  for each row execute function private.insert_ai_agent();

create function private.update_ai_agent()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  -- Only what changed: somebody else may be changing another column now.
  update public.agents
  set name = case when new.name is distinct from old.name then new.name else agents.name end,
      description = case when new.description is distinct from old.description then new.description else agents.description end,
      vendor_id = case when new.vendor_id is distinct from old.vendor_id then new.vendor_id else agents.vendor_id end,
      service_id = case when new.service_id is distinct from old.service_id then new.service_id else agents.service_id end,
      model_name = case when new.model_name is distinct from old.model_name then new.model_name else agents.model_name end,
      system_prompt = case when new.system_prompt is distinct from old.system_prompt then new.system_prompt else agents.system_prompt end,
      config = case when new.configuration is distinct from old.configuration then new.configuration else agents.config end,
      capabilities = case when new.capabilities is distinct from old.capabilities then new.capabilities else agents.capabilities end,
      notes = case when new.notes is distinct from old.notes then new.notes else agents.notes end,
      tags = case when new.tags is distinct from old.tags then new.tags else agents.tags end,
      enabled = case when new.is_active is distinct from old.is_active then new.is_active else agents.enabled end,
      is_favorite = case when new.is_favorite is distinct from old.is_favorite then new.is_favorite else agents.is_favorite end,
      is_public = case when new.is_public is distinct from old.is_public then new.is_public else agents.is_public end
  where agents.id = old.id
  returning updated_at into new.updated_at;
  -- Nothing was updated: the agent is somebody else's.
  return case when found then new end;
end
$$;
comment on function private.update_ai_agent() is 'Trigger: an update of ai_agents becomes one of agents.';
create trigger update_ai_agent instead of update on public.ai_agents
  for each row execute function private.update_ai_agent();

create function private.delete_ai_agent()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  delete from public.agents where agents.id = old.id;
  return case when found then old end;
end
$$;
comment on function private.delete_ai_agent() is 'Trigger: a delete from ai_agents becomes one from agents.';
create trigger delete_ai_agent instead of delete on public.ai_agents
  for each row execute function private.delete_ai_agent();

-- Seed 003 -------------------------------------------------------------------

create view public.users with (security_invoker = true) as
select id, email, full_name, avatar_url, subscription_tier, created_at, updated_at from public.profiles;
comment on view public.users is 'profiles in the words of seed 003.';
comment on column public.users.id is 'profiles.id.';
comment on column public.users.email is 'profiles.email.';
comment on column public.users.full_name is 'profiles.full_name.';
comment on column public.users.avatar_url is 'profiles.avatar_url.';
comment on column public.users.subscription_tier is 'profiles.subscription_tier.';
comment on column public.users.created_at is 'profiles.created_at.';
comment on column public.users.updated_at is 'profiles.updated_at.';
grant select on public.users to authenticated;
grant insert (full_name, avatar_url, updated_at), update (full_name, avatar_url, updated_at) on public.users to authenticated;
grant select, insert, update on public.users to service_role;

create view public.teams with (security_invoker = true) as
select id, name, slug, plan, created_by, created_at, updated_at from public.organizations;
comment on view public.teams is 'organizations in the words of seed 003.';
comment on column public.teams.id is 'organizations.id.';
comment on column public.teams.name is 'organizations.name.';
comment on column public.teams.slug is 'organizations.slug.';
comment on column public.teams.plan is 'organizations.plan.';
comment on column public.teams.created_by is 'organizations.created_by.';
comment on column public.teams.created_at is 'organizations.created_at.';
comment on column public.teams.updated_at is 'organizations.updated_at.';
grant select on public.teams to authenticated;
grant insert (name, slug, created_by) on public.teams to authenticated;
grant update (name, slug) on public.teams to authenticated;
grant select, insert, update, delete on public.teams to service_role;

create view public.user_roles with (security_invoker = true) as
select
  -- Seed 003 gives the pair an id of its own: one that follows from the pair.
  md5(user_id::text || organization_id::text)::uuid as id,
  user_id, role, organization_id as team_id, granted_by, granted_at
from public.organization_members;
comment on view public.user_roles is 'organization_members in the words of seed 003. Clients insert no row: a person joins by accepting an invitation.';
comment on column public.user_roles.id is 'An id that follows from person and organization.';
comment on column public.user_roles.user_id is 'organization_members.user_id.';
comment on column public.user_roles.role is 'organization_members.role.';
comment on column public.user_roles.team_id is 'organization_members.organization_id.';
comment on column public.user_roles.granted_by is 'organization_members.granted_by.';
comment on column public.user_roles.granted_at is 'organization_members.granted_at.';
grant select, delete on public.user_roles to authenticated;
grant update (role) on public.user_roles to authenticated;
grant select, insert, update, delete on public.user_roles to service_role;

-- Two columns of seed 003's agents have other names here. As functions of the
-- row they can still be written as agents.team_id and agents.last_activity, in
-- SQL and in the Data API's select.

create function public.team_id(agent public.agents)
returns uuid
language sql
stable
set search_path = ''
as $$
  select agent.organization_id
$$;
comment on function public.team_id(public.agents) is 'agents.organization_id in the words of seed 003.';
grant execute on function public.team_id(public.agents) to authenticated, service_role;

create function public.last_activity(agent public.agents)
returns timestamptz
language sql
stable
set search_path = ''
as $$
  select agent.last_used_at
$$;
comment on function public.last_activity(public.agents) is 'agents.last_used_at in the words of seed 003.';
grant execute on function public.last_activity(public.agents) to authenticated, service_role;

-- Seed 004 -------------------------------------------------------------------

create view public.agent_sessions with (security_invoker = true) as
select
  sessions.id, sessions.session_id, sessions.agent_id, sessions.user_id, sessions.website_domain, sessions.ip_address,
  sessions.channel, sessions.message_count, public.conversation_history(sessions) as conversation_history,
  sessions.context_data, sessions.status, sessions.started_at, sessions.last_activity_at, sessions.ended_at
from public.chat_sessions sessions;
comment on view public.agent_sessions is 'chat_sessions in the words of seed 004.';
comment on column public.agent_sessions.id is 'chat_sessions.id.';
comment on column public.agent_sessions.session_id is 'chat_sessions.session_id.';
comment on column public.agent_sessions.agent_id is 'chat_sessions.agent_id.';
comment on column public.agent_sessions.user_id is 'chat_sessions.user_id.';
comment on column public.agent_sessions.website_domain is 'chat_sessions.website_domain.';
comment on column public.agent_sessions.ip_address is 'chat_sessions.ip_address.';
comment on column public.agent_sessions.channel is 'chat_sessions.channel.';
comment on column public.agent_sessions.message_count is 'chat_sessions.message_count.';
comment on column public.agent_sessions.conversation_history is 'The messages, oldest first; read-only, made from chat_messages.';
comment on column public.agent_sessions.context_data is 'chat_sessions.context_data.';
comment on column public.agent_sessions.status is 'chat_sessions.status.';
comment on column public.agent_sessions.started_at is 'chat_sessions.started_at.';
comment on column public.agent_sessions.last_activity_at is 'chat_sessions.last_activity_at.';
comment on column public.agent_sessions.ended_at is 'chat_sessions.ended_at.';
grant select, delete on public.agent_sessions to authenticated;
grant insert (session_id, agent_id, user_id, website_domain, ip_address, channel, context_data) on public.agent_sessions to authenticated;
grant update (context_data, status, ended_at) on public.agent_sessions to authenticated;
grant select, insert, update, delete on public.agent_sessions to service_role;

create view public.agent_messages with (security_invoker = true) as
select
  id, session_id, role, content, audio_url, audio_duration_ms, tokens_used, latency_ms, model_used, created_at
from public.chat_messages;
comment on view public.agent_messages is 'chat_messages in the words of seed 004.';
comment on column public.agent_messages.id is 'chat_messages.id.';
comment on column public.agent_messages.session_id is 'chat_messages.session_id, that is agent_sessions.id.';
comment on column public.agent_messages.role is 'chat_messages.role.';
comment on column public.agent_messages.content is 'chat_messages.content.';
comment on column public.agent_messages.audio_url is 'chat_messages.audio_url.';
comment on column public.agent_messages.audio_duration_ms is 'chat_messages.audio_duration_ms.';
comment on column public.agent_messages.tokens_used is 'chat_messages.tokens_used.';
comment on column public.agent_messages.latency_ms is 'chat_messages.latency_ms.';
comment on column public.agent_messages.model_used is 'chat_messages.model_used.';
comment on column public.agent_messages.created_at is 'chat_messages.created_at.';
grant select on public.agent_messages to authenticated;
grant insert (session_id, role, content, audio_url, audio_duration_ms, tokens_used, latency_ms, model_used)
  on public.agent_messages to authenticated;
grant select, insert, update, delete on public.agent_messages to service_role;

create view public.bots with (security_invoker = true) as
select
  id, organization_id, name, description, vendor_id as llm_provider, model_name as llm_model, system_prompt, temperature,
  max_tokens, voice_provider, voice_id, voice_settings, speech_processing, security, knowledge_base_ids, config,
  enabled as is_active, is_published, version, created_by, created_at, updated_at
from public.agents;
comment on view public.bots is 'agents in the words of seed 004.';
comment on column public.bots.id is 'agents.id.';
comment on column public.bots.organization_id is 'agents.organization_id.';
comment on column public.bots.name is 'agents.name.';
comment on column public.bots.description is 'agents.description.';
comment on column public.bots.llm_provider is 'agents.vendor_id.';
comment on column public.bots.llm_model is 'agents.model_name.';
comment on column public.bots.system_prompt is 'agents.system_prompt.';
comment on column public.bots.temperature is 'agents.temperature.';
comment on column public.bots.max_tokens is 'agents.max_tokens.';
comment on column public.bots.voice_provider is 'agents.voice_provider.';
comment on column public.bots.voice_id is 'agents.voice_id.';
comment on column public.bots.voice_settings is 'agents.voice_settings.';
comment on column public.bots.speech_processing is 'agents.speech_processing.';
comment on column public.bots.security is 'agents.security.';
comment on column public.bots.knowledge_base_ids is 'agents.knowledge_base_ids.';
comment on column public.bots.config is 'agents.config; seed 004''s config_json.';
comment on column public.bots.is_active is 'agents.enabled.';
comment on column public.bots.is_published is 'agents.is_published.';
comment on column public.bots.version is 'agents.version.';
comment on column public.bots.created_by is 'agents.created_by.';
comment on column public.bots.created_at is 'agents.created_at.';
comment on column public.bots.updated_at is 'agents.updated_at.';
grant select, delete on public.bots to authenticated;
grant insert (
  organization_id, name, description, llm_provider, llm_model, system_prompt, temperature, max_tokens, voice_provider,
  voice_id, voice_settings, speech_processing, security, knowledge_base_ids, config, is_active, is_published, created_by
) on public.bots to authenticated;
grant update (
  name, description, llm_provider, llm_model, system_prompt, temperature, max_tokens, voice_provider,
  voice_id, voice_settings, speech_processing, security, knowledge_base_ids, config, is_active, is_published
) on public.bots to authenticated;
grant select, insert, update, delete on public.bots to service_role;

-- As the tables behind them. ai_agents and agent_sessions are more than one table,
-- so that Postgres takes no ON CONFLICT for them.
select private.take_upserts(target)
from unnest(array['public.users', 'public.teams', 'public.bots']::regclass[]) as targets (target);
