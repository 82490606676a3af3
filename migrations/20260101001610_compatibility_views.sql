-- Names of the seeds: views that a client written against a seed reads and writes.
--
-- Each view reads and writes the one real table with the caller's own rights. Values written
-- through a view are stored unchanged, and the view returns the stored values.

-- Rows by their given columns

create function private.insert_row(target regclass, given jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  columns text := (
    select string_agg(format('%I', fields.key), ', ')
    from jsonb_each(insert_row.given) fields
    where fields.value <> 'null'
  );
  stored jsonb;
begin
  execute format(
    'insert into %1$s as stored (%2$s) select %2$s from jsonb_populate_record(null::%1$s, $1) '
    'returning to_jsonb(stored)',
    insert_row.target, columns
  ) into stored using insert_row.given;
  return stored;
end
$$;
comment on function private.insert_row(regclass, jsonb) is
  'Inserts a row with the caller''s rights, naming only the columns that are not null, so that '
  'the others take their defaults. Returns the row as it was stored.';

create function private.update_row(target regclass, key jsonb, changes jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  stored jsonb;
begin
  -- Only changed columns, as another user may be changing another one; the key if none changed.
  execute format(
    'update %1$s as stored set %2$s from jsonb_populate_record(null::%1$s, $1) given, '
    'jsonb_populate_record(null::%1$s, $2) keys '
    'where %3$s returning to_jsonb(stored)',
    update_row.target,
    (
      select string_agg(format('%1$I = given.%1$I', fields.name), ', ')
      from jsonb_object_keys(
        case when update_row.changes = '{}' then update_row.key else update_row.changes end
      ) as fields (name)
    ),
    (
      select string_agg(format('stored.%1$I = keys.%1$I', parts.name), ' and ')
      from jsonb_object_keys(update_row.key) as parts (name)
    )
  ) into stored using update_row.key || update_row.changes, update_row.key;
  return stored;
end
$$;
comment on function private.update_row(regclass, jsonb, jsonb) is
  'Updates the row of a key with the caller''s rights. Returns it as it was stored; null where '
  'the caller may not change it.';

create function private.changed_fields(before jsonb, after jsonb)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select coalesce(jsonb_object_agg(fields.key, fields.value), '{}')
  from jsonb_each(changed_fields.after) fields
  where fields.value is distinct from changed_fields.before -> fields.key
$$;
comment on function private.changed_fields(jsonb, jsonb) is
  'The fields of the second document that differ from the first.';

create function private.rename_fields(row_value jsonb, names jsonb)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select coalesce(
    jsonb_object_agg(coalesce(rename_fields.names ->> fields.key, fields.key), fields.value), '{}'
  )
  from jsonb_each(rename_fields.row_value) fields
$$;
comment on function private.rename_fields(jsonb, jsonb) is
  'A document whose fields have the names that the second one gives them, as {"old": "new"}.';
grant execute on function
  private.insert_row(regclass, jsonb),
  private.update_row(regclass, jsonb, jsonb),
  private.changed_fields(jsonb, jsonb),
  private.rename_fields(jsonb, jsonb)
to authenticated, service_role;

create view public.ai_agents with (security_invoker = true) as
select
  id, name, description, vendor_id, service_id, model_name, system_prompt, config as configuration,
  capabilities, notes,
  tags, activity_score, last_used_at, usage_count, enabled as is_active, is_favorite, is_public,
  created_by as user_id,
  created_at, updated_at
from public.agents
union all
select
  shared.id, shared.name, shared.description, shared.vendor_id, null, shared.model_name, null,
  null, shared.capabilities,
  null, shared.tags, shared.activity_score, null, null, true, false, shared.is_public, null,
  shared.created_at, shared.updated_at
from public.public_agents shared
where shared.is_public and not exists (select from public.agents where agents.id = shared.id);
comment on view public.ai_agents is
  'agents under the names of seed 002: those that the caller sees, and the public ones of others '
  'without their prompts.';
comment on column public.ai_agents.id is 'agents.id.';
comment on column public.ai_agents.name is 'agents.name.';
comment on column public.ai_agents.description is 'agents.description.';
comment on column public.ai_agents.vendor_id is 'agents.vendor_id.';
comment on column public.ai_agents.service_id is 'agents.service_id.';
comment on column public.ai_agents.model_name is 'agents.model_name.';
comment on column public.ai_agents.system_prompt is
  'agents.system_prompt; null for the public agents of others.';
comment on column public.ai_agents.configuration is
  'agents.config; null for the public agents of others.';
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
  id, name, description, vendor_id, service_id, model_name, system_prompt, configuration,
  capabilities, notes, tags,
  is_active, is_favorite, is_public, user_id
) on public.ai_agents to authenticated;
grant update (
  name, description, vendor_id, service_id, model_name, system_prompt, configuration, capabilities,
  notes, tags,
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
    stored - 'is_active',
    '{"config": "configuration", "enabled": "is_active", "created_by": "user_id"}'
  ));
end
$$;
comment on function private.insert_ai_agent() is
  'Trigger: an insert into ai_agents becomes one into agents. What is null takes its default.';
create trigger insert_ai_agent instead of insert on public.ai_agents
  for each row execute function private.insert_ai_agent();

create function private.update_ai_agent()
returns trigger
language plpgsql
set search_path = ''
as $$
declare
  stored jsonb := private.update_row('public.agents',
  jsonb_build_object('id', old.id),
  private.rename_fields(
    private.changed_fields(to_jsonb(old), to_jsonb(new)),
    '{"configuration": "config", "is_active": "enabled", "user_id": "created_by"}'
  ));
begin
  -- Nothing was updated: the agent belongs to another user.
  if stored is null then
    return null;
  end if;
  return jsonb_populate_record(new, private.rename_fields(
    stored - 'is_active',
    '{"config": "configuration", "enabled": "is_active", "created_by": "user_id"}'
  ));
end
$$;
comment on function private.update_ai_agent() is
  'Trigger: an update of ai_agents becomes one of agents.';
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
comment on function private.delete_ai_agent() is
  'Trigger: a delete from ai_agents becomes one from agents.';
create trigger delete_ai_agent instead of delete on public.ai_agents
  for each row execute function private.delete_ai_agent();

create view public.users with (security_invoker = true) as
select id, email, full_name, avatar_url, subscription_tier, created_at, updated_at
from public.profiles;
comment on view public.users is 'profiles under the names of seed 003.';
comment on column public.users.id is 'profiles.id.';
comment on column public.users.email is 'profiles.email.';
comment on column public.users.full_name is 'profiles.full_name.';
comment on column public.users.avatar_url is 'profiles.avatar_url.';
comment on column public.users.subscription_tier is 'profiles.subscription_tier.';
comment on column public.users.created_at is 'profiles.created_at.';
comment on column public.users.updated_at is 'profiles.updated_at.';
grant select on public.users to authenticated;
grant insert (full_name, avatar_url, updated_at), update (full_name, avatar_url, updated_at)
  on public.users
  to authenticated;
grant select, insert, update on public.users to service_role;

create view public.teams with (security_invoker = true) as
select id, name, slug, plan, created_by, created_at, updated_at from public.organizations;
comment on view public.teams is 'organizations under the names of seed 003.';
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
comment on view public.user_roles is
  'organization_members under the names of seed 003. Clients insert no row: a person joins by '
  'accepting an invitation.';
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
    'public.organization_members',
    private.rename_fields(to_jsonb(new) - 'id', '{"team_id": "organization_id"}')
  );
begin
  select roles.* into new from public.user_roles roles
  where roles.team_id = (stored ->> 'organization_id')::uuid
    and roles.user_id = (stored ->> 'user_id')::uuid;
  return new;
end
$$;
comment on function private.insert_user_role() is
  'Trigger: an insert into user_roles becomes one into organization_members. The id follows from '
  'the pair, whatever was given.';
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
  where roles.team_id = (stored ->> 'organization_id')::uuid
    and roles.user_id = (stored ->> 'user_id')::uuid;
  return new;
end
$$;
comment on function private.update_user_role() is
  'Trigger: an update of user_roles becomes one of organization_members.';
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
comment on function private.delete_user_role() is
  'Trigger: a delete from user_roles becomes one from organization_members.';
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
  select last_activity.agent.last_used_at
$$;
comment on function public.last_activity(public.agents) is
  'The name of agents.last_used_at in seed 003.';
grant execute on function public.last_activity(public.agents) to authenticated, service_role;
