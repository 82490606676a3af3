-- The current state of what 001420_agent_retention.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.agent_keeps_since(security jsonb)
returns timestamp with time zone
language sql stable security invoker
set search_path=""
as $body$
  select now() - make_interval(
    days => (agent_keeps_since.security ->> 'retention_days')::numeric::integer
  )
$body$;

create function private.agents_to_trim()
returns SETOF private.due_item
language sql stable security invoker
set search_path=""
as $body$
  select
    agents.id::text,
    row_number() over (partition by agents.organization_id, agents.created_by order by agents.id),
    least(
      least(thoughts.oldest, executions.oldest) + (now() - trimmed.since),
      sessions.oldest + (now() - private.agent_keeps_since(agents.security))
    )
  from (
    select
      organizations.id as organization_id,
      private.conversations_kept_since(organizations.id) as since
    from public.organizations
    union all
    select null, private.conversations_kept_since(null)
  ) kept
  join public.agents on agents.organization_id is not distinct from kept.organization_id
  cross join lateral (
    select greatest(kept.since, private.agent_keeps_since(agents.security)) as since
  ) trimmed
  cross join lateral (
    select case
      when agents.security ? 'retention_days' then private.oldest_session_of(agents)
    end as oldest
  ) sessions
  cross join lateral (
    select min(thoughts.created_at) as oldest
    from public.agent_thoughts thoughts
    where thoughts.agent_id = agents.id and thoughts.created_at < trimmed.since
  ) thoughts
  cross join lateral (
    select min(greatest(executions.started_at, executions.updated_at)) as oldest
    from public.workflows
    cross join lateral (
      select executions.started_at, executions.updated_at
      from public.workflow_executions executions
      where executions.workflow_id = workflows.id
        and executions.started_at < trimmed.since
        and executions.updated_at < trimmed.since
      order by executions.started_at limit 1
    ) executions
    where workflows.agent_id = agents.id
  ) executions
  where num_nonnulls(sessions.oldest, thoughts.oldest, executions.oldest) > 0
$body$;

create function private.drop_old_measurements()
returns integer
language sql volatile security invoker
set search_path=""
as $body$
  -- A month has rows of all organizations: it is dropped after the longest retention of the plans
  -- in use.
  select private.drop_old_partitions((
    select case
      when bool_and(plans.measurement_days is not null)
        then now() - make_interval(days => max(plans.measurement_days))
    end
    from public.plans where plans.id in (select organizations.plan from public.organizations)
  ))
$body$;

create function private.oldest_session_of(agent public.agents)
returns timestamp with time zone
language sql stable security invoker
set search_path=""
as $body$
  select min(sessions.last_activity_at)
  from public.chat_sessions sessions
  where sessions.agent_id = (oldest_session_of.agent).id
    and sessions.org_id = private.agent_organization(oldest_session_of.agent)
    and sessions.last_activity_at < private.agent_keeps_since((oldest_session_of.agent).security)
$body$;

create function private.remove_old_executions(agent_id uuid, batch integer)
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  removed integer;
begin
  -- Removing them takes nothing off the workflows' counters.
  perform set_config('agentbase.is_retention', 'on', true);
  with old as (
    select executions.id
    from public.agents
    cross join lateral (
      select greatest(
        private.conversations_kept_since(agents.organization_id),
        private.agent_keeps_since(agents.security)
      ) as since
    ) kept
    join public.workflows on workflows.agent_id = agents.id
    join public.workflow_executions executions
      on executions.workflow_id = workflows.id
        and executions.started_at < kept.since
        and executions.updated_at < kept.since
    where agents.id = remove_old_executions.agent_id
    limit remove_old_executions.batch
    for update of executions skip locked
  )
  delete from public.workflow_executions where workflow_executions.id in (select old.id from old);
  get diagnostics removed = row_count;
  perform set_config('agentbase.is_retention', '', true);
  return removed;
end
$body$;

create function private.remove_old_sessions_of(agent_id uuid, batch integer)
returns integer
language sql volatile security invoker
set search_path=""
as $body$
  select private.remove_sessions(
    array(
      select sessions.id
      from public.chat_sessions sessions
      where sessions.agent_id = agents.id
        and sessions.org_id = private.agent_organization(agents)
        and sessions.last_activity_at < private.agent_keeps_since(agents.security)
        and not exists (
          select from private.running_turns turns where turns.session_id = sessions.id
        )
      order by sessions.last_activity_at
      limit remove_old_sessions_of.batch
    ),
    private.agent_keeps_since(agents.security), 10 * remove_old_sessions_of.batch
  )
  from public.agents
  where agents.id = remove_old_sessions_of.agent_id and agents.security ? 'retention_days'
$body$;

create function private.remove_old_thoughts(agent_id uuid, batch integer)
returns integer
language sql volatile security invoker
set search_path=""
as $body$
  with old as (
    select thoughts.id
    from public.agents
    join public.agent_thoughts thoughts
      on thoughts.agent_id = agents.id
        and thoughts.created_at < greatest(
          private.conversations_kept_since(agents.organization_id),
          private.agent_keeps_since(agents.security)
        )
    where agents.id = remove_old_thoughts.agent_id
    limit remove_old_thoughts.batch
    for update of thoughts skip locked
  ),
  removed as (
    delete from public.agent_thoughts
    where agent_thoughts.id in (select old.id from old)
    returning agent_thoughts.id
  )
  select count(*)::integer from removed
$body$;

create function private.trim_agent(agent_id uuid, batch integer DEFAULT 5000)
returns integer
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  -- Sessions first: docs/decisions/lock-order.md.
  removed integer := coalesce(
    private.remove_old_sessions_of(trim_agent.agent_id, trim_agent.batch / 5), 0
  );
begin
  removed := removed + private.remove_old_thoughts(trim_agent.agent_id, trim_agent.batch);
  -- Deleting an execution deletes its thoughts, so these are deleted first, in batches.
  if removed < trim_agent.batch then
    removed := removed
      + private.remove_old_executions(trim_agent.agent_id, trim_agent.batch / 10);
  end if;
  return removed;
end
$body$;
