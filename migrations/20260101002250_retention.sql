-- Retention: how long an organization's plan keeps what. Conversations, thoughts
-- and interactions go in batches, measurements with their month. The figures
-- stay: what an interaction added to them goes into past_usage before it goes.

-- Interactions ------------------------------------------------------------------------

create function private.evenly_counted_until(organization_id uuid)
returns timestamptz
language sql
set search_path = ''
as $$
  -- In a calendar that keeps up. Nobody gives the organization another one before this transaction is over.
  select date_bin('15 minutes', progress.counted_until, '2000-01-01 00:00:00+00')
  from public.usage_calendars calendars
  cross join private.usage_progress progress
  where calendars.organization_id = evenly_counted_until.organization_id
    and calendars.counted_until = 'infinity'
    and isfinite(progress.counted_until)
  for share of calendars
$$;
comment on function private.evenly_counted_until(uuid) is 'Up to which quarter of an hour an organization''s interactions are counted; null while they are being counted anew.';

create function private.removable_until(organization_id uuid)
returns timestamptz
language sql
set search_path = ''
as $$
  select least(
    date_bin('15 minutes', now() - make_interval(days => plans.interaction_days), '2000-01-01 00:00:00+00'), counted.until
  )
  from public.organizations
  join public.plans on plans.id = organizations.plan
  cross join lateral (select private.evenly_counted_until(organizations.id) as until) counted
  where organizations.id = removable_until.organization_id
    and plans.interaction_days is not null
    and counted.until is not null
$$;
comment on function private.removable_until(uuid) is 'Interactions of an organization that began before may be removed: its plan keeps them no longer, and they are counted. Null where the plan keeps them for ever, or counting is under way.';

create function private.interaction_fingerprint(interaction public.ai_interactions)
returns bigint
language sql
immutable
set search_path = ''
as $$
  select hashtextextended(
    row(
      interaction.id, interaction.user_id, interaction.agent_id, interaction.vendor_id, interaction.model_name,
      interaction.access_key_id, interaction.source = 'manual', interaction.turn_state is not distinct from 'failed',
      interaction.status = 'deleted', interaction.input_tokens, interaction.output_tokens, interaction.total_cost,
      interaction.duration_minutes, interaction.satisfaction_rating, interaction.usefulness_rating
    )::text,
    0
  )
$$;
comment on function private.interaction_fingerprint(public.ai_interactions) is 'Tells an interaction, and all that it adds to the figures of its quarter of an hour, from any other.';

create function private.past_usage_of(interactions uuid[])
returns setof public.past_usage
language sql
stable
set search_path = ''
as $$
  select
    null::bigint, ledger.organization_id, date_bin('15 minutes', ledger.started_at, '2000-01-01 00:00:00+00'), ledger.user_id,
    ledger.agent_id, ledger.vendor_id, left(ledger.model_name, 255), ledger.access_key_id,
    -- Deleted ones have no usage; their fingerprints stay all the same.
    count(usage.interaction_id), coalesce(sum(usage.failed), 0), coalesce(sum(usage.unpriced), 0),
    coalesce(sum(usage.recorded), 0), coalesce(sum(usage.input_tokens), 0),
    coalesce(sum(usage.output_tokens), 0), coalesce(sum(usage.total_cost), 0),
    coalesce(sum(usage.recorded_cost), 0), coalesce(sum(usage.duration_minutes), 0),
    coalesce(sum(usage.satisfaction_sum), 0), coalesce(sum(usage.satisfaction_count), 0),
    coalesce(sum(usage.usefulness_sum), 0), coalesce(sum(usage.usefulness_count), 0),
    array_agg(private.interaction_fingerprint(ledger)), now()
  from public.ai_interactions ledger
  left join private.interaction_usage usage
    on usage.interaction_id = ledger.id and usage.interaction_id = any (past_usage_of.interactions)
  where ledger.id = any (past_usage_of.interactions)
  group by 2, 3, 4, 5, 6, 7, 8
$$;
comment on function private.past_usage_of(uuid[]) is 'What interactions of the ledger add to the figures, as rows of past_usage that have no number.';

create function private.give_past_usage(interactions uuid[])
returns void
language sql
set search_path = ''
as $$
  insert into public.past_usage as past (
    organization_id, started_at, user_id, agent_id, vendor_id, model_name, access_key_id,
    interactions, failed, unpriced, recorded, input_tokens, output_tokens, total_cost,
    recorded_cost, duration_minutes,
    satisfaction_sum, satisfaction_count, usefulness_sum, usefulness_count, fingerprints
  )
  select
    sums.organization_id, sums.started_at, sums.user_id, sums.agent_id, sums.vendor_id, sums.model_name, sums.access_key_id,
    sums.interactions, sums.failed, sums.unpriced, sums.recorded, sums.input_tokens,
    sums.output_tokens, sums.total_cost, sums.recorded_cost, sums.duration_minutes,
    sums.satisfaction_sum, sums.satisfaction_count, sums.usefulness_sum, sums.usefulness_count,
    sums.fingerprints
  from private.past_usage_of(give_past_usage.interactions) sums
  on conflict (organization_id, started_at, user_id, agent_id, vendor_id, model_name, access_key_id) do update set (
    interactions, failed, unpriced, recorded, input_tokens, output_tokens, total_cost,
    recorded_cost, duration_minutes,
    satisfaction_sum, satisfaction_count, usefulness_sum, usefulness_count, fingerprints
  ) = (
    past.interactions + excluded.interactions, past.failed + excluded.failed,
    past.unpriced + excluded.unpriced, past.recorded + excluded.recorded,
    past.input_tokens + excluded.input_tokens, past.output_tokens + excluded.output_tokens,
    past.total_cost + excluded.total_cost, past.recorded_cost + excluded.recorded_cost,
    past.duration_minutes + excluded.duration_minutes, past.satisfaction_sum + excluded.satisfaction_sum,
    past.satisfaction_count + excluded.satisfaction_count, past.usefulness_sum + excluded.usefulness_sum,
    past.usefulness_count + excluded.usefulness_count, past.fingerprints || excluded.fingerprints
  )
$$;
comment on function private.give_past_usage(uuid[]) is 'Adds to past_usage what interactions add to the figures; they are to be removed in the same transaction.';

create function private.remove_old_interactions(organization_id uuid, batch integer)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  until constant timestamptz := private.removable_until(remove_old_interactions.organization_id);
  old uuid[];
begin
  -- Removing them is no late change: the triggers that keep figures and counters look at this.
  perform set_config('agentbase.keeps_figures', 'on', true);
  old := array(
    select interactions.id from public.ai_interactions interactions
    where interactions.organization_id = remove_old_interactions.organization_id
      and interactions.started_at < until
      and interactions.turn_state is distinct from 'running'
    order by interactions.started_at
    limit batch
    for update skip locked
  );
  perform private.give_past_usage(old);
  delete from public.ai_interactions where ai_interactions.id = any (old);
  perform set_config('agentbase.keeps_figures', '', true);
  return cardinality(old);
end
$$;
comment on function private.remove_old_interactions(uuid, integer) is 'Removes interactions that an organization''s plan keeps no longer, at most so many, oldest first, and returns how many. The figures, the agents'' counters and the budgets stay as they are.';

-- Conversations -------------------------------------------------------------------------

create function private.remove_old_sessions(organization_id uuid, batch integer)
returns integer
language sql
set search_path = ''
as $$
  with old as (
    select sessions.id
    from public.organizations
    join public.plans on plans.id = organizations.plan
    join public.chat_sessions sessions
      on sessions.org_id = organizations.id
      and sessions.last_activity_at < now() - make_interval(days => plans.conversation_days)
    where organizations.id = remove_old_sessions.organization_id
      and not exists (
        select from public.ai_interactions turns where turns.session_id = sessions.id and turns.turn_state = 'running'
      )
    limit batch
    for update of sessions skip locked
  ),
  removed as (
    delete from public.chat_sessions where chat_sessions.id in (select old.id from old) returning chat_sessions.id
  )
  select count(*)::integer from removed
$$;
comment on function private.remove_old_sessions(uuid, integer) is 'Removes conversations in which nothing was said for as long as their organization''s plan keeps them, at most so many, and returns how many. The ledger keeps what they used.';

-- Of an organization ----------------------------------------------------------------------

create function private.organizations_to_trim()
returns setof private.due_item
language sql
stable
set search_path = ''
as $$
  select organizations.id::text, 1::bigint, least(conversations.due_at, interactions.due_at)
  from public.organizations
  join public.plans on plans.id = organizations.plan
  cross join lateral (
    select min(sessions.last_activity_at) + make_interval(days => plans.conversation_days) as due_at
    from public.chat_sessions sessions
    where sessions.org_id = organizations.id
      and sessions.last_activity_at < now() - make_interval(days => plans.conversation_days)
  ) conversations
  cross join lateral (
    select min(old.started_at) + make_interval(days => plans.interaction_days) as due_at
    from public.usage_calendars calendars
    cross join private.usage_progress progress
    join public.ai_interactions old
      on old.organization_id = organizations.id
      and old.started_at < date_bin('15 minutes', now() - make_interval(days => plans.interaction_days), '2000-01-01 00:00:00+00')
      and old.started_at < date_bin('15 minutes', progress.counted_until, '2000-01-01 00:00:00+00')
    where calendars.organization_id = organizations.id and calendars.counted_until = 'infinity' and isfinite(progress.counted_until)
  ) interactions
  where num_nonnulls(conversations.due_at, interactions.due_at) > 0
$$;
comment on function private.organizations_to_trim() is 'Organizations with conversations or interactions that their plans keep no longer, for the job apply-retention.';

create function private.apply_retention(organization_id uuid, batch integer default 5000)
returns integer
language sql
set search_path = ''
as $$
  -- Sessions first: docs/decisions/locks-in-one-order.md.
  select private.remove_old_sessions(apply_retention.organization_id, batch / 50)
    + private.remove_old_interactions(apply_retention.organization_id, batch)
$$;
comment on function private.apply_retention(uuid, integer) is 'Removes conversations and interactions that an organization''s plan keeps no longer, a bounded share of them, and returns how many.';

-- Thoughts and executions -----------------------------------------------------------------

create function private.conversations_kept_since(organization_id uuid)
returns timestamptz
language sql
stable
set search_path = ''
as $$
  select case
    when organization_id is not null then (
      select now() - make_interval(days => plans.conversation_days)
      from public.organizations join public.plans on plans.id = organizations.plan
      where organizations.id = conversations_kept_since.organization_id
    )
    -- What belongs to no organization stays as long as the longest plan in use says.
    else (
      select now() - make_interval(days => max(plans.conversation_days))
      from public.plans where plans.id in (select organizations.plan from public.organizations)
      having bool_and(plans.conversation_days is not null)
    )
  end
$$;
comment on function private.conversations_kept_since(uuid) is 'Since when the conversations of an organization, and what its agents thought and executed, are kept, or, without one, what belongs to none. Null: for ever.';

create function private.agents_to_trim()
returns setof private.due_item
language sql
stable
set search_path = ''
as $$
  select agents.id::text, row_number() over (partition by agents.organization_id, agents.created_by order by agents.id), null::timestamptz
  from (
    select organizations.id as organization_id, private.conversations_kept_since(organizations.id) as since from public.organizations
    union all
    select null, private.conversations_kept_since(null)
  ) kept
  join public.agents on agents.organization_id is not distinct from kept.organization_id
  where exists (
    select from public.agent_thoughts thoughts where thoughts.agent_id = agents.id and thoughts.created_at < kept.since
  ) or exists (
    select from public.workflows
    join public.workflow_executions executions on executions.workflow_id = workflows.id
    where workflows.agent_id = agents.id and executions.started_at < kept.since and executions.updated_at < kept.since
  )
$$;
comment on function private.agents_to_trim() is 'Agents with thoughts or executions that are kept no longer, each owner''s first before a second of any, for the job remove-old-thoughts.';

create function private.remove_old_thoughts(agent_id uuid, batch integer)
returns integer
language sql
set search_path = ''
as $$
  with old as (
    select thoughts.id
    from public.agents
    join public.agent_thoughts thoughts
      on thoughts.agent_id = agents.id and thoughts.created_at < private.conversations_kept_since(agents.organization_id)
    where agents.id = remove_old_thoughts.agent_id
    limit batch
    for update of thoughts skip locked
  ),
  removed as (
    delete from public.agent_thoughts where agent_thoughts.id in (select old.id from old) returning agent_thoughts.id
  )
  select count(*)::integer from removed
$$;
comment on function private.remove_old_thoughts(uuid, integer) is 'Removes thoughts of an agent that are older than its plan keeps conversations, at most so many, and returns how many.';

create function private.remove_old_executions(agent_id uuid, batch integer)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  removed integer;
begin
  -- Removing them takes nothing off the workflows' counters.
  perform set_config('agentbase.keeps_figures', 'on', true);
  with old as (
    select executions.id
    from public.agents
    cross join lateral (select private.conversations_kept_since(agents.organization_id) as since) kept
    join public.workflows on workflows.agent_id = agents.id
    join public.workflow_executions executions
      on executions.workflow_id = workflows.id and executions.started_at < kept.since and executions.updated_at < kept.since
    where agents.id = remove_old_executions.agent_id
    limit batch
    for update of executions skip locked
  )
  delete from public.workflow_executions where workflow_executions.id in (select old.id from old);
  get diagnostics removed = row_count;
  perform set_config('agentbase.keeps_figures', '', true);
  return removed;
end
$$;
comment on function private.remove_old_executions(uuid, integer) is 'Removes executions of an agent''s workflows, with their thoughts, to which nothing happened for as long as the agent''s plan keeps conversations, at most so many, and returns how many. The counters of their workflows stay.';

create function private.trim_agent(agent_id uuid, batch integer default 5000)
returns integer
language sql
set search_path = ''
as $$
  select private.remove_old_thoughts(trim_agent.agent_id, batch) + private.remove_old_executions(trim_agent.agent_id, batch / 10)
$$;
comment on function private.trim_agent(uuid, integer) is 'Removes what an agent thought and executed and is kept no longer, a bounded share of it, and returns how many thoughts and executions.';

-- Measurements ----------------------------------------------------------------------------

create function private.drop_old_measurements()
returns integer
language sql
set search_path = ''
as $$
  -- A month holds rows of all organizations: it goes when the longest plan in use lets it.
  select private.drop_old_partitions((
    select case when bool_and(plans.measurement_days is not null) then now() - make_interval(days => max(plans.measurement_days)) end
    from public.plans where plans.id in (select organizations.plan from public.organizations)
  ))
$$;
comment on function private.drop_old_measurements() is 'Drops the months of measurements that no plan in use keeps any longer, and returns how many.';

-- Back from an archive --------------------------------------------------------------------

create unlogged table private.archived_interactions (
  like public.ai_interactions including defaults including comments,
  primary key (id)
);
comment on table private.archived_interactions is 'Interactions that npm run archive read from its files, on their way back into the ledger. Unlogged, and empty but for that time.';

create function private.without_what_is_gone()
returns integer
language plpgsql
set search_path = ''
as $$
declare
  left_out integer;
begin
  -- A row without its person or key would be another row in the figures.
  delete from private.archived_interactions archived
  where not exists (select from public.organizations where organizations.id = archived.organization_id)
    or archived.user_id is not null and not exists (select from public.profiles where profiles.id = archived.user_id)
    or archived.vendor_id is not null and not exists (select from public.vendors where vendors.id = archived.vendor_id)
    or archived.access_key_id is not null and not exists (select from public.access_keys keys where keys.id = archived.access_key_id);
  get diagnostics left_out = row_count;
  update private.archived_interactions archived
  set session_id = (select sessions.id from public.chat_sessions sessions where sessions.id = archived.session_id),
      model_id = (select models.id from public.models where models.id = archived.model_id),
      service_id = (select services.id from public.vendor_services services where services.id = archived.service_id),
      price_id = (select prices.id from public.service_prices prices where prices.id = archived.price_id);
  return left_out;
end
$$;
comment on function private.without_what_is_gone() is 'Takes rows out of archived_interactions whose organization, person, vendor or access key is gone, and returns how many; other references that lead nowhere become null.';

create function private.without_what_is_unknown()
returns uuid[]
language sql
set search_path = ''
as $$
  with unknown as (
    delete from private.archived_interactions archived
    where not exists (
      select from public.past_usage past
      where past.organization_id = archived.organization_id
        and past.started_at = date_bin('15 minutes', archived.started_at, '2000-01-01 00:00:00+00')
        and private.interaction_fingerprint(row(archived.*)::public.ai_interactions) = any (past.fingerprints)
    )
    returning archived.id
  )
  select array(select unknown.id from unknown order by unknown.id)
$$;
comment on function private.without_what_is_unknown() is 'Takes rows out of archived_interactions that were not removed from this ledger, or not as they are there, and returns their ids: what they add to the figures nobody knows.';

create function private.take_past_usage(interactions uuid[])
returns void
language plpgsql
set search_path = ''
as $$
declare
  changed bigint[];
begin
  with taken as (
    update public.past_usage past
    set interactions = past.interactions - sums.interactions, failed = past.failed - sums.failed,
        unpriced = past.unpriced - sums.unpriced, recorded = past.recorded - sums.recorded,
        input_tokens = past.input_tokens - sums.input_tokens,
        output_tokens = past.output_tokens - sums.output_tokens, total_cost = past.total_cost - sums.total_cost,
        recorded_cost = past.recorded_cost - sums.recorded_cost,
        duration_minutes = past.duration_minutes - sums.duration_minutes,
        satisfaction_sum = past.satisfaction_sum - sums.satisfaction_sum,
        satisfaction_count = past.satisfaction_count - sums.satisfaction_count,
        usefulness_sum = past.usefulness_sum - sums.usefulness_sum,
        usefulness_count = past.usefulness_count - sums.usefulness_count,
        fingerprints = array(select unnest(past.fingerprints) except all select unnest(sums.fingerprints))
    from private.past_usage_of(take_past_usage.interactions) sums
    where (past.organization_id, past.started_at) = (sums.organization_id, sums.started_at)
      and past.user_id is not distinct from sums.user_id
      and past.agent_id is not distinct from sums.agent_id
      and past.vendor_id is not distinct from sums.vendor_id
      and past.model_name is not distinct from sums.model_name
      and past.access_key_id is not distinct from sums.access_key_id
    returning past.id
  )
  select array_agg(taken.id) into changed from taken;
  delete from public.past_usage where past_usage.id = any (changed) and past_usage.fingerprints = '{}';
end
$$;
comment on function private.take_past_usage(uuid[]) is 'Takes what interactions add to the figures out of past_usage; they came back in the same transaction.';

create function private.refuse_while_counting()
returns void
language plpgsql
set search_path = ''
as $$
begin
  perform
  from (
    select archived.organization_id, max(archived.started_at) as latest
    from private.archived_interactions archived group by archived.organization_id
  ) organizations
  where (organizations.latest < private.evenly_counted_until(organizations.organization_id)) is not true;
  if found then
    perform private.refuse(
      409, 'usage_is_being_counted', 'The figures of an organization are being counted anew.', 'Repeat it in some minutes.'
    );
  end if;
end
$$;
comment on function private.refuse_while_counting() is 'Refuses archived_interactions whose quarters of an hour may be counted in part.';

create function private.restore_interactions()
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  present integer;
  left_out integer;
  unknown uuid[];
  ids uuid[];
begin
  lock table private.archived_interactions in access exclusive mode;
  delete from private.archived_interactions archived
  where exists (select from public.ai_interactions interactions where interactions.id = archived.id);
  get diagnostics present = row_count;
  left_out := private.without_what_is_gone();
  unknown := private.without_what_is_unknown();
  perform private.refuse_while_counting();
  perform set_config('agentbase.keeps_figures', 'on', true);
  with restored as (
    insert into public.ai_interactions select archived.* from private.archived_interactions archived returning ai_interactions.id
  )
  select array_agg(restored.id) into ids from restored;
  perform set_config('agentbase.keeps_figures', '', true);
  perform private.take_past_usage(ids);
  delete from private.archived_interactions;
  return jsonb_build_object(
    'restored', coalesce(cardinality(ids), 0), 'present', present, 'left_out', left_out, 'unknown', unknown
  );
end
$$;
comment on function private.restore_interactions() is
  'Puts archived_interactions back into the ledger and takes what they add to the figures out of past_usage, so that the figures stay. Returns how many were {"restored", "present" already, "left_out" because organization, person, vendor or access key are gone}, and the ids of those "unknown": not removed from here, or changed between the archive and that. Errors: PT409 usage_is_being_counted.';
