-- The current state of what 001610_compatibility_views.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

CREATE TRIGGER delete_ai_agent INSTEAD OF DELETE ON public.ai_agents FOR EACH ROW EXECUTE FUNCTION private.delete_ai_agent();
CREATE TRIGGER insert_ai_agent INSTEAD OF INSERT ON public.ai_agents FOR EACH ROW EXECUTE FUNCTION private.insert_ai_agent();
CREATE TRIGGER update_ai_agent INSTEAD OF UPDATE ON public.ai_agents FOR EACH ROW EXECUTE FUNCTION private.update_ai_agent();

CREATE TRIGGER delete_user_role INSTEAD OF DELETE ON public.user_roles FOR EACH ROW EXECUTE FUNCTION private.delete_user_role();
CREATE TRIGGER insert_user_role INSTEAD OF INSERT ON public.user_roles FOR EACH ROW EXECUTE FUNCTION private.insert_user_role();
CREATE TRIGGER update_user_role INSTEAD OF UPDATE ON public.user_roles FOR EACH ROW EXECUTE FUNCTION private.update_user_role();

-- Views ------------------------------------------------------------------------------------------

create view public.ai_agents with (security_invoker=true) as
 SELECT agents.id,
    agents.name,
    agents.description,
    agents.vendor_id,
    agents.service_id,
    agents.model_name,
    agents.system_prompt,
    agents.config AS configuration,
    agents.capabilities,
    agents.notes,
    agents.tags,
    agents.activity_score,
    agents.last_used_at,
    agents.usage_count,
    agents.enabled AS is_active,
    agents.is_favorite,
    agents.is_public,
    agents.created_by AS user_id,
    agents.created_at,
    agents.updated_at
   FROM public.agents
UNION ALL
 SELECT shared.id,
    shared.name,
    shared.description,
    shared.vendor_id,
    NULL::text AS service_id,
    shared.model_name,
    NULL::text AS system_prompt,
    NULL::jsonb AS configuration,
    shared.capabilities,
    NULL::text AS notes,
    shared.tags,
    shared.activity_score,
    NULL::timestamp with time zone AS last_used_at,
    NULL::bigint AS usage_count,
    true AS is_active,
    false AS is_favorite,
    shared.is_public,
    NULL::uuid AS user_id,
    shared.created_at,
    shared.updated_at
   FROM public.public_agents shared
  WHERE (shared.is_public AND (NOT (EXISTS ( SELECT
           FROM public.agents
          WHERE (agents.id = shared.id)))));
grant delete, insert (id, name, description, vendor_id, service_id, model_name, system_prompt, configuration, capabilities, notes, tags, is_active, is_favorite, is_public, user_id), select, update (name, description, vendor_id, service_id, model_name, system_prompt, configuration, capabilities, notes, tags, is_active, is_favorite, is_public) on public.ai_agents to authenticated;
grant delete, insert, select, update on public.ai_agents to service_role;

create view public.teams with (security_invoker=true) as
 SELECT id,
    name,
    slug,
    plan,
    created_by,
    created_at,
    updated_at
   FROM public.organizations;
grant delete, insert, select, update on public.teams to service_role;
grant insert (id, name, slug, created_by), select, update (id, name, slug, created_by) on public.teams to authenticated;

create view public.user_roles with (security_invoker=true) as
 SELECT (md5(((user_id)::text || (organization_id)::text)))::uuid AS id,
    user_id,
    role,
    organization_id AS team_id,
    granted_by,
    granted_at
   FROM public.organization_members;
grant delete, insert, select, update on public.user_roles to service_role;
grant delete, select, update (role) on public.user_roles to authenticated;

create view public.users with (security_invoker=true) as
 SELECT id,
    email,
    full_name,
    avatar_url,
    subscription_tier,
    created_at,
    updated_at
   FROM public.profiles;
grant insert (id, full_name, avatar_url, updated_at), select, update (id, full_name, avatar_url, updated_at) on public.users to authenticated;
grant insert, select, update on public.users to service_role;

-- Functions --------------------------------------------------------------------------------------

create function private.changed_fields(before jsonb, after jsonb)
returns jsonb
language sql immutable security invoker
set search_path=""
as $body$
  select coalesce(jsonb_object_agg(fields.key, fields.value), '{}')
  from jsonb_each(changed_fields.after) fields
  where fields.value is distinct from changed_fields.before -> fields.key
$body$;
grant execute on function private.changed_fields(jsonb,jsonb) to authenticated, service_role;

create function private.delete_ai_agent()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  delete from public.agents where agents.id = old.id;
  return case when found then old end;
end
$body$;

create function private.delete_user_role()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  delete from public.organization_members members
  where members.organization_id = old.team_id and members.user_id = old.user_id;
  return case when found then old end;
end
$body$;

create function private.insert_ai_agent()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
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
$body$;

create function private.insert_row(target regclass, given jsonb)
returns jsonb
language plpgsql volatile security invoker
set search_path=""
as $body$
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
$body$;
grant execute on function private.insert_row(regclass,jsonb) to authenticated, service_role;

create function private.insert_user_role()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
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
$body$;

create function private.rename_fields(row_value jsonb, names jsonb)
returns jsonb
language sql immutable security invoker
set search_path=""
as $body$
  select coalesce(
    jsonb_object_agg(coalesce(rename_fields.names ->> fields.key, fields.key), fields.value), '{}'
  )
  from jsonb_each(rename_fields.row_value) fields
$body$;
grant execute on function private.rename_fields(jsonb,jsonb) to authenticated, service_role;

create function private.update_ai_agent()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
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
$body$;

create function private.update_row(target regclass, key jsonb, changes jsonb)
returns jsonb
language plpgsql volatile security invoker
set search_path=""
as $body$
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
$body$;
grant execute on function private.update_row(regclass,jsonb,jsonb) to authenticated, service_role;

create function private.update_user_role()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
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
$body$;

create function public.last_activity(agent public.agents)
returns timestamp with time zone
language sql stable security invoker
set search_path=""
as $body$
  select last_activity.agent.last_used_at
$body$;
grant execute on function public.last_activity(public.agents) to authenticated, service_role;
