-- Vocabularies: a client written against one of the seeds keeps its names. Each
-- view reads and writes the one real table with the caller's own rights. What is
-- written through a view is what is stored, and what it returns is what was stored.

-- Rows by their given columns

create function private.insert_row(target regclass, given jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  columns text := (
    select string_agg(format('%I', fields.key), ', ') from jsonb_each(given) fields where fields.value <> 'null'
  );
  stored jsonb;
begin
  execute format(
    'insert into %1$s as stored (%2$s) select %2$s from jsonb_populate_record(null::%1$s, $1) returning to_jsonb(stored)',
    target, columns
  ) into stored using given;
  return stored;
end
$$;
comment on function private.insert_row(regclass, jsonb) is 'Inserts a row with the caller''s rights, naming only the columns that are not null, so that the others take their defaults. Returns the row as it was stored.';

create function private.update_row(target regclass, key jsonb, changes jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  stored jsonb;
begin
  -- Only what changed: somebody else may be changing another column now. Where nothing did, the key.
  execute format(
    'update %1$s as stored set %2$s from jsonb_populate_record(null::%1$s, $1) given, jsonb_populate_record(null::%1$s, $2) keys '
    'where %3$s returning to_jsonb(stored)',
    target,
    (
      select string_agg(format('%1$I = given.%1$I', fields.name), ', ')
      from jsonb_object_keys(case when changes = '{}' then key else changes end) as fields (name)
    ),
    (select string_agg(format('stored.%1$I = keys.%1$I', parts.name), ' and ') from jsonb_object_keys(key) as parts (name))
  ) into stored using key || changes, key;
  return stored;
end
$$;
comment on function private.update_row(regclass, jsonb, jsonb) is 'Updates the row of a key with the caller''s rights. Returns it as it was stored; null where the caller may not change it.';

create function private.changed_fields(before jsonb, after jsonb)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select coalesce(jsonb_object_agg(fields.key, fields.value), '{}')
  from jsonb_each(after) fields
  where fields.value is distinct from before -> fields.key
$$;
comment on function private.changed_fields(jsonb, jsonb) is 'Those fields of the second document that the first has otherwise.';

create function private.rename_fields(row_value jsonb, names jsonb)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select coalesce(jsonb_object_agg(coalesce(names ->> fields.key, fields.key), fields.value), '{}')
  from jsonb_each(row_value) fields
$$;
comment on function private.rename_fields(jsonb, jsonb) is 'A document whose fields have the names that the second one gives them, as {"old": "new"}.';
grant execute on function
  private.insert_row(regclass, jsonb), private.update_row(regclass, jsonb, jsonb), private.changed_fields(jsonb, jsonb),
  private.rename_fields(jsonb, jsonb)
to authenticated, service_role;

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
grant select, delete on public.ai_agents to authenticated;
grant insert (
  id, name, description, vendor_id, service_id, model_name, system_prompt, configuration, capabilities, notes, tags,
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
declare
  stored jsonb := private.insert_row('public.agents', private.rename_fields(
    to_jsonb(new), '{"configuration": "config", "is_active": "enabled", "user_id": "created_by"}'
  ));
begin
  return jsonb_populate_record(new, private.rename_fields(
    stored - 'is_active', '{"config": "configuration", "enabled": "is_active", "created_by": "user_id"}'
  ));
end
$$;
comment on function private.insert_ai_agent() is 'Trigger: an insert into ai_agents becomes one into agents. What is null takes its default.';
create trigger insert_ai_agent instead of insert on public.ai_agents
  for each row execute function private.insert_ai_agent();

create function private.update_ai_agent()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  stored jsonb := private.update_row('public.agents', jsonb_build_object('id', old.id), private.rename_fields(
    private.changed_fields(to_jsonb(old), to_jsonb(new)),
    '{"configuration": "config", "is_active": "enabled", "user_id": "created_by"}'
  ));
begin
  -- Nothing was updated: the agent is somebody else's.
  if stored is null then
    return null;
  end if;
  return jsonb_populate_record(new, private.rename_fields(
    stored - 'is_active', '{"config": "configuration", "enabled": "is_active", "created_by": "user_id"}'
  ));
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

create function private.insert_user_role()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  stored jsonb := private.insert_row(
    'public.organization_members', private.rename_fields(to_jsonb(new) - 'id', '{"team_id": "organization_id"}')
  );
begin
  select roles.* into new from public.user_roles roles
  where roles.team_id = (stored ->> 'organization_id')::uuid and roles.user_id = (stored ->> 'user_id')::uuid;
  return new;
end
$$;
comment on function private.insert_user_role() is 'Trigger: an insert into user_roles becomes one into organization_members. The id follows from the pair, whatever was given.';
create trigger insert_user_role instead of insert on public.user_roles
  for each row execute function private.insert_user_role();

create function private.update_user_role()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  stored jsonb := private.update_row(
    'public.organization_members',
    jsonb_build_object('organization_id', old.team_id, 'user_id', old.user_id),
    private.rename_fields(
      private.changed_fields(to_jsonb(old), to_jsonb(new)) - 'id', '{"team_id": "organization_id"}'
    )
  );
begin
  if stored is null then
    return null;
  end if;
  select roles.* into new from public.user_roles roles
  where roles.team_id = (stored ->> 'organization_id')::uuid and roles.user_id = (stored ->> 'user_id')::uuid;
  return new;
end
$$;
comment on function private.update_user_role() is 'Trigger: an update of user_roles becomes one of organization_members.';
create trigger update_user_role instead of update on public.user_roles
  for each row execute function private.update_user_role();

create function private.delete_user_role()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  delete from public.organization_members members
  where members.organization_id = old.team_id and members.user_id = old.user_id;
  return case when found then old end;
end
$$;
comment on function private.delete_user_role() is 'Trigger: a delete from user_roles becomes one from organization_members.';
create trigger delete_user_role instead of delete on public.user_roles
  for each row execute function private.delete_user_role();

-- A column of seed 003's agents has another name here. As a function of the row it
-- can still be read as agents.last_activity, in SQL and in the Data API's select.

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
comment on column public.agent_sessions.message_count is 'chat_sessions.message_count: the number of messages, whatever is written.';
comment on column public.agent_sessions.conversation_history is 'The messages, oldest first, made from chat_messages. A list with more of them adds messages; what is there does not change.';
comment on column public.agent_sessions.context_data is 'chat_sessions.context_data.';
comment on column public.agent_sessions.status is 'chat_sessions.status.';
comment on column public.agent_sessions.started_at is 'chat_sessions.started_at.';
comment on column public.agent_sessions.last_activity_at is 'chat_sessions.last_activity_at.';
comment on column public.agent_sessions.ended_at is 'chat_sessions.ended_at.';
grant select, delete on public.agent_sessions to authenticated;
grant insert (
  id, session_id, agent_id, user_id, website_domain, ip_address, channel, message_count, conversation_history, context_data
) on public.agent_sessions to authenticated;
grant update (message_count, conversation_history, context_data, status, ended_at) on public.agent_sessions to authenticated;
grant select, insert, update, delete on public.agent_sessions to service_role;

-- A list that is written to conversation_history becomes messages. What the session
-- has is not written again, and not rewritten.

create function private.append_history(session_id uuid, history jsonb)
returns void
language plpgsql
set search_path = ''
as $$
declare
  stored jsonb;
  known integer;
begin
  if history is null or history in ('null', '[]') then
    return;
  end if;
  if jsonb_typeof(history) <> 'array' or history @? '$[*] ? (@.type() != "object")' then
    perform private.refuse(
      400, 'history_is_no_list', '"conversation_history" must be a list of messages.',
      'Send [{"role": "user", "content": "…"}, …].'
    );
  end if;
  if exists (
    select from jsonb_array_elements(history) as message
    where jsonb_typeof(message.value -> 'role') is distinct from 'string'
      or coalesce(jsonb_typeof(message.value -> 'content'), 'null') not in ('string', 'array', 'null')
  ) then
    perform private.refuse(
      400, 'message_is_malformed', 'A message of "conversation_history" has no role, or a content that is no text.',
      'Send {"role": "user", "content": "…"}, or a list of parts as its content.'
    );
  end if;
  select public.conversation_history(sessions) into stored
  from public.chat_sessions sessions where sessions.id = append_history.session_id;
  known := jsonb_array_length(stored);
  if known > 0 and private.plain_history(history, known) is distinct from private.plain_history(stored, known) then
    perform private.refuse(
      409, 'history_is_append_only', 'Messages of "conversation_history" cannot be changed or removed.',
      'Read the session again and append to its list, or delete rows of agent_messages with a secret key.'
    );
  end if;
  insert into public.chat_messages (session_id, role, content, content_parts, name, tool_calls, tool_call_id)
  select
    append_history.session_id, message.value ->> 'role', private.text_of(message.value -> 'content'),
    case jsonb_typeof(message.value -> 'content') when 'array' then message.value -> 'content' end,
    message.value ->> 'name', nullif(message.value -> 'tool_calls', 'null'), message.value ->> 'tool_call_id'
  from jsonb_array_elements(history) with ordinality as message
  where message.ordinality > known
  order by message.ordinality;
end
$$;
comment on function private.append_history(uuid, jsonb) is 'Adds to a session, with the caller''s rights, those messages of a history that it does not have; an empty one adds nothing. Errors: PT400 history_is_no_list or message_is_malformed, PT409 history_is_append_only.';

create function private.plain_history(history jsonb, length integer)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select jsonb_agg(
    jsonb_build_array(
      message.value -> 'role', coalesce(nullif(message.value -> 'content', 'null'), '""'),
      nullif(message.value -> 'tool_calls', 'null'), nullif(message.value -> 'tool_call_id', 'null')
    )
    order by message.ordinality
  )
  from jsonb_array_elements(history) with ordinality as message
  where message.ordinality <= plain_history.length
$$;
comment on function private.plain_history(jsonb, integer) is 'The first messages of a history by what they say, without what a client keeps beside it.';
grant execute on function
  private.append_history(uuid, jsonb), private.plain_history(jsonb, integer), private.text_of(jsonb)
to authenticated, service_role;

create function private.insert_agent_session()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  stored jsonb;
begin
  new.website_domain = lower(new.website_domain);
  -- The database counts the messages itself.
  stored = private.insert_row('public.chat_sessions', to_jsonb(new) - 'conversation_history' - 'message_count');
  perform private.append_history((stored ->> 'id')::uuid, new.conversation_history);
  select sessions.* into new from public.agent_sessions sessions where sessions.id = (stored ->> 'id')::uuid;
  return new;
end
$$;
comment on function private.insert_agent_session() is 'Trigger: an insert into agent_sessions becomes one into chat_sessions, and its history becomes messages. What is null takes its default.';
create trigger insert_agent_session instead of insert on public.agent_sessions
  for each row execute function private.insert_agent_session();

create function private.update_agent_session()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  changes jsonb;
begin
  new.website_domain = lower(new.website_domain);
  changes = private.changed_fields(to_jsonb(old), to_jsonb(new));
  if private.update_row(
    'public.chat_sessions', jsonb_build_object('id', old.id), changes - 'conversation_history' - 'message_count'
  ) is null then
    return null;
  end if;
  if changes ? 'conversation_history' then
    perform private.append_history(new.id, new.conversation_history);
  end if;
  select sessions.* into new from public.agent_sessions sessions where sessions.id = new.id;
  return new;
end
$$;
comment on function private.update_agent_session() is 'Trigger: an update of agent_sessions becomes one of chat_sessions. Of the history, what is new becomes messages; message_count follows from them.';
create trigger update_agent_session instead of update on public.agent_sessions
  for each row execute function private.update_agent_session();

create function private.delete_agent_session()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  delete from public.chat_sessions where chat_sessions.id = old.id;
  return case when found then old end;
end
$$;
comment on function private.delete_agent_session() is 'Trigger: a delete from agent_sessions becomes one from chat_sessions.';
create trigger delete_agent_session instead of delete on public.agent_sessions
  for each row execute function private.delete_agent_session();

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
  id, organization_id, name, description, llm_provider, llm_model, system_prompt, temperature, max_tokens,
  voice_provider, voice_id, voice_settings, speech_processing, security, knowledge_base_ids, config, config_json,
  is_active, is_published, version, created_by, created_at, updated_at
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
comment on column public.bots.config is 'agents.config.';
comment on column public.bots.config_json is 'agents.config_json.';
comment on column public.bots.is_active is 'agents.enabled.';
comment on column public.bots.is_published is 'agents.is_published.';
comment on column public.bots.version is 'agents.version.';
comment on column public.bots.created_by is 'agents.created_by.';
comment on column public.bots.created_at is 'agents.created_at.';
comment on column public.bots.updated_at is 'agents.updated_at.';
grant select, delete on public.bots to authenticated;
grant insert (
  organization_id, name, description, llm_provider, llm_model, system_prompt, temperature, max_tokens, voice_provider,
  voice_id, voice_settings, speech_processing, security, knowledge_base_ids, config, config_json, is_active, is_published, created_by
) on public.bots to authenticated;
grant update (
  name, description, llm_provider, llm_model, system_prompt, temperature, max_tokens, voice_provider,
  voice_id, voice_settings, speech_processing, security, knowledge_base_ids, config, config_json, is_active, is_published
) on public.bots to authenticated;
grant select, insert, update, delete on public.bots to service_role;

-- As the tables behind them. ai_agents and agent_sessions are more than one table,
-- so that Postgres takes no ON CONFLICT for them.
select private.take_upserts(target)
from unnest(array['public.users', 'public.teams', 'public.bots']::regclass[]) as targets (target);

-- Nulls ------------------------------------------------------------------------

-- In the seeds most columns may be null and have a default; an ORM names them all.

create function private.apply_defaults()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  given jsonb := to_jsonb(new);
  missing record;
  value jsonb;
begin
  for missing in
    select columns.attname::text as name, pg_catalog.pg_get_expr(defaults.adbin, defaults.adrelid) as expression
    from pg_catalog.pg_attribute columns
    join pg_catalog.pg_attrdef defaults on defaults.adrelid = columns.attrelid and defaults.adnum = columns.attnum
    where columns.attrelid = tg_relid and columns.attnotnull and given -> columns.attname::text = 'null'
  loop
    execute format('select to_jsonb(%s)', missing.expression) into value;
    given = jsonb_set(given, array[missing.name], value);
  end loop;
  return jsonb_populate_record(new, given);
end
$$;
comment on function private.apply_defaults() is 'Trigger: null in a column that must have a value becomes the column''s default.';

create function private.take_nulls(target regclass)
returns void
language plpgsql
set search_path = ''
as $$
begin
  execute format(
    'create trigger apply_defaults before insert or update on %s for each row when (%s) '
    'execute function private.apply_defaults()',
    target,
    (
      select string_agg(
        case columns.atttypid when 'jsonb'::regtype then format('coalesce(new.%I, ''null'') = ''null''', columns.attname)
          else format('new.%I is null', columns.attname) end,
        ' or ' order by columns.attnum
      )
      from pg_catalog.pg_attribute columns
      where columns.attrelid = target and columns.attnum > 0 and columns.attnotnull and columns.atthasdef
        and columns.attgenerated = ''
    )
  );
end
$$;
comment on function private.take_nulls(regclass) is 'Lets writers send null for columns of a table that must have a value and have a default. Called by migrations.';

select private.take_nulls(target)
from unnest(array[
  'public.profiles', 'public.organizations', 'public.organization_members', 'public.vendors', 'public.vendor_services',
  'public.agent_features', 'public.interaction_types', 'public.agents', 'public.models',
  'public.agent_feature_mappings', 'public.ai_agent_configs', 'public.agent_templates', 'public.user_api_keys',
  'public.mcp_sessions', 'public.chat_sessions', 'public.chat_messages', 'public.ai_interactions',
  'public.deployments', 'public.workflows', 'public.workflow_executions', 'public.notifications',
  'public.agent_thoughts', 'public.agent_metrics', 'public.api_usage'
]::regclass[]) as targets (target);
