-- The current state of what 000740_ledger_rows.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.check_agent()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
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
$body$;

create function private.complete_interaction()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
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
$body$;

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

create function private.mark_member_active()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
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
$body$;

create function private.measure_interaction()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  new.duration_minutes = floor(extract(epoch from new.ended_at - new.started_at) / 60);
  return new;
end
$body$;

create function private.organization_for_record(agent_id uuid, user_id uuid)
returns uuid
language sql stable security invoker
set search_path=""
as $body$
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
$body$;

create function private.refuse_far_interaction()
returns trigger
language plpgsql volatile security invoker
set search_path=""
as $body$
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
$body$;

create function private.scrub_interactions()
returns trigger
language plpgsql volatile security definer
set search_path=""
as $body$
begin
  perform private.scrub_interactions_of(old.id);
  return old;
end
$body$;

create function private.scrub_interactions_of(user_id uuid, batch integer DEFAULT NULL::integer)
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
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
$body$;
