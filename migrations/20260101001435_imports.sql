-- Imports: what messages and interactions of another system add to sessions, agents and usage
-- (npm run import, docs/import.md).

create function private.count_imported_interactions(ids uuid[], sign integer)
returns void
language plpgsql
set search_path = ''
as $$
begin
  insert into public.usage_deltas (
    started_at, organization_id, user_id, agent_id, vendor_id, model_name,
    -- each measure: {name}
    interactions, failed, unpriced, recorded, input_tokens, output_tokens, total_cost,
    recorded_cost, duration_minutes, satisfaction_sum, satisfaction_count, usefulness_sum,
    usefulness_count
    -- end
  )
  select
    usage.started_at, usage.organization_id, usage.user_id, usage.agent_id, usage.vendor_id,
    usage.model_name,
    -- each measure: count_imported_interactions.sign * usage.{name}
    count_imported_interactions.sign * usage.interactions,
    count_imported_interactions.sign * usage.failed,
    count_imported_interactions.sign * usage.unpriced,
    count_imported_interactions.sign * usage.recorded,
    count_imported_interactions.sign * usage.input_tokens,
    count_imported_interactions.sign * usage.output_tokens,
    count_imported_interactions.sign * usage.total_cost,
    count_imported_interactions.sign * usage.recorded_cost,
    count_imported_interactions.sign * usage.duration_minutes,
    count_imported_interactions.sign * usage.satisfaction_sum,
    count_imported_interactions.sign * usage.satisfaction_count,
    count_imported_interactions.sign * usage.usefulness_sum,
    count_imported_interactions.sign * usage.usefulness_count
    -- end
  from private.interaction_usage usage
  where usage.interaction_id = any (count_imported_interactions.ids)
    and usage.started_at < clock_timestamp() - interval '20 minutes';
  update public.agents
  set usage_count = greatest(0, agents.usage_count + count_imported_interactions.sign * added.uses),
      last_used_at = greatest(agents.last_used_at, added.latest)
  from (
    select interactions.agent_id, count(*) as uses, max(interactions.started_at) as latest
    from public.ai_interactions interactions
    where interactions.id = any (count_imported_interactions.ids)
    group by interactions.agent_id
  ) added
  where agents.id = added.agent_id;
end
$$;
comment on function private.count_imported_interactions(uuid[], integer) is
  'Adds interactions that an import has written to usage and to their agents'' counters (sign 1), '
  'or subtracts those that it is about to remove (-1). For a transaction in which '
  'agentbase.is_retention keeps the triggers from doing it row by row. Not granted to any role.';

create function private.check_imported_names(ids uuid[])
returns void
language plpgsql
set search_path = ''
as $$
declare
  named record;
begin
  for named in
    select distinct
      interactions.vendor_id, interactions.service_id, interactions.price_id,
      interactions.interaction_type_id
    from public.ai_interactions interactions
    where interactions.id = any (check_imported_names.ids)
  loop
    perform private.check_names(
      'ai_interactions', named.vendor_id, named.service_id, named.price_id,
      named.interaction_type_id
    );
  end loop;
end
$$;
comment on function private.check_imported_names(uuid[]) is
  'Refuses interactions that an import has written and whose vendor, service, price or kind does '
  'not exist. For a transaction in which agentbase.is_import keeps the trigger check_names from '
  'looking row by row: interactions of one import name the same few. Not granted to any role.';

create function private.count_imported_messages(
  session_ids uuid[], messages bigint[], latest timestamptz[]
)
returns void
language plpgsql
set search_path = ''
as $$
begin
  update public.chat_sessions
  set message_count = greatest(0, chat_sessions.message_count + added.messages),
      last_activity_at = greatest(chat_sessions.last_activity_at, added.latest)
  from unnest(
    count_imported_messages.session_ids, count_imported_messages.messages,
    count_imported_messages.latest
  ) added (session_id, messages, latest)
  where chat_sessions.id = added.session_id;
end
$$;
comment on function private.count_imported_messages(uuid[], bigint[], timestamptz[]) is
  'Adds messages that an import has written to their sessions'' message_count and moves '
  'last_activity_at; messages that it has removed are negative. For transactions in which '
  'agentbase.is_retention keeps the trigger from counting statement by statement. Not granted to '
  'any role.';
