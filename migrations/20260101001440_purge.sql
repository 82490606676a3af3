-- Purge: removes a deleted organization after its grace period. Everything in it is removed step by
-- step, and its row last, which frees its slug.

create function private.organizations_to_purge()
returns setof private.due_item
language sql
stable
set search_path = ''
as $$
  select organizations.id::text, 1::bigint,
    organizations.deleted_at + (private.limits()).organization_grace
  from public.organizations
  where organizations.deleted_at <= now() - (private.limits()).organization_grace
$$;
comment on function private.organizations_to_purge() is
  'The organizations that can no longer be restored, for the job purge-organizations.';

create function private.purge_steps()
returns table (place integer, relation regclass, condition text, weight integer)
language sql
stable
set search_path = ''
as $$
  -- Tables that can have many rows of one organization, referencing ones first. Other tables
  -- cascade with the row of the organization.
  select steps.place, steps.relation::regclass, replace(replace(
    steps.condition,
    '{agents}',
    -- Agents without an organization belong to the personal one of their user.
    'in (select agents.id from public.agents where agents.organization_id = $1 or '
    'agents.organization_id is null and agents.created_by = (select organizations.created_by '
    'from public.organizations where organizations.id = $1 and organizations.is_personal))'),
    '{sessions}',
    'in (select sessions.id from public.chat_sessions sessions where sessions.org_id = $1)'
  ), steps.weight
  from (values
    (1, 'public.chat_messages', 'session_id {sessions}', 1),
    (2, 'public.ai_interactions', 'organization_id = $1', 1),
    (3, 'public.chat_sessions', 'org_id = $1', 1),
    (4, 'public.usage_archive_rollup', 'organization_id = $1', 1),
    (5, 'public.agent_thoughts', 'agent_id {agents}', 1),
    (6, 'public.workflow_executions',
      'workflow_id in (select workflows.id from public.workflows where workflows.agent_id '
      '{agents})', 1),
    (7, 'public.agent_metrics', 'agent_id {agents}', 1),
    (8, 'public.agent_health_checks', 'agent_id {agents}', 1),
    -- With up to 100 versions and 100 deployments each.
    (9, 'public.agents', 'id {agents}', 10),
    (10, 'public.webhook_deliveries', 'organization_id = $1', 1),
    (11, 'public.access_key_events', 'organization_id = $1', 1),
    (12, 'public.access_keys', 'organization_id = $1', 1),
    (13, 'public.organizations', 'id = $1', 1)
  ) as steps (place, relation, condition, weight)
$$;
comment on function private.purge_steps() is
  'The tables that a purge empties, in order, the condition of rows of the organization $1, and '
  'the weight of a row in a share, which includes rows that are deleted with it.';

create function private.remove_share(organization_id uuid, batch integer)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  -- @plpgsql_check_options: security_warnings = off
  step record;
  removed integer := 0;
begin
  -- Its figures are deleted too, so that nothing has to be recounted.
  perform set_config('agentbase.is_retention', 'on', true);
  for step in
    select steps.relation, steps.condition, steps.weight
    from private.purge_steps() steps order by steps.place
  loop
    execute format(
      'delete from %1$s where id in (select id from %1$s where %2$s limit $2)', step.relation,
      step.condition
    ) using remove_share.organization_id, greatest(remove_share.batch / step.weight, 1);
    get diagnostics removed = row_count;
    exit when removed > 0;
  end loop;
  perform set_config('agentbase.is_retention', '', true);
  return removed;
end
$$;
comment on function private.remove_share(uuid, integer) is
  'Removes up to a number of rows of one table of an organization, or the organization itself if '
  'nothing else is left, and returns how many.';

create function private.purge_organization(organization_id uuid, batch integer default 2000)
returns integer
language plpgsql
set search_path = ''
as $$
begin
  perform from public.organizations
  where organizations.id = purge_organization.organization_id
    and organizations.deleted_at <= now() - (private.limits()).organization_grace
  for update skip locked;
  if not found then
    return 0;
  end if;
  return private.remove_share(purge_organization.organization_id, purge_organization.batch);
end
$$;
comment on function private.purge_organization(uuid, integer) is
  'Removes a share of an organization that can no longer be restored, as remove_share() does, and '
  'returns how many rows.';
