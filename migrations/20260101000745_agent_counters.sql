-- Counters of agents: usage_count and last_used_at follow the ledger.

create function private.is_use_of(
  agent public.agents, source text, organization_id uuid, user_id uuid
)
returns boolean
language plpgsql
immutable
set search_path = ''
as $$
begin
  return is_use_of.source <> 'manual'
    or is_use_of.agent.organization_id = is_use_of.organization_id is true
    or (
      is_use_of.agent.organization_id is null and is_use_of.agent.created_by = is_use_of.user_id
    ) is true;
end
$$;
comment on function private.is_use_of(public.agents, text, uuid, uuid) is
  'Whether an interaction counts in usage_count, last_used_at and activity_score of its agent: '
  'every turn does, an entry by hand only if it is of those who own the agent.';

create function private.count_uses(agent_id uuid, uses bigint, latest timestamptz)
returns void
language plpgsql
set search_path = ''
as $$
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
$$;
comment on function private.count_uses(uuid, bigint, timestamptz) is
  'Adds uses of an agent to usage_count and updates last_used_at to the time of the latest.';
grant execute on function private.count_uses(uuid, bigint, timestamptz) to service_role;

create function private.count_new_interactions()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
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
$$;
comment on function private.count_new_interactions() is
  'Trigger: adds new interactions to their agent''s usage_count and moves last_used_at, as far '
  'as they are uses of it.';
create trigger count_new_interactions after insert on public.ai_interactions
  referencing new table as new_interactions
  for each statement execute function private.count_new_interactions();

create function private.count_changed_interaction()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
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
$$;
comment on function private.count_changed_interaction() is
  'Trigger: an interaction that is attributed to another agent leaves the one''s usage_count for '
  'the other''s.';
create trigger count_changed_interaction
  after update of agent_id, source, organization_id, user_id on public.ai_interactions
  for each row when (
    old.agent_id is distinct from new.agent_id or old.source <> new.source
    or (
      new.source = 'manual'
      and (old.organization_id, old.user_id) is distinct from (new.organization_id, new.user_id)
    )
  )
  execute function private.count_changed_interaction();

create function private.count_deleted_interactions()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
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
$$;
comment on function private.count_deleted_interactions() is
  'Trigger: subtracts deleted interactions from their agent''s usage_count.';
create trigger count_deleted_interactions after delete on public.ai_interactions
  referencing old table as old_interactions
  -- Rows that retention removes still count as uses.
  for each statement when (current_setting('agentbase.is_retention', true) is distinct from 'on')
  execute function private.count_deleted_interactions();
