-- How a turn ends: answer, attempts, cost, budgets and circuits in one transaction.

create function private.attempt_of_turn(turn public.ai_interactions, attempt jsonb, charges jsonb)
returns public.agent_executions
language plpgsql
set search_path = ''
as $$
declare
  said jsonb := attempt_of_turn.attempt;
  charge jsonb := jsonb_path_query_first(
    attempt_of_turn.charges, '$[*] ? (@.attempt == $attempt)', said, true
  );
  -- By the names of its columns; its charge is computed, not taken from the attempt.
  made public.agent_executions := jsonb_populate_record(
    null::public.agent_executions,
    said || '{
      "input_tokens": 0, "output_tokens": 0, "cached_input_tokens": 0, "cache_write_tokens": 0,
      "reasoning_tokens": 0, "usage_details": null, "price_id": null
    }' || coalesce(charge, '{}')
  );
begin
  made.id := gen_random_uuid();
  made.interaction_id := attempt_of_turn.turn.id;
  -- An agent of null means a route without an agent; an absent one means the turn's. Rows that were
  -- deleted while the turn ran are null.
  made.agent_id := (
    select agents.id from public.agents
    where agents.id = case
      when said ? 'agent_id' then made.agent_id else attempt_of_turn.turn.agent_id
    end
  );
  -- The turn's own vendor and service exist: record_turn() has found them.
  if made.vendor_id is distinct from attempt_of_turn.turn.vendor_id then
    made.vendor_id := (select vendors.id from public.vendors where vendors.id = made.vendor_id);
  end if;
  if made.service_id is distinct from attempt_of_turn.turn.service_id then
    made.service_id := (
      select services.id from public.vendor_services services where services.id = made.service_id
    );
  end if;
  if made.upstream_status not between 100 and 599 then
    made.upstream_status := null;
  end if;
  made.counts_against_agent := coalesce(made.counts_against_agent, false);
  made.error_message := left(made.error_message, 2000);
  made.usage_is_estimated := coalesce((charge ->> 'estimated')::boolean, false);
  made.cost_breakdown := nullif(charge -> 'breakdown', 'null');
  made.total_cost := case
    when charge is null then 0
    when jsonb_array_length(attempt_of_turn.charges) = 1 then attempt_of_turn.turn.total_cost
    else private.total_cost(made.cost_breakdown)
  end;
  made.completed_at := made.started_at
    + make_interval(secs => coalesce(made.latency_ms, 0) / 1000.0);
  made.created_at := now();
  return made;
end
$$;
comment on function private.attempt_of_turn(public.ai_interactions, jsonb, jsonb) is
  'An attempt of a turn as it is stored, with its charge.';
grant execute
  on function private.attempt_of_turn(public.ai_interactions, jsonb, jsonb)
  to service_role;

create function private.affects_circuit(attempt public.agent_executions)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  return affects_circuit.attempt.status = 'failed'
    or affects_circuit.attempt.attempt > 1
    or exists (
      select from public.agent_health health
      where health.agent_id = affects_circuit.attempt.agent_id
        and (health.circuit_state, health.status, health.consecutive_failures)
          <> ('closed', 'healthy', 0)
    );
end
$$;
comment on function private.affects_circuit(public.agent_executions) is
  'Whether the circuit breaker of its agent needs to know of an attempt: a success only after a '
  'failure, in its turn or earlier.';
grant execute on function private.affects_circuit(public.agent_executions) to service_role;

create function private.store_attempts(turn public.ai_interactions, attempts jsonb, charges jsonb)
returns boolean
language plpgsql
set search_path = ''
as $$
declare
  made public.agent_executions;
  affects_circuits boolean := false;
begin
  if jsonb_typeof(store_attempts.attempts) is distinct from 'array' then
    return false;
  end if;
  for place in 0..jsonb_array_length(store_attempts.attempts) - 1 loop
    made := private.attempt_of_turn(
      store_attempts.turn, store_attempts.attempts -> place, store_attempts.charges
    );
    insert into public.agent_executions values (made.*);
    affects_circuits := affects_circuits or private.affects_circuit(made);
  end loop;
  return affects_circuits;
end
$$;
comment on function private.store_attempts(public.ai_interactions, jsonb, jsonb) is
  'Stores the attempts of a turn, each with its charge. Returns whether a circuit breaker needs to '
  'know of one.';
grant execute
  on function private.store_attempts(public.ai_interactions, jsonb, jsonb)
  to service_role;

create function private.report_to_circuits(turn public.ai_interactions)
returns void
language plpgsql
set search_path = ''
as $$
declare
  execution public.agent_executions;
begin
  for execution in
    select executions.*
    from public.agent_executions executions
    join public.agent_health health on health.agent_id = executions.agent_id
    where executions.interaction_id = report_to_circuits.turn.id
      and private.affects_circuit(executions)
    order by executions.agent_id, executions.attempt
  loop
    if execution.status = 'succeeded' then
      perform private.report_success(execution.agent_id, execution.latency_ms);
    elsif execution.counts_against_agent
      and private.fails_for_others(execution.agent_id, report_to_circuits.turn.user_id)
    then
      perform private.report_failure(execution.agent_id);
    else
      perform private.free_circuit(execution.agent_id, report_to_circuits.turn.started_at);
    end if;
  end loop;
end
$$;
comment on function private.report_to_circuits(public.ai_interactions) is
  'Reports the outcomes of a turn''s attempts to the circuit breakers. A failure counts if another '
  'person''s calls fail, too.';
grant execute on function private.report_to_circuits(public.ai_interactions) to service_role;

create function private.mirror_of_turn(turn public.ai_interactions)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    select jsonb_build_object(
      'session', (
        select jsonb_build_object(
          'user_id', sessions.user_id, 'org_id', sessions.org_id, 'agent_id', sessions.agent_id,
          'model_id', sessions.model_id, 'metadata', sessions.metadata,
          'message_count', sessions.message_count, 'last_activity_at', sessions.last_activity_at
        )
        from public.chat_sessions sessions
        where sessions.id = mirror_of_turn.turn.session_id
          -- The backend knows only this turn's messages, and would mirror the session without those
          -- of others.
          and not exists (
            select from public.chat_messages messages
            where messages.session_id = sessions.id
              and messages.interaction_id is distinct from mirror_of_turn.turn.id
              and messages.seq > (
                select min(mine.seq)
                from public.chat_messages mine
                where mine.interaction_id = mirror_of_turn.turn.id
              )
          )
      ),
      'agents', (
        select jsonb_agg(jsonb_build_object(
          'agent_id', health.agent_id, 'status', health.status, 'last_check', health.last_check,
          'latency_ms', health.latency_ms, 'consecutive_failures', health.consecutive_failures,
          'circuit_state', health.circuit_state, 'circuit_retry_at', health.circuit_retry_at
        ))
        from public.agent_health health
        where health.agent_id in (
          select executions.agent_id
          from public.agent_executions executions
          where executions.interaction_id = mirror_of_turn.turn.id
        )
      )
    )
  );
end
$$;
comment on function private.mirror_of_turn(public.ai_interactions) is
  'The data of a turn for the Redis mirror: its session, unless another turn has changed it since, '
  'and the health of the agents that it called.';
grant execute on function private.mirror_of_turn(public.ai_interactions) to service_role;

create function private.record_turn(running private.running_turns, outcome jsonb, charge jsonb)
returns public.ai_interactions
language plpgsql
set search_path = ''
as $$
declare
  begun private.running_turns := record_turn.running;
  said jsonb := record_turn.outcome;
  charged jsonb := record_turn.charge;
  was_called boolean := said ->> 'vendor_id' is not null;
  turn public.ai_interactions;
begin
  -- settle_chat_turn() counts it, not the trigger.
  perform set_config('agentbase.is_turn', 'on', true);
  -- Rows that were deleted while the turn ran are null; without its organization there is no
  -- interaction.
  insert into public.ai_interactions (
    id, user_id, organization_id, agent_id, session_id, model_id, access_key_id, vendor_id,
    service_id, source, title, model_name, request_id, started_at, ended_at, status, turn_state,
    finish_reason, input_tokens, output_tokens, cached_input_tokens, cache_write_tokens,
    reasoning_tokens, usage_is_estimated, price_id, cost_breakdown, total_cost, provider_cost,
    latency_ms, first_token_ms, error_code, error_message
  )
  select
    begun.id, case when not begun.is_visitors then profiles.id end, organizations.id,
    begun.agent_id, sessions.id, models.id, keys.id,
    vendors.id, services.id, begun.source,
    case when profiles.id is null then 'Deleted' else begun.title end,
    case
      when private.is_label(said ->> 'model_used') then said ->> 'model_used'
      else begun.model_name
    end,
    begun.request_id, begun.created_at, greatest(clock_timestamp(), begun.created_at),
    'completed', said ->> 'state', said ->> 'finish_reason',
    (charged ->> 'input_tokens')::bigint, (charged ->> 'output_tokens')::bigint,
    (charged ->> 'cached_input_tokens')::bigint, (charged ->> 'cache_write_tokens')::bigint,
    (charged ->> 'reasoning_tokens')::bigint, (charged ->> 'estimated')::boolean,
    (charged ->> 'price_id')::uuid, nullif(charged -> 'breakdown', 'null'),
    private.total_cost(nullif(charged -> 'breakdown', 'null')),
    private.bounded_cost(said ->> 'provider_cost'),
    (said ->> 'latency_ms')::integer, (said ->> 'first_token_ms')::integer,
    said -> 'error' ->> 'code', left(said -> 'error' ->> 'message', 2000)
  from public.organizations
  left join public.profiles on profiles.id = begun.user_id
  left join public.chat_sessions sessions on sessions.id = begun.session_id
  left join public.models on models.id = begun.model_id
  left join public.access_keys keys on keys.id = begun.access_key_id
  left join public.vendors
    on vendors.id = case when was_called then said ->> 'vendor_id' else begun.vendor_id end
  -- The fallback that answered may have no service, and so no price.
  left join public.vendor_services services
    on services.id = case when was_called then said ->> 'service_id' else begun.service_id end
  where organizations.id = begun.organization_id
  returning * into turn;
  perform set_config('agentbase.is_turn', '', true);
  return turn;
end
$$;
comment on function private.record_turn(private.running_turns, jsonb, jsonb) is
  'Writes the interaction of a turn with this outcome and charge; null if its organization was '
  'deleted.';
grant execute
  on function private.record_turn(private.running_turns, jsonb, jsonb)
  to service_role;

create function public.settle_chat_turn(turn_id uuid, outcome jsonb)
returns jsonb
language plpgsql
set search_path = ''
-- Rows are looked up by their keys. A plan cached while a table was small would read all of it.
set enable_seqscan = off
-- Otherwise a scan that cannot be avoided would have its plan compiled, because of its cost.
set jit = off
as $$
declare
  running private.running_turns := private.lock_turn(settle_chat_turn.turn_id);
  charges jsonb;
  turn public.ai_interactions;
  affects_circuits boolean;
begin
  -- A second settlement (a retry, the sweep) changes nothing.
  if running.id is null then
    return jsonb_build_object('settled', false, 'total_cost', null);
  end if;
  charges := private.charges_of_turn(running, settle_chat_turn.outcome);
  turn := private.record_turn(
    running, settle_chat_turn.outcome, private.sum_of_charges(charges)
  );
  if turn.id is null then
    delete from private.running_turns where running_turns.id = running.id;
    return jsonb_build_object('settled', false, 'total_cost', null);
  end if;
  perform private.store_answer(turn, settle_chat_turn.outcome);
  affects_circuits := private.store_attempts(turn, settle_chat_turn.outcome -> 'attempts', charges);
  if running.idempotency_key is not null then
    perform private.store_replay(turn, running, settle_chat_turn.outcome);
  end if;
  -- As late as the lock order allows.
  perform private.count_uses(turn.agent_id, 1, turn.started_at);
  if private.lock_budgets(turn.organization_id) then
    perform private.charge_budgets(turn, turn.total_cost);
  end if;
  delete from private.running_turns where running_turns.id = running.id;
  if affects_circuits then
    perform private.report_to_circuits(turn);
  end if;
  if settle_chat_turn.outcome -> 'keys' <> '[]' then
    perform public.report_api_keys(settle_chat_turn.outcome -> 'keys');
  end if;
  return jsonb_build_object('settled', true, 'total_cost', turn.total_cost::text) || case
    when (settle_chat_turn.outcome ->> 'mirror')::boolean then private.mirror_of_turn(turn)
    else '{}'
  end;
end
$$;
comment on function public.settle_chat_turn(uuid, jsonb) is
  'Finishes a turn, whatever happened upstream, in one transaction: answer, tokens, cost at the '
  'price of its begin, attempts, circuits, budgets. The fields of outcome are those of Outcome in '
  'functions/_shared/gateway/settle/outcome.ts. Where usage_is_unknown is true, the usage is '
  'estimated from the prompt and the longest answer that was reserved. Returns {"settled", '
  '"total_cost"}; settled is false when the turn was settled before or does not exist. Backend '
  'only.';
grant execute on function public.settle_chat_turn(uuid, jsonb) to service_role;

create function private.abandoned_turn()
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select
    '{"state": "failed", "usage_is_unknown": true, "error": {"code": "abandoned", "message": '
    '"The process that ran this turn ended before it could settle it."}}'::jsonb
$$;
comment on function private.abandoned_turn() is
  'The outcome of a turn that was never settled: failed, with estimated usage.';
grant execute on function private.abandoned_turn() to service_role;
