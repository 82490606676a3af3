-- Retention: how long an organization's plan keeps data. Conversations, thoughts and interactions
-- are removed in batches, measurements by the month. The usage of a removed interaction is moved to
-- usage_archive_rollup in the same transaction.

create function private.watermark_of(organization_id uuid)
returns timestamptz
language sql
set search_path = ''
as $$
  -- The lock keeps its calendar from being replaced before this transaction ends.
  select date_bin('15 minutes', watermark.rolled_up_until, '2000-01-01 00:00:00+00')
  from public.usage_calendars calendars
  cross join private.usage_watermark watermark
  where calendars.organization_id = watermark_of.organization_id
    and calendars.rolled_up_until = 'infinity'
    and isfinite(watermark.rolled_up_until)
  for share of calendars
$$;
comment on function private.watermark_of(uuid) is
  'Up to which quarter of an hour an organization''s usage is rolled up; null while its calendar '
  'catches up.';

create function private.retention_cutoff(organization_id uuid)
returns timestamptz
language sql
set search_path = ''
as $$
  select least(
    date_bin(
      '15 minutes', now() - make_interval(days => plans.interaction_days), '2000-01-01 00:00:00+00'
    ),
    rolled_up.until
  )
  from public.organizations
  join public.plans on plans.id = organizations.plan
  cross join lateral (select private.watermark_of(organizations.id) as until) rolled_up
  where organizations.id = retention_cutoff.organization_id
    and plans.interaction_days is not null
    and rolled_up.until is not null
$$;
comment on function private.retention_cutoff(uuid) is
  'The time before which interactions of an organization may be removed: older than its plan keeps '
  'them, and rolled up. Null if the plan keeps them forever, or its calendar catches up.';

create function private.interaction_fingerprint(archived public.ai_interactions)
returns bigint
language sql
immutable
set search_path = ''
as $$
  select hashtextextended(
    row(
      interaction.id, interaction.user_id, interaction.agent_id, interaction.vendor_id,
      interaction.model_name, interaction.access_key_id, interaction.status = 'deleted',
      -- each measure: {of}
      1::bigint, (interaction.turn_state is not distinct from 'failed')::integer::bigint,
      ( interaction.source <> 'manual' and interaction.total_cost is null and
        interaction.input_tokens + interaction.output_tokens > 0 )::integer::bigint,
      (interaction.source = 'manual')::integer::bigint, interaction.input_tokens::numeric,
      interaction.output_tokens::numeric,
      case when interaction.source = 'manual' then 0 else coalesce(interaction.total_cost, 0) end,
      case when interaction.source = 'manual' then coalesce(interaction.total_cost, 0) else 0 end,
      coalesce(interaction.duration_minutes, 0)::bigint,
      coalesce(interaction.satisfaction_rating, 0)::bigint,
      (interaction.satisfaction_rating is not null)::integer::bigint,
      coalesce(interaction.usefulness_rating, 0)::bigint,
      (interaction.usefulness_rating is not null)::integer::bigint
      -- end
    )::text,
    0
  )
  from (select (interaction_fingerprint.archived).*) interaction
$$;
comment on function private.interaction_fingerprint(public.ai_interactions) is
  'A hash of an interaction''s id and usage.';

create function private.usage_of_interactions(interactions uuid[])
returns setof public.usage_archive_rollup
language sql
stable
set search_path = ''
as $$
  select
    null::bigint, date_bin('15 minutes', ledger.started_at, '2000-01-01 00:00:00+00'),
    ledger.organization_id, ledger.user_id, ledger.agent_id, ledger.vendor_id,
    left(ledger.model_name, 255), ledger.access_key_id,
    -- Deleted ones have no usage; their fingerprints are kept all the same.
    -- each measure: coalesce(sum(usage.{name}), 0),
    coalesce(sum(usage.interactions), 0), coalesce(sum(usage.failed), 0),
    coalesce(sum(usage.unpriced), 0), coalesce(sum(usage.recorded), 0),
    coalesce(sum(usage.input_tokens), 0), coalesce(sum(usage.output_tokens), 0),
    coalesce(sum(usage.total_cost), 0), coalesce(sum(usage.recorded_cost), 0),
    coalesce(sum(usage.duration_minutes), 0), coalesce(sum(usage.satisfaction_sum), 0),
    coalesce(sum(usage.satisfaction_count), 0), coalesce(sum(usage.usefulness_sum), 0),
    coalesce(sum(usage.usefulness_count), 0),
    -- end
    array_agg(private.interaction_fingerprint(ledger)), now()
  from public.ai_interactions ledger
  left join private.interaction_usage usage
    on usage.interaction_id = ledger.id
    and usage.interaction_id = any (usage_of_interactions.interactions)
  where ledger.id = any (usage_of_interactions.interactions)
  group by 2, 3, 4, 5, 6, 7, 8
$$;
comment on function private.usage_of_interactions(uuid[]) is
  'Usage of interactions of the ledger, as rows of usage_archive_rollup without an id.';

create function private.archive_usage(interactions uuid[])
returns void
language sql
set search_path = ''
as $$
  insert into public.usage_archive_rollup as rollup (
    started_at, organization_id, user_id, agent_id, vendor_id, model_name, access_key_id,
    -- each measure: {name},
    interactions, failed, unpriced, recorded, input_tokens, output_tokens, total_cost,
    recorded_cost, duration_minutes, satisfaction_sum, satisfaction_count, usefulness_sum,
    usefulness_count,
    -- end
    fingerprints
  )
  select
    archived.started_at, archived.organization_id, archived.user_id, archived.agent_id,
    archived.vendor_id, archived.model_name, archived.access_key_id,
    -- each measure: archived.{name},
    archived.interactions, archived.failed, archived.unpriced, archived.recorded,
    archived.input_tokens, archived.output_tokens, archived.total_cost, archived.recorded_cost,
    archived.duration_minutes, archived.satisfaction_sum, archived.satisfaction_count,
    archived.usefulness_sum, archived.usefulness_count,
    -- end
    archived.fingerprints
  from private.usage_of_interactions(archive_usage.interactions) archived
  on conflict (
    organization_id, started_at, user_id, agent_id, vendor_id, model_name, access_key_id
  ) do update set
    -- each measure: {name} = rollup.{name} + excluded.{name},
    interactions = rollup.interactions + excluded.interactions,
    failed = rollup.failed + excluded.failed, unpriced = rollup.unpriced + excluded.unpriced,
    recorded = rollup.recorded + excluded.recorded,
    input_tokens = rollup.input_tokens + excluded.input_tokens,
    output_tokens = rollup.output_tokens + excluded.output_tokens,
    total_cost = rollup.total_cost + excluded.total_cost,
    recorded_cost = rollup.recorded_cost + excluded.recorded_cost,
    duration_minutes = rollup.duration_minutes + excluded.duration_minutes,
    satisfaction_sum = rollup.satisfaction_sum + excluded.satisfaction_sum,
    satisfaction_count = rollup.satisfaction_count + excluded.satisfaction_count,
    usefulness_sum = rollup.usefulness_sum + excluded.usefulness_sum,
    usefulness_count = rollup.usefulness_count + excluded.usefulness_count,
    -- end
    fingerprints = rollup.fingerprints || excluded.fingerprints
$$;
comment on function private.archive_usage(uuid[]) is
  'Adds the usage of interactions, which the same transaction removes, to usage_archive_rollup.';

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
    cross join private.usage_watermark watermark
    join public.ai_interactions old
      on old.organization_id = organizations.id
      and old.started_at < date_bin(
        '15 minutes',
        now() - make_interval(days => plans.interaction_days),
        '2000-01-01 00:00:00+00'
      )
      and old.started_at
        < date_bin('15 minutes', watermark.rolled_up_until, '2000-01-01 00:00:00+00')
    where calendars.organization_id = organizations.id
      and calendars.rolled_up_until = 'infinity'
      and isfinite(watermark.rolled_up_until)
  ) interactions
  where num_nonnulls(conversations.due_at, interactions.due_at) > 0
$$;
comment on function private.organizations_to_trim() is
  'Organizations with conversations or interactions past the retention of their plans, for the job '
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
    -- Rows without an organization are kept as long as the longest plan in use.
    else (
      select now() - make_interval(days => max(plans.conversation_days))
      from public.plans where plans.id in (select organizations.plan from public.organizations)
      having bool_and(plans.conversation_days is not null)
    )
  end
$$;
comment on function private.conversations_kept_since(uuid) is
  'The time since which conversations, thoughts and executions of an organization, or of rows '
  'without one, are kept. Null: forever.';

create function private.remove_old_interactions(organization_id uuid, batch integer)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  until constant timestamptz := private.retention_cutoff(remove_old_interactions.organization_id);
  old uuid[];
begin
  -- Their removal does not change figures: the triggers of deltas and counters check this setting.
  perform set_config('agentbase.is_retention', 'on', true);
  old := array(
    select interactions.id from public.ai_interactions interactions
    where interactions.organization_id = remove_old_interactions.organization_id
      and interactions.started_at < until
    order by interactions.started_at
    limit remove_old_interactions.batch
    for update skip locked
  );
  perform private.archive_usage(old);
  delete from public.ai_interactions where ai_interactions.id = any (old);
  perform set_config('agentbase.is_retention', '', true);
  return cardinality(old);
end
$$;
comment on function private.remove_old_interactions(uuid, integer) is
  'Removes interactions past the retention of an organization''s plan, oldest first, up to a '
  'number, and returns how many. The figures, the agents'' counters and the budgets stay as they '
  'are.';

create function private.remove_sessions(
  sessions uuid[], since timestamptz, messages integer
)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  -- One that was continued in the meantime is locked, or no longer old.
  old uuid[] := array(
    select found.id from public.chat_sessions found
    where found.id = any (remove_sessions.sessions)
      and found.last_activity_at < remove_sessions.since
      and not exists (select from private.running_turns turns where turns.session_id = found.id)
    for update skip locked
  );
begin
  old := array(
    select due.id
    from (
      select found.id, sum(found.message_count) over (
        order by found.last_activity_at, found.id
      ) - found.message_count as messages_before
      from public.chat_sessions found
      where found.id = any (old)
    ) due
    where due.messages_before < remove_sessions.messages
  );
  perform set_config('agentbase.is_retention', 'on', true);
  -- Deleted here in one statement, which foreign keys would do session by session.
  update public.ai_interactions set session_id = null where ai_interactions.session_id = any (old);
  delete from public.chat_messages where chat_messages.session_id = any (old);
  delete from public.chat_sessions where chat_sessions.id = any (old);
  perform set_config('agentbase.is_retention', '', true);
  return cardinality(old);
end
$$;
comment on function private.remove_sessions(uuid[], timestamptz, integer) is
  'Removes those of these conversations without a message since a time and without a running turn, '
  'oldest first, up to a number of messages, and returns how many. The ledger keeps their usage.';

create function private.remove_old_sessions(organization_id uuid, batch integer)
returns integer
language sql
set search_path = ''
as $$
  select private.remove_sessions(
    array(
      select sessions.id
      from public.chat_sessions sessions
      where sessions.org_id = remove_old_sessions.organization_id
        and sessions.last_activity_at < kept.since
        and not exists (
          select from private.running_turns turns where turns.session_id = sessions.id
        )
      order by sessions.last_activity_at
      limit remove_old_sessions.batch
    ),
    kept.since, 10 * remove_old_sessions.batch
  )
  from (
    select private.conversations_kept_since(remove_old_sessions.organization_id) as since
  ) kept
$$;
comment on function private.remove_old_sessions(uuid, integer) is
  'Removes conversations past the retention of their organization''s plan, oldest first, up to a '
  'number, fewer if they are longer than ten messages, and returns how many. The ledger keeps '
  'their usage.';

create function private.apply_retention(organization_id uuid, batch integer default 1000)
returns integer
language sql
set search_path = ''
as $$
  -- Sessions first: docs/decisions/lock-order.md.
  select private.remove_old_sessions(apply_retention.organization_id, apply_retention.batch)
    + private.remove_old_interactions(apply_retention.organization_id, apply_retention.batch)
$$;
comment on function private.apply_retention(uuid, integer) is
  'Removes conversations and interactions past the retention of an organization''s plan, up to a '
  'number of each, and returns how many. The job calls it until nothing is left.';
