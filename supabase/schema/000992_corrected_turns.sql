-- The current state of what 000992_corrected_turns.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.correct_attempt(charge jsonb)
returns void
language sql volatile security invoker
set search_path=""
as $body$
  update public.agent_executions
  set input_tokens = (correct_attempt.charge ->> 'input_tokens')::bigint,
      output_tokens = (correct_attempt.charge ->> 'output_tokens')::bigint,
      cached_input_tokens = (correct_attempt.charge ->> 'cached_input_tokens')::bigint,
      cache_write_tokens = (correct_attempt.charge ->> 'cache_write_tokens')::bigint,
      reasoning_tokens = (correct_attempt.charge ->> 'reasoning_tokens')::bigint,
      usage_details = nullif(correct_attempt.charge -> 'usage_details', 'null'),
      usage_is_estimated = (correct_attempt.charge ->> 'estimated')::boolean,
      price_id = (correct_attempt.charge ->> 'price_id')::uuid,
      cost_breakdown = nullif(correct_attempt.charge -> 'breakdown', 'null'),
      total_cost = private.total_cost(nullif(correct_attempt.charge -> 'breakdown', 'null'))
  where agent_executions.id = (correct_attempt.charge ->> 'id')::uuid
$body$;
grant execute on function private.correct_attempt(jsonb) to service_role;

create function private.correct_turn(turn public.ai_interactions, charges jsonb)
returns numeric
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  total jsonb := private.sum_of_charges(correct_turn.charges);
  cost numeric := private.total_cost(nullif(total -> 'breakdown', 'null'));
begin
  update public.ai_interactions
  set input_tokens = (total ->> 'input_tokens')::bigint,
      output_tokens = (total ->> 'output_tokens')::bigint,
      cached_input_tokens = (total ->> 'cached_input_tokens')::bigint,
      cache_write_tokens = (total ->> 'cache_write_tokens')::bigint,
      reasoning_tokens = (total ->> 'reasoning_tokens')::bigint,
      usage_is_estimated = (total ->> 'estimated')::boolean,
      price_id = (total ->> 'price_id')::uuid,
      cost_breakdown = nullif(total -> 'breakdown', 'null'),
      total_cost = cost
  where ai_interactions.id = correct_turn.turn.id;
  return cost;
end
$body$;
grant execute on function private.correct_turn(public.ai_interactions,jsonb) to service_role;

create function private.recorded_charges(turn public.ai_interactions)
returns jsonb
language sql stable security invoker
set search_path=""
as $body$
  select coalesce(
    jsonb_agg(
      to_jsonb(executions) || jsonb_build_object(
        'estimated', executions.usage_is_estimated, 'breakdown', executions.cost_breakdown
      )
      order by executions.attempt
    ) filter (
      where executions.cost_breakdown is not null
        or executions.input_tokens + executions.output_tokens > 0
    ),
    -- No attempt has usage, as in turns that were never settled.
    jsonb_build_array(to_jsonb(recorded_charges.turn) || jsonb_build_object(
      'id', null, 'estimated', recorded_charges.turn.usage_is_estimated, 'breakdown',
      recorded_charges.turn.cost_breakdown
    ))
  )
  from public.agent_executions executions
  where executions.interaction_id = recorded_charges.turn.id
$body$;
grant execute on function private.recorded_charges(public.ai_interactions) to service_role;

create function private.repriced_charge(turn public.ai_interactions, charge jsonb, price_id uuid)
returns jsonb
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  price public.service_prices;
  priced jsonb;
begin
  select prices.* into price
  from public.service_prices prices
  where prices.id = (repriced_charge.charge ->> 'price_id')::uuid;
  price := coalesce(
    private.price_at(
      coalesce(repriced_charge.charge ->> 'service_id', price.service_id),
      repriced_charge.turn.started_at,
      (repriced_charge.charge ->> 'input_tokens')::bigint,
      repriced_charge.charge #>> '{usage_details,service_tier}'
    ),
    case when price.id = repriced_charge.price_id then price end
  );
  priced := private.charge_of_call(
    price, (repriced_charge.charge ->> 'attempt')::integer, repriced_charge.charge
  );
  -- Without a current price, it keeps its cost.
  return case
    when jsonb_typeof(priced -> 'breakdown') = 'object' then priced
    else priced || jsonb_build_object(
      'breakdown', repriced_charge.charge -> 'breakdown',
      'price_id', repriced_charge.charge -> 'price_id',
      'has_no_price', true
    )
  end;
end
$body$;
grant execute on function private.repriced_charge(public.ai_interactions,jsonb,uuid) to service_role;

create function public.correct_chat_turn(turn_id uuid, correction jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path=""
as $body$
declare
  turn public.ai_interactions;
  usage jsonb := private.bounded_usage(correct_chat_turn.correction -> 'usage');
  charges jsonb;
  place integer;
  cost numeric;
begin
  select turns.* into turn
  from public.ai_interactions turns
  where turns.id = correct_chat_turn.turn_id
    and turns.turn_state is not null
    and turns.usage_is_estimated
  for no key update;
  if turn.id is null then
    return jsonb_build_object('corrected', false, 'total_cost', null);
  end if;
  charges := private.recorded_charges(turn);
  select charge.ordinality - 1 into place
  from jsonb_array_elements(charges) with ordinality as charge
  where charge.value @> '{"estimated": true}'
  order by charge.ordinality desc
  limit 1;
  charges := jsonb_set(
    charges,
    array[place::text],
    private.repriced_charge(
      turn, charges -> place || usage, (charges -> place ->> 'price_id')::uuid
    )
  );
  perform private.correct_attempt(charges -> place);
  cost := private.correct_turn(turn, charges);
  update public.ai_interactions
  set provider_cost = coalesce(
    private.bounded_cost(correct_chat_turn.correction ->> 'provider_cost'), provider_cost
  )
  where ai_interactions.id = turn.id;
  update public.chat_messages
  set tokens_in = (usage ->> 'input_tokens')::integer,
      tokens_out = (usage ->> 'output_tokens')::integer,
      tokens_used = (usage ->> 'input_tokens')::integer + (usage ->> 'output_tokens')::integer
  where chat_messages.interaction_id = turn.id
    and chat_messages.role = 'assistant'
    and chat_messages.tokens_in is not null;
  if private.lock_budgets(turn.organization_id) then
    perform private.charge_budgets(turn, coalesce(cost, 0) - coalesce(turn.total_cost, 0));
  end if;
  return jsonb_build_object('corrected', true, 'total_cost', cost::text);
end
$body$;
grant execute on function public.correct_chat_turn(uuid,jsonb) to agentbase_functions;

create function public.reprice_interactions(during tstzrange)
returns TABLE(interaction_id uuid, old_cost numeric, new_cost numeric)
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  turn public.ai_interactions;
  charges jsonb;
  cost numeric;
  payers uuid[] := array[]::uuid[];
begin
  perform pg_advisory_xact_lock(private.lock_namespace('settling_many'), 0);
  for turn in
    select turns.* from public.ai_interactions turns
    where turns.started_at <@ reprice_interactions.during
      and turns.source <> 'manual'
      -- A failed turn has a cost where tokens were used nonetheless.
      and (
        turns.turn_state <> 'failed'
        or turns.input_tokens + turns.output_tokens > 0 or turns.total_cost > 0
      )
    order by turns.id
    for no key update
  loop
    charges := (
      select jsonb_agg(private.repriced_charge(turn, charge.value, null) order by charge.ordinality)
      from jsonb_array_elements(private.recorded_charges(turn)) with ordinality as charge
    );
    -- A cost that was corrected by hand stays as well.
    continue when not jsonb_path_exists(charges, '$[*] ? (!exists (@.has_no_price))');
    cost := private.total_cost(nullif(private.sum_of_charges(charges) -> 'breakdown', 'null'));
    continue when cost is null or cost is not distinct from turn.total_cost;
    perform private.correct_attempt(charge) from jsonb_array_elements(charges) as charge;
    perform private.correct_turn(turn, charges);
    if turn.organization_id <> all (payers) then
      payers := payers || turn.organization_id;
    end if;
    interaction_id := turn.id;
    old_cost := turn.total_cost;
    new_cost := cost;
    return next;
  end loop;
  perform private.recount_budgets(payer.id) from (select unnest(payers) as id order by 1) payer;
end
$body$;
grant execute on function public.reprice_interactions(tstzrange) to service_role;
