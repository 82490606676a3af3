-- What a turn is charged: the calls of its outcome, at the prices of its beginning.
--
-- A turn is two transactions: begin_chat_turn() decides and records before the upstream is called,
-- settle_chat_turn() records the outcome. Both return prompts and routes that no client may read,
-- so only the backend calls them; they act for the caller and apply the rules of the policies. Both
-- take locks in the order of docs/decisions/lock-order.md, so that turns never deadlock.

create function private.set_idle_timeout()
returns text
language plpgsql
set search_path = ''
as $$
begin
  -- Shorter than the 8 seconds of the API's statement timeout, so that those who wait for this
  -- transaction's locks are still answered.
  return set_config('idle_in_transaction_session_timeout', '5s', true);
end
$$;
comment on function private.set_idle_timeout() is
  'Ends this transaction if its client stops responding: otherwise a hanging connection would hold '
  'the locks of budgets and a session until the system notices. Returns the time.';
grant execute on function private.set_idle_timeout() to service_role;

create function private.lock_turn(turn_id uuid)
returns private.running_turns
language plpgsql
set search_path = ''
as $$
declare
  turn private.running_turns;
begin
  perform private.set_idle_timeout();
  -- The session first, as begin_chat_turn() does, or the two could wait for each other.
  perform from public.chat_sessions sessions
  where sessions.id = (
    select turns.session_id from private.running_turns turns where turns.id = lock_turn.turn_id
  )
  for no key update;
  select turns.* into turn
  from private.running_turns turns
  where turns.id = lock_turn.turn_id
  for no key update;
  return turn;
end
$$;
comment on function private.lock_turn(uuid) is
  'A running turn, locked with its session; null when it is settled or unknown.';
grant execute on function private.lock_turn(uuid) to service_role;

create function private.prices_of_routes(routes jsonb)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    select coalesce(
      jsonb_agg(
        jsonb_strip_nulls(jsonb_build_object(
          'id', prices.id,
          'service_id', prices.service_id,
          'min_input_tokens', prices.min_input_tokens,
          'service_tier', prices.service_tier,
          'input_rate', prices.input_rate,
          'cached_input_rate', prices.cached_input_rate,
          'cache_write_rate', prices.cache_write_rate,
          'cache_write_1h_rate', prices.cache_write_1h_rate,
          'output_rate', prices.output_rate,
          'reasoning_rate', prices.reasoning_rate,
          'request_rate', nullif(prices.request_rate, 0),
          'unit_rates', nullif(prices.unit_rates, '{}'),
          'unit_increment', prices.unit_increment,
          'unit_minimum', prices.unit_minimum,
          'multiplier', nullif(prices.multiplier, 1)
        ))
      ),
      '[]'
    )
    from public.service_prices prices
    where prices.service_id = any (
      array(
        select route ->> 'service_id' from jsonb_array_elements(prices_of_routes.routes) as route
      )
    )
      and prices.valid_during @> now()
  );
end
$$;
comment on function private.prices_of_routes(jsonb) is
  'The prices that now hold for the services of routes.';
grant execute on function private.prices_of_routes(jsonb) to service_role;

create function private.price_of_call(
  turn private.running_turns, service_id text, usage jsonb
)
returns public.service_prices
language plpgsql
stable
set search_path = ''
as $$
declare
  tokens bigint := (price_of_call.usage ->> 'input_tokens')::bigint;
  tier text := private.service_tier(price_of_call.usage #>> '{usage_details,service_tier}');
  noted public.service_prices;
  best public.service_prices;
begin
  -- A turn has recorded one price or a few.
  for place in 0..jsonb_array_length(price_of_call.turn.prices) - 1 loop
    noted := jsonb_populate_record(
      null::public.service_prices, price_of_call.turn.prices -> place
    );
    if noted.service_id = price_of_call.service_id
      and noted.min_input_tokens <= tokens
      and noted.service_tier in ('standard', tier)
      and (
        best.id is null
        or (noted.service_tier <> 'standard', noted.min_input_tokens)
          > (best.service_tier <> 'standard', best.min_input_tokens)
      )
    then
      best := noted;
    end if;
  end loop;
  return case
    when best.id is null then private.price_at(
      price_of_call.service_id, price_of_call.turn.created_at, tokens, tier
    )
    else best
  end;
end
$$;
comment on function private.price_of_call(private.running_turns, text, jsonb) is
  'The price of a call of a turn by what it used: the one noted when the turn began, else that of '
  'its moment.';
grant execute
  on function private.price_of_call(private.running_turns, text, jsonb)
  to service_role;

create function private.charge_of_call(price public.service_prices, attempt integer, usage jsonb)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  -- Null where it was deleted since.
  price_id uuid := (
    select prices.id from public.service_prices prices where prices.id = charge_of_call.price.id
  );
begin
  return charge_of_call.usage || jsonb_build_object(
    'attempt', charge_of_call.attempt,
    'price_id', price_id,
    -- Without recorded data for an estimate, the cost is not known.
    'breakdown', case
      when charge_of_call.usage @> '{"estimated": true, "input_tokens": 0, "output_tokens": 0}'
        and charge_of_call.usage #> '{usage_details,units}' is null then null
      else private.cost_of(charge_of_call.price, charge_of_call.usage)
    end
  );
end
$$;
comment on function private.charge_of_call(public.service_prices, integer, jsonb) is
  'The charge of a call: its usage with {attempt, price_id, breakdown}.';
grant execute
  on function private.charge_of_call(public.service_prices, integer, jsonb)
  to service_role;

create function private.estimated_usage(turn private.running_turns, said text)
returns jsonb
language plpgsql
immutable
set search_path = ''
as $$
begin
  return private.bounded_usage(jsonb_build_object(
    'input_tokens', estimated_usage.turn.input_tokens,
    'output_tokens',
    coalesce(private.text_tokens(estimated_usage.said), estimated_usage.turn.output_tokens),
    'units', estimated_usage.turn.units,
    'estimated', true
  ));
end
$$;
comment on function private.estimated_usage(private.running_turns, text) is
  'The estimated usage of a call that reported none: the prompt, and the partial answer or, '
  'without one, the longest that was reserved.';
grant execute on function private.estimated_usage(private.running_turns, text) to service_role;

create function private.billed_calls(turn private.running_turns, outcome jsonb)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  attempts jsonb := coalesce(nullif(billed_calls.outcome -> 'attempts', 'null'), '[]');
  said text;
  calls integer;
  call jsonb;
  billed jsonb := '[]'::jsonb;
begin
  if not attempts @? '$[*] ? (exists(@.usage) || exists(@.usage_is_unknown))' then
    said := nullif(
      concat(billed_calls.outcome ->> 'content', billed_calls.outcome ->> 'tool_calls'), ''
    );
    -- An outcome without attempts is that of the last one. For a turn without any, all that were
    -- reserved may have been billed.
    calls := case
      when billed_calls.outcome @> '{"usage_is_unknown": true}' and attempts = '[]'
        then billed_calls.turn.calls
      else 1
    end;
    attempts := to_jsonb(array_fill(jsonb_build_object(
      'attempt', attempts -> -1 -> 'attempt',
      'service_id', case
        when billed_calls.outcome ->> 'vendor_id' is null
          then billed_calls.turn.service_id else billed_calls.outcome ->> 'service_id'
      end,
      'usage', billed_calls.outcome -> 'usage',
      'usage_is_unknown',
      coalesce(
        (billed_calls.outcome ->> 'usage_is_unknown')::boolean,
        billed_calls.outcome ->> 'state' <> 'failed'
      )
    ), array[calls]));
  end if;
  for place in 0..jsonb_array_length(attempts) - 1 loop
    call := attempts -> place;
    if jsonb_typeof(call -> 'usage') = 'object' then
      call := call || jsonb_build_object('usage', private.bounded_usage(call -> 'usage'));
    elsif (call ->> 'usage_is_unknown')::boolean then
      call := call || jsonb_build_object(
        'usage', private.estimated_usage(billed_calls.turn, said)
      );
    else
      continue;
    end if;
    billed := billed || call;
  end loop;
  return billed;
end
$$;
comment on function private.billed_calls(private.running_turns, jsonb) is
  'The calls of an outcome that are billed, each with {attempt, service_id, usage}: as they '
  'say, or, where that is unknown, the prompt and the answer as far as it came, or else the '
  'longest that was reserved.';
grant execute
  on function private.billed_calls(private.running_turns, jsonb)
  to service_role;

create function private.charges_of_turn(turn private.running_turns, outcome jsonb)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  calls jsonb := private.billed_calls(charges_of_turn.turn, charges_of_turn.outcome);
  call jsonb;
  charges jsonb := '[]'::jsonb;
begin
  if jsonb_array_length(calls) > 1 then
    calls := (
      select jsonb_agg(listed order by (listed ->> 'attempt')::integer)
      from jsonb_array_elements(calls) listed
    );
  end if;
  for place in 0..jsonb_array_length(calls) - 1 loop
    call := calls -> place;
    charges := charges || private.charge_of_call(
      private.price_of_call(charges_of_turn.turn, call ->> 'service_id', call -> 'usage'),
      (call ->> 'attempt')::integer, call -> 'usage'
    );
  end loop;
  return charges;
end
$$;
comment on function private.charges_of_turn(private.running_turns, jsonb) is
  'The charges of an outcome''s calls, each as charge_of_call() has it, at the prices that held '
  'when the turn began.';
grant execute on function private.charges_of_turn(private.running_turns, jsonb) to service_role;

create function private.sum_of_charges(charges jsonb)
returns jsonb
language plpgsql
immutable
set search_path = ''
as $$
begin
  -- The common case.
  if jsonb_array_length(sum_of_charges.charges) = 1 then
    return sum_of_charges.charges -> 0;
  end if;
  return (
    select jsonb_build_object(
      'input_tokens', coalesce(sum((charge ->> 'input_tokens')::bigint), 0),
      'output_tokens', coalesce(sum((charge ->> 'output_tokens')::bigint), 0),
      'cached_input_tokens', coalesce(sum((charge ->> 'cached_input_tokens')::bigint), 0),
      'cache_write_tokens', coalesce(sum((charge ->> 'cache_write_tokens')::bigint), 0),
      'reasoning_tokens', coalesce(sum((charge ->> 'reasoning_tokens')::bigint), 0),
      'estimated', coalesce(bool_or((charge ->> 'estimated')::boolean), false),
      'price_id', sum_of_charges.charges -> -1 -> 'price_id',
      'breakdown', case
        when sum_of_charges.charges = '[]' then '{}'::jsonb
        when bool_or(jsonb_typeof(charge -> 'breakdown') = 'object') then (
          select coalesce(jsonb_object_agg(classes.class, classes.amount), '{}')
          from (
            select line.class, sum(line.amount::numeric) as amount
            from jsonb_array_elements(sum_of_charges.charges) as priced,
            jsonb_each_text(nullif(priced -> 'breakdown', 'null')) as line (class, amount)
            group by line.class
          ) classes
        )
      end
    )
    from jsonb_array_elements(sum_of_charges.charges) as charge
  );
end
$$;
comment on function private.sum_of_charges(jsonb) is
  'The sum of charges: tokens, whether some are estimated, dollars per class of tokens ({} for no '
  'charge, null where no price is known), and the last one''s price.';
grant execute on function private.sum_of_charges(jsonb) to service_role;
