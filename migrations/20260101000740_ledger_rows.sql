-- Columns of the ledger that triggers fill in, and counters of it.

create function private.organization_for_record(agent_id uuid, user_id uuid)
returns uuid
language sql
stable
set search_path = ''
as $$
  -- A client's own, or those of the person for whom a backend records.
  with memberships as (
    select mine.id from private.my_organizations('member') mine (id)
    union all
    select members.organization_id
    from public.organization_members members
    join public.organizations on organizations.id = members.organization_id
    where (select auth.uid()) is null
      and members.user_id = organization_for_record.user_id
      and private.role_rank(members.role) >= private.role_rank('member')
      and organizations.deleted_at is null
  )
  select coalesce(
    (
      select agents.organization_id from public.agents
      where agents.id = organization_for_record.agent_id
        and (
          agents.organization_id in (select memberships.id from memberships)
          -- A backend that records for no user: only the agent's organization is known.
          or (select auth.uid()) is null and organization_for_record.user_id is null
        )
    ),
    private.my_organization(),
    (
      select profiles.current_organization_id from public.profiles
      where profiles.id = organization_for_record.user_id
        and profiles.current_organization_id in (select memberships.id from memberships)
    ),
    (
      select organizations.id from public.organizations
      where organizations.created_by = organization_for_record.user_id
        and organizations.is_personal
    )
  )
$$;
comment on function private.organization_for_record(uuid, uuid) is
  'The organization of an interaction: the agent''s if the person may chat there, else the '
  'person''s current one, else the personal one.';

create function private.complete_interaction()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  -- Rows restored from an archive are unchanged.
  if current_setting('agentbase.is_retention', true) = 'on' then
    return new;
  end if;
  if new.organization_id is null then
    new.organization_id = private.organization_for_record(new.agent_id, new.user_id);
  end if;
  -- Later changes of the agent do not change which vendor it called.
  new.vendor_id = coalesce(
    new.vendor_id, (select agents.vendor_id from public.agents where agents.id = new.agent_id)
  );
  return new;
end
$$;
comment on function private.complete_interaction() is
  'Trigger: fills in the organization that pays and the agent''s vendor.';
create trigger complete_interaction before insert on public.ai_interactions
  for each row when (
    new.organization_id is null or (new.vendor_id is null and new.agent_id is not null)
  )
  execute function private.complete_interaction();

create function private.refuse_far_interaction()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if current_user not in ('anon', 'authenticated')
    or (
      new.started_at between now() - interval '10 years' and now() + interval '1 day'
      and coalesce(new.ended_at <= now() + interval '1 day', true)
    )
  then
    return new;
  end if;
  perform private.refuse(
    'date_out_of_range',
    'The interaction begins or ends more than ten years ago or more than a day ahead.',
    'Check "started_at" and "ended_at".'
  );
  return null;
end
$$;
comment on function private.refuse_far_interaction() is
  'Trigger: refuses an entry by hand whose day is implausible, as each day costs the jobs a step. '
  'Errors: PT400 date_out_of_range.';
create trigger refuse_far_interaction before insert on public.ai_interactions
  for each row when (new.source = 'manual') execute function private.refuse_far_interaction();

create function private.check_agent()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  if tg_op = 'INSERT' and current_setting('agentbase.is_retention', true) = 'on' then
    return null;
  end if;
  perform from public.agents where agents.id = new.agent_id for key share;
  if not found then
    perform private.refuse('agent_not_found', 'Agent not found, or you may not see it.');
  end if;
  return null;
end
$$;
comment on function private.check_agent() is
  'Trigger: a new interaction must reference an existing agent, which may be deleted later.';
-- Runs after the policies, so that it does not reveal which agents exist.
create trigger check_agent after insert on public.ai_interactions
  -- The agent of a turn existed when it began.
  for each row when (new.agent_id is not null and new.source = 'manual')
  execute function private.check_agent();
create trigger check_new_agent after update of agent_id on public.ai_interactions
  for each row when (new.agent_id is distinct from old.agent_id and new.agent_id is not null)
  execute function private.check_agent();

create function private.measure_interaction()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.duration_minutes = floor(extract(epoch from new.ended_at - new.started_at) / 60);
  return new;
end
$$;
comment on function private.measure_interaction() is
  'Trigger: computes the duration of an interaction whose start and end are known.';
create trigger measure_interaction
  before insert or update of started_at, ended_at, duration_minutes
  on public.ai_interactions
  for each row when (new.ended_at >= new.started_at)
  execute function private.measure_interaction();

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

create function private.mark_member_active()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  -- To five minutes, so that a busy member's row is not updated with every turn. No turn waits for
  -- it: the transaction that holds the row does the same.
  if current_setting('agentbase.is_retention', true) = 'on' or not exists (
    select from public.organization_members members
    where members.organization_id = new.organization_id
      and members.user_id = new.user_id
      and (members.last_active_at is null or members.last_active_at < now() - interval '5 minutes')
  ) then
    return null;
  end if;
  update public.organization_members
  set last_active_at = now()
  where (organization_members.organization_id, organization_members.user_id) in (
    select members.organization_id, members.user_id
    from public.organization_members members
    where members.organization_id = new.organization_id
      and members.user_id = new.user_id
      and (members.last_active_at is null or members.last_active_at < now() - interval '5 minutes')
    for no key update skip locked
  );
  return null;
end
$$;
comment on function private.mark_member_active() is
  'Trigger: keeps last_active_at of members, to five minutes.';
create trigger mark_member_active after insert on public.ai_interactions
  for each row execute function private.mark_member_active();

create function private.scrub_interactions_of(user_id uuid, batch integer default null)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  scrubbed integer;
begin
  update public.ai_interactions
  -- The first two here, so that their foreign keys have no rows left to update again.
  set user_id = null, session_id = null, title = 'Deleted', description = null,
    content_preview = null, full_content = null, feedback_notes = null, external_link = null,
    external_id = null, external_metadata = '{}', tags = '{}', keywords = '{}'
  where ai_interactions.id in (
    select interactions.id from public.ai_interactions interactions
    where interactions.user_id = scrub_interactions_of.user_id
    limit scrub_interactions_of.batch
  );
  get diagnostics scrubbed = row_count;
  return scrubbed;
end
$$;
comment on function private.scrub_interactions_of(uuid, integer) is
  'Removes a person and their texts from a number of rows of ledgers, or from all if null, and '
  'returns how many.';

create function private.scrub_interactions()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform private.scrub_interactions_of(old.id);
  return old;
end
$$;
comment on function private.scrub_interactions() is
  'Trigger on auth.users: when a person is deleted, organizations keep their figures without the '
  'person''s texts.';
