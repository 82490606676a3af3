-- Retention: how long an organization's plan keeps what. Conversations and
-- interactions go in batches, measurements with their month. The figures stay:
-- what an interaction added to them goes into past_usage before it goes.

-- Interactions ------------------------------------------------------------------------

create function private.removable_until(organization_id uuid)
returns timestamptz
language sql
set search_path = ''
as $$
  -- Only what is counted, and in a calendar that keeps up. Nobody gives the
  -- organization another calendar before this transaction is over.
  select date_bin(
    '15 minutes',
    least(now() - make_interval(days => plans.interaction_days), progress.counted_until),
    '2000-01-01 00:00:00+00'
  )
  from public.usage_calendars calendars
  join public.organizations on organizations.id = calendars.organization_id
  join public.plans on plans.id = organizations.plan
  cross join private.usage_progress progress
  where calendars.organization_id = removable_until.organization_id
    and calendars.counted_until = 'infinity'
    and isfinite(progress.counted_until)
  for share of calendars
$$;
comment on function private.removable_until(uuid) is 'Interactions of an organization that began before may be removed: its plan keeps them no longer, and they are counted. Null where the plan keeps them for ever, or counting is under way.';

create function private.sum_up_interactions(interactions uuid[])
returns void
language sql
set search_path = ''
as $$
  insert into public.past_usage as past (
    organization_id, started_at, user_id, agent_id, vendor_id, model_name, access_key_id,
    interactions, failed, unpriced, input_tokens, output_tokens, total_cost, turn_cost, duration_minutes,
    satisfaction_sum, satisfaction_count, usefulness_sum, usefulness_count
  )
  select
    usage.organization_id, date_bin('15 minutes', usage.started_at, '2000-01-01 00:00:00+00'), usage.user_id, usage.agent_id,
    usage.vendor_id, usage.model_name, usage.access_key_id, sum(usage.interactions), sum(usage.failed), sum(usage.unpriced),
    sum(usage.input_tokens), sum(usage.output_tokens), sum(usage.total_cost),
    coalesce(sum(usage.total_cost) filter (where ledger.source <> 'manual'), 0), sum(usage.duration_minutes),
    sum(usage.satisfaction_sum), sum(usage.satisfaction_count), sum(usage.usefulness_sum), sum(usage.usefulness_count)
  from private.interaction_usage usage
  join public.ai_interactions ledger on ledger.id = usage.interaction_id
  where usage.interaction_id = any (sum_up_interactions.interactions)
  group by 1, 2, 3, 4, 5, 6, 7
  on conflict (organization_id, started_at, user_id, agent_id, vendor_id, model_name, access_key_id) do update set (
    interactions, failed, unpriced, input_tokens, output_tokens, total_cost, turn_cost, duration_minutes,
    satisfaction_sum, satisfaction_count, usefulness_sum, usefulness_count
  ) = (
    past.interactions + excluded.interactions, past.failed + excluded.failed, past.unpriced + excluded.unpriced,
    past.input_tokens + excluded.input_tokens, past.output_tokens + excluded.output_tokens,
    past.total_cost + excluded.total_cost, past.turn_cost + excluded.turn_cost,
    past.duration_minutes + excluded.duration_minutes, past.satisfaction_sum + excluded.satisfaction_sum,
    past.satisfaction_count + excluded.satisfaction_count, past.usefulness_sum + excluded.usefulness_sum,
    past.usefulness_count + excluded.usefulness_count
  )
$$;
comment on function private.sum_up_interactions(uuid[]) is 'Adds to past_usage what interactions add to the figures; they are to be removed in the same transaction.';

create function private.remove_old_interactions(batch integer)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  organization record;
  old uuid[];
  total integer := 0;
begin
  -- Removing them is no late change: the triggers that keep figures and counters look at this.
  perform set_config('agentbase.keeps_figures', 'on', true);
  for organization in
    select organizations.id, private.removable_until(organizations.id) as until
    from public.organizations
    join public.plans on plans.id = organizations.plan
    where exists (
      select from public.ai_interactions interactions
      where interactions.organization_id = organizations.id
        and interactions.started_at < now() - make_interval(days => plans.interaction_days)
    )
    order by organizations.id
  loop
    exit when total >= batch;
    old := array(
      select interactions.id from public.ai_interactions interactions
      where interactions.organization_id = organization.id
        and interactions.started_at < organization.until
        and interactions.turn_state is distinct from 'running'
      order by interactions.started_at
      limit batch - total
      for update skip locked
    );
    perform private.sum_up_interactions(old);
    delete from public.ai_interactions where ai_interactions.id = any (old);
    total := total + cardinality(old);
  end loop;
  perform set_config('agentbase.keeps_figures', '', true);
  return total;
end
$$;
comment on function private.remove_old_interactions(integer) is 'Removes interactions that their organization''s plan keeps no longer, at most so many, oldest first, and returns how many. The figures, the agents'' counters and the budgets stay as they are.';

-- Conversations -------------------------------------------------------------------------

create function private.remove_old_sessions(batch integer)
returns integer
language sql
set search_path = ''
as $$
  with old as (
    select sessions.id
    from public.plans
    join public.organizations on organizations.plan = plans.id
    join public.chat_sessions sessions
      on sessions.org_id = organizations.id
      and sessions.last_activity_at < now() - make_interval(days => plans.conversation_days)
    where not exists (
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
comment on function private.remove_old_sessions(integer) is 'Removes conversations in which nothing was said for as long as their organization''s plan keeps them, at most so many, and returns how many. The ledger keeps what they used.';

create function private.apply_retention(batch integer default 5000)
returns integer
language sql
set search_path = ''
as $$
  -- Sessions first: docs/decisions/locks-in-one-order.md.
  select private.remove_old_sessions(batch / 10)
    + private.remove_old_interactions(batch)
    -- A month holds rows of all organizations: it goes when the longest plan in use lets it.
    + private.drop_old_partitions((
      select case when bool_and(plans.measurement_days is not null) then now() - make_interval(days => max(plans.measurement_days)) end
      from public.plans where plans.id in (select organizations.plan from public.organizations)
    ))
$$;
comment on function private.apply_retention(integer) is 'Removes what the plans keep no longer, a bounded share of it, and returns how many conversations, interactions and months.';

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
  -- A row without its person, agent or key would be another row in the figures.
  delete from private.archived_interactions archived
  where not exists (select from public.organizations where organizations.id = archived.organization_id)
    or archived.user_id is not null and not exists (select from public.profiles where profiles.id = archived.user_id)
    or archived.agent_id is not null and not exists (select from public.agents where agents.id = archived.agent_id)
    or archived.vendor_id is not null and not exists (select from public.vendors where vendors.id = archived.vendor_id)
    or archived.access_key_id is not null and not exists (select from public.access_keys keys where keys.id = archived.access_key_id);
  get diagnostics left_out = row_count;
  update private.archived_interactions archived
  set session_id = (select sessions.id from public.chat_sessions sessions where sessions.id = archived.session_id),
      model_id = (select models.id from public.models where models.id = archived.model_id),
      service_id = (select services.id from public.vendor_services services where services.id = archived.service_id),
      price_id = (select prices.id from public.service_prices prices where prices.id = archived.price_id),
      -- Keys are good for a day.
      idempotency_key = null, request_fingerprint = null;
  return left_out;
end
$$;
comment on function private.without_what_is_gone() is 'Takes rows out of archived_interactions whose organization, person, agent, vendor or access key is gone, and returns how many; other references that lead nowhere become null.';

create function private.take_past_usage()
returns bigint
language sql
set search_path = ''
as $$
  with sums as (
    select
      archived.organization_id, date_bin('15 minutes', archived.started_at, '2000-01-01 00:00:00+00') as started_at,
      archived.user_id, archived.agent_id, archived.vendor_id, left(archived.model_name, 255) as model_name,
      archived.access_key_id,
      count(*) as interactions, count(*) filter (where archived.turn_state = 'failed') as failed,
      count(*) filter (where archived.total_cost is null and archived.input_tokens + archived.output_tokens > 0) as unpriced,
      sum(archived.input_tokens) as input_tokens, sum(archived.output_tokens) as output_tokens,
      coalesce(sum(archived.total_cost), 0) as total_cost,
      coalesce(sum(archived.total_cost) filter (where archived.source <> 'manual'), 0) as turn_cost,
      coalesce(sum(archived.duration_minutes), 0) as duration_minutes,
      coalesce(sum(archived.satisfaction_rating), 0) as satisfaction_sum, count(archived.satisfaction_rating) as satisfaction_count,
      coalesce(sum(archived.usefulness_rating), 0) as usefulness_sum, count(archived.usefulness_rating) as usefulness_count
    from private.archived_interactions archived
    where archived.status <> 'deleted'
    group by 1, 2, 3, 4, 5, 6, 7
  ),
  taken as (
    update public.past_usage past
    set interactions = past.interactions - sums.interactions, failed = past.failed - sums.failed,
        unpriced = past.unpriced - sums.unpriced, input_tokens = past.input_tokens - sums.input_tokens,
        output_tokens = past.output_tokens - sums.output_tokens, total_cost = past.total_cost - sums.total_cost,
        turn_cost = past.turn_cost - sums.turn_cost, duration_minutes = past.duration_minutes - sums.duration_minutes,
        satisfaction_sum = past.satisfaction_sum - sums.satisfaction_sum,
        satisfaction_count = past.satisfaction_count - sums.satisfaction_count,
        usefulness_sum = past.usefulness_sum - sums.usefulness_sum,
        usefulness_count = past.usefulness_count - sums.usefulness_count
    from sums
    where (past.organization_id, past.started_at) = (sums.organization_id, sums.started_at)
      and past.user_id is not distinct from sums.user_id
      and past.agent_id is not distinct from sums.agent_id
      and past.vendor_id is not distinct from sums.vendor_id
      and past.model_name is not distinct from sums.model_name
      and past.access_key_id is not distinct from sums.access_key_id
    returning past.id
  )
  select (select count(*) from sums) - (select count(*) from taken)
$$;
comment on function private.take_past_usage() is 'Takes what archived_interactions add to the figures out of past_usage, and returns how many sums it does not know.';

create function private.restore_interactions()
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  present integer;
  left_out integer;
  restored integer;
begin
  lock table private.archived_interactions in access exclusive mode;
  delete from private.archived_interactions archived
  where exists (select from public.ai_interactions interactions where interactions.id = archived.id);
  get diagnostics present = row_count;
  left_out := private.without_what_is_gone();
  if private.take_past_usage() > 0 then
    perform private.refuse(
      409, 'not_removed_from_here', 'The figures of this database do not know these interactions.',
      'Restore them into the database that they were removed from.'
    );
  end if;
  delete from public.past_usage where past_usage.interactions = 0;
  perform set_config('agentbase.keeps_figures', 'on', true);
  insert into public.ai_interactions select archived.* from private.archived_interactions archived;
  get diagnostics restored = row_count;
  perform set_config('agentbase.keeps_figures', '', true);
  delete from private.archived_interactions;
  return jsonb_build_object('restored', restored, 'present', present, 'left_out', left_out);
end
$$;
comment on function private.restore_interactions() is
  'Puts archived_interactions back into the ledger and takes what they add to the figures out of past_usage, so that the figures stay. Returns how many were {"restored", "present" already, "left_out" because organization, person, agent, vendor or access key are gone}. Errors: PT409 not_removed_from_here.';
