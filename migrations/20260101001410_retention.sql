-- Retention: old rows go, and no figure changes.

-- Retention: how long an organization's plan keeps what. Conversations, thoughts
-- and interactions go in batches, measurements with their month. The figures
-- stay: what an interaction added to them goes into past_usage before it goes.


create function private.evenly_counted_until(organization_id uuid)
returns timestamptz
language sql
set search_path = ''
as $$
  -- In a calendar that keeps up. Nobody gives the organization another one before this transaction
  -- is over.
  select date_bin('15 minutes', progress.counted_until, '2000-01-01 00:00:00+00')
  from public.usage_calendars calendars
  cross join private.usage_progress progress
  where calendars.organization_id = evenly_counted_until.organization_id
    and calendars.counted_until = 'infinity'
    and isfinite(progress.counted_until)
  for share of calendars
$$;
comment on function private.evenly_counted_until(uuid) is
  'Up to which quarter of an hour an organization''s interactions are counted; null while they '
  'are being counted anew.';

create function private.removable_until(organization_id uuid)
returns timestamptz
language sql
set search_path = ''
as $$
  select least(
    date_bin(
      '15 minutes', now() - make_interval(days => plans.interaction_days), '2000-01-01 00:00:00+00'
    ),
    counted.until
  )
  from public.organizations
  join public.plans on plans.id = organizations.plan
  cross join lateral (select private.evenly_counted_until(organizations.id) as until) counted
  where organizations.id = removable_until.organization_id
    and plans.interaction_days is not null
    and counted.until is not null
$$;
comment on function private.removable_until(uuid) is
  'Interactions of an organization that began before may be removed: its plan keeps them no '
  'longer, and they are counted. Null where the plan keeps them for ever, or counting is under '
  'way.';

create function private.interaction_fingerprint(interaction public.ai_interactions)
returns bigint
language sql
immutable
set search_path = ''
as $$
  select hashtextextended(
    row(
      interaction.id, interaction.user_id, interaction.agent_id, interaction.vendor_id,
      interaction.model_name,
      interaction.access_key_id, interaction.source = 'manual',
      interaction.turn_state is not distinct from 'failed',
      interaction.status = 'deleted', interaction.input_tokens, interaction.output_tokens,
      interaction.total_cost,
      interaction.duration_minutes, interaction.satisfaction_rating, interaction.usefulness_rating
    )::text,
    0
  )
$$;
comment on function private.interaction_fingerprint(public.ai_interactions) is
  'Tells an interaction, and all that it adds to the figures of its quarter of an hour, from any '
  'other.';

create function private.past_usage_of(interactions uuid[])
returns setof public.past_usage
language sql
stable
set search_path = ''
as $$
  select
    null::bigint,
    ledger.organization_id,
    date_bin('15 minutes', ledger.started_at, '2000-01-01 00:00:00+00'),
    ledger.user_id,
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
comment on function private.past_usage_of(uuid[]) is
  'What interactions of the ledger add to the figures, as rows of past_usage that have no number.';

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
    sums.organization_id, sums.started_at, sums.user_id, sums.agent_id, sums.vendor_id,
    sums.model_name, sums.access_key_id,
    sums.interactions, sums.failed, sums.unpriced, sums.recorded, sums.input_tokens,
    sums.output_tokens, sums.total_cost, sums.recorded_cost, sums.duration_minutes,
    sums.satisfaction_sum, sums.satisfaction_count, sums.usefulness_sum, sums.usefulness_count,
    sums.fingerprints
  from private.past_usage_of(give_past_usage.interactions) sums
  on conflict (
    organization_id, started_at, user_id, agent_id, vendor_id, model_name, access_key_id
  ) do update set (
    interactions, failed, unpriced, recorded, input_tokens, output_tokens, total_cost,
    recorded_cost, duration_minutes,
    satisfaction_sum, satisfaction_count, usefulness_sum, usefulness_count, fingerprints
  ) = (
    past.interactions + excluded.interactions, past.failed + excluded.failed,
    past.unpriced + excluded.unpriced, past.recorded + excluded.recorded,
    past.input_tokens + excluded.input_tokens, past.output_tokens + excluded.output_tokens,
    past.total_cost + excluded.total_cost, past.recorded_cost + excluded.recorded_cost,
    past.duration_minutes + excluded.duration_minutes,
    past.satisfaction_sum + excluded.satisfaction_sum,
    past.satisfaction_count + excluded.satisfaction_count,
    past.usefulness_sum + excluded.usefulness_sum,
    past.usefulness_count + excluded.usefulness_count, past.fingerprints || excluded.fingerprints
  )
$$;
comment on function private.give_past_usage(uuid[]) is
  'Adds to past_usage what interactions add to the figures; they are to be removed in the same '
  'transaction.';

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
    select min(sessions.last_activity_at) + make_interval(
      days => plans.conversation_days
    ) as due_at
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
      and old.started_at < date_bin(
        '15 minutes',
        now() - make_interval(days => plans.interaction_days),
        '2000-01-01 00:00:00+00'
      )
      and old.started_at < date_bin('15 minutes', progress.counted_until, '2000-01-01 00:00:00+00')
    where calendars.organization_id = organizations.id
      and calendars.counted_until = 'infinity'
      and isfinite(progress.counted_until)
  ) interactions
  where num_nonnulls(conversations.due_at, interactions.due_at) > 0
$$;
comment on function private.organizations_to_trim() is
  'Organizations with conversations or interactions that their plans keep no longer, for the job '
  'apply-retention.';

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
comment on function private.conversations_kept_since(uuid) is
  'Since when the conversations of an organization, and what its agents thought and executed, '
  'are kept, or, without one, what belongs to none. Null: for ever.';

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
comment on function private.remove_old_interactions(uuid, integer) is
  'Removes interactions that an organization''s plan keeps no longer, at most so many, oldest '
  'first, and returns how many. The figures, the agents'' counters and the budgets stay as they '
  'are.';

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
        select
        from public.ai_interactions turns
        where turns.session_id = sessions.id and turns.turn_state = 'running'
      )
    limit batch
    for update of sessions skip locked
  ),
  removed as (
    delete from public.chat_sessions
    where chat_sessions.id in (select old.id from old)
    returning chat_sessions.id
  )
  select count(*)::integer from removed
$$;
comment on function private.remove_old_sessions(uuid, integer) is
  'Removes conversations in which nothing was said for as long as their organization''s plan '
  'keeps them, at most so many, and returns how many. The ledger keeps what they used.';

create function private.apply_retention(organization_id uuid, batch integer default 5000)
returns integer
language sql
set search_path = ''
as $$
  -- Sessions first: docs/decisions/locks-in-one-order.md.
  select private.remove_old_sessions(apply_retention.organization_id, batch / 50)
    + private.remove_old_interactions(apply_retention.organization_id, batch)
$$;
comment on function private.apply_retention(uuid, integer) is
  'Removes conversations and interactions that an organization''s plan keeps no longer, a '
  'bounded share of them, and returns how many.';
