-- The current state of what 001435_imports.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.check_imported_names(ids uuid[])
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
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
$body$;

create function private.count_imported_interactions(ids uuid[], sign integer)
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
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
$body$;

create function private.count_imported_messages(session_ids uuid[], messages bigint[], latest timestamp with time zone[])
returns void
language plpgsql volatile security invoker
set search_path=""
as $body$
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
$body$;
