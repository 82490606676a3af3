-- The current state of what 000745_agent_counters.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.count_changed_interaction()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  update public.agents
  set usage_count = greatest(0, usage_count + changes.added - changes.removed),
      last_used_at = case
        when changes.added = 1 then greatest(last_used_at, least(new.started_at, now()))
        else last_used_at
      end
  from (
    select
      counted.id,
      (
        counted.id is not distinct from new.agent_id
        and private.is_use_of(counted, new.source, new.organization_id, new.user_id)
      )::integer as added,
      (
        counted.id is not distinct from old.agent_id
        and private.is_use_of(counted, old.source, old.organization_id, old.user_id)
      )::integer as removed
    from public.agents counted
    where counted.id in (old.agent_id, new.agent_id)
  ) changes
  where agents.id = changes.id and changes.added is distinct from changes.removed;
  return null;
end
$body$;

create function private.count_deleted_interactions()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  removed record;
begin
  for removed in
    select old_interactions.agent_id, count(*) as interactions
    from old_interactions
    join public.agents
      on agents.id = old_interactions.agent_id
      and private.is_use_of(
        agents, old_interactions.source, old_interactions.organization_id, old_interactions.user_id
      )
    group by old_interactions.agent_id
    order by old_interactions.agent_id
  loop
    -- Never below zero, so that a counter changed by hand cannot block deletions.
    update public.agents
    set usage_count = greatest(0, usage_count - removed.interactions)
    where agents.id = removed.agent_id;
  end loop;
  return null;
end
$body$;

create function private.count_new_interactions()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  added record;
begin
  -- Restored rows were already counted. A turn counts itself, as its last step, since all turns of
  -- the agent wait for that row.
  if concat(
    current_setting('agentbase.is_retention', true), current_setting('agentbase.is_turn', true)
  ) <> '' then
    return null;
  end if;
  for added in
    select
      uses.agent_id, uses.source, uses.organization_id, uses.user_id,
      count(*) as interactions, max(uses.started_at) as latest
    from (
      select
        new_interactions.agent_id, new_interactions.started_at, new_interactions.source,
        -- Turns are counted for every user.
        case when new_interactions.source = 'manual' then new_interactions.organization_id end,
        case when new_interactions.source = 'manual' then new_interactions.user_id end
      from new_interactions
    ) uses (agent_id, started_at, source, organization_id, user_id)
    where uses.agent_id is not null
    group by uses.agent_id, uses.source, uses.organization_id, uses.user_id
    order by uses.agent_id
  loop
    perform private.count_uses(agents.id, added.interactions, added.latest)
    from public.agents
    where agents.id = added.agent_id
      and (
        added.source <> 'manual'
        or private.is_use_of(agents, added.source, added.organization_id, added.user_id)
      );
  end loop;
  return null;
end
$body$;

create function private.count_uses(agent_id uuid, uses bigint, latest timestamp with time zone)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  -- The time is kept to a minute: it is indexed, and a busy agent's row is updated with every turn,
  -- which is far cheaper while no indexed column changes.
  update public.agents
  set usage_count = usage_count + count_uses.uses,
      last_used_at = case
        when last_used_at > count_uses.latest - interval '1 minute' then last_used_at
        else least(count_uses.latest, now())
      end
  where agents.id = count_uses.agent_id;
end
$body$;
grant execute on function private.count_uses(uuid,bigint,timestamp with time zone) to service_role;

create function private.is_use_of(agent public.agents, source text, organization_id uuid, user_id uuid)
returns boolean
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  return is_use_of.source <> 'manual'
    or is_use_of.agent.organization_id = is_use_of.organization_id is true
    or (
      is_use_of.agent.organization_id is null and is_use_of.agent.created_by = is_use_of.user_id
    ) is true;
end
$body$;
