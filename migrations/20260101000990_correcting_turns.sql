-- Later changes of turns: abandoned and void ones, corrected usage, changed prices.

create function private.abandoned_turns(expired_before timestamptz)
returns setof private.due_item
language sql
stable
set search_path = ''
as $$
  select
    turns.id::text,
    row_number() over (
      partition by turns.organization_id order by turns.lease_expires_at, turns.id
    ),
    turns.lease_expires_at
  from private.running_turns turns
  where turns.lease_expires_at < abandoned_turns.expired_before
$$;
comment on function private.abandoned_turns(timestamptz) is
  'Unsettled turns whose lease ended before a time, each organization''s oldest '
  'first.';
grant execute on function private.abandoned_turns(timestamptz) to service_role;

create function private.turns_to_sweep()
returns setof private.due_item
language sql
stable
set search_path = ''
as $$
  select abandoned.* from private.abandoned_turns(now()) abandoned
$$;
comment on function private.turns_to_sweep() is
  'The abandoned turns, for the job sweep-turns.';

create function private.sweep_turn(turn_id uuid)
returns integer
language plpgsql
set search_path = ''
as $$
begin
  -- Locked rows are left for the next run: the session first, then the turn, in lock order.
  perform from public.chat_sessions sessions
  where sessions.id = (
    select turns.session_id from private.running_turns turns where turns.id = sweep_turn.turn_id
  )
  for no key update skip locked;
  if not found and exists (
    select
    from private.running_turns turns
    join public.chat_sessions sessions on sessions.id = turns.session_id
    where turns.id = sweep_turn.turn_id
  ) then
    return 0;
  end if;
  perform from private.running_turns turns
  where turns.id = sweep_turn.turn_id
  for no key update skip locked;
  if not found then
    return 0;
  end if;
  return (
    public.settle_chat_turn(sweep_turn.turn_id, private.abandoned_turn()) ->> 'settled'
  )::boolean::integer;
end
$$;
comment on function private.sweep_turn(uuid) is
  'Fails an abandoned turn unless it is locked, and returns how many: 1 or 0.';
grant execute on function private.sweep_turn(uuid) to service_role;

create function public.sweep_chat_turns(expired_before timestamptz default now())
returns integer
language plpgsql
set search_path = ''
as $$
declare
  deadline constant timestamptz := clock_timestamp() + interval '40 seconds';
  turn private.due_item;
  swept integer := 0;
begin
  -- One at a time: a second run would have nothing to do.
  if not pg_try_advisory_xact_lock(private.lock_namespace('settling_many'), 0) then
    return 0;
  end if;
  -- This transaction keeps the agent and the budgets of a turn while it locks those of the next,
  -- which is against the order. So it waits only briefly: a settlement that waits for it checks for
  -- deadlocks once, after a second, and must not find it waiting.
  perform set_config('lock_timeout', '20ms', true);
  for turn in
    select abandoned.* from private.abandoned_turns(sweep_chat_turns.expired_before) abandoned
    order by abandoned.round, abandoned.due_at
    limit 1000
  loop
    exit when clock_timestamp() >= deadline;
    begin
      swept := swept + private.sweep_turn(turn.item::uuid);
    exception when others then
      raise warning 'Cannot settle turn %: %', turn.item, sqlerrm;
    end;
  end loop;
  return swept;
end
$$;
comment on function public.sweep_chat_turns(timestamptz) is
  'Fails turns whose lease ended before a time, at most 1,000, each organization''s oldest first, '
  'and returns how many; one that cannot be settled is skipped. The job sweep-turns does the same, '
  'a turn in each transaction. Safe to run at any time and concurrently. Backend only.';
grant execute on function public.sweep_chat_turns(timestamptz) to service_role;

create function private.unanswered_turn()
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select
    '{"state": "failed", "error": {"code": "begin_unanswered", "message": "The connection to the '
    'database broke while this turn began. No model was called."}}'::jsonb
$$;
comment on function private.unanswered_turn() is
  'The outcome of a turn whose beginning was not answered: failed, at no cost.';
grant execute on function private.unanswered_turn() to service_role;

create function public.void_chat_turn(request_id text)
returns boolean
language plpgsql
set search_path = ''
as $$
declare
  turn_id uuid := (
    select turns.id
    from private.running_turns turns
    where turns.request_id = void_chat_turn.request_id
      -- A second call is reserved only after a first one was made.
      and turns.calls = 1
  );
begin
  return (
    public.settle_chat_turn(turn_id, private.unanswered_turn()) ->> 'settled'
  )::boolean;
end
$$;
comment on function public.void_chat_turn(text) is
  'Fails the running turn of a request at no cost, and returns whether there was one. For a '
  'backend that lost the answer of begin_chat_turn() and so called no model; it frees the session '
  'and the budgets at once, and the sweep charges no estimate. Backend only.';
grant execute on function public.void_chat_turn(text) to service_role;

create function private.put_attempt_right(sale jsonb)
returns void
language sql
set search_path = ''
as $$
  update public.agent_executions
  set input_tokens = (put_attempt_right.sale ->> 'input_tokens')::bigint,
      output_tokens = (put_attempt_right.sale ->> 'output_tokens')::bigint,
      cached_input_tokens = (put_attempt_right.sale ->> 'cached_input_tokens')::bigint,
      cache_write_tokens = (put_attempt_right.sale ->> 'cache_write_tokens')::bigint,
      reasoning_tokens = (put_attempt_right.sale ->> 'reasoning_tokens')::bigint,
      usage_details = nullif(put_attempt_right.sale -> 'usage_details', 'null'),
      usage_is_estimated = (put_attempt_right.sale ->> 'estimated')::boolean,
      price_id = (put_attempt_right.sale ->> 'price_id')::uuid,
      cost_breakdown = nullif(put_attempt_right.sale -> 'breakdown', 'null'),
      total_cost = private.total_cost(nullif(put_attempt_right.sale -> 'breakdown', 'null'))
  where agent_executions.id = (put_attempt_right.sale ->> 'id')::uuid
$$;
comment on function private.put_attempt_right(jsonb) is
  'Replaces the sale of an attempt by the one with its id.';
grant execute on function private.put_attempt_right(jsonb) to service_role;

create function private.put_turn_right(turn public.ai_interactions, sales jsonb)
returns numeric
language plpgsql
set search_path = ''
as $$
declare
  sold jsonb := private.sum_of_sales(put_turn_right.sales);
  cost numeric := private.total_cost(nullif(sold -> 'breakdown', 'null'));
begin
  update public.ai_interactions
  set input_tokens = (sold ->> 'input_tokens')::bigint,
      output_tokens = (sold ->> 'output_tokens')::bigint,
      cached_input_tokens = (sold ->> 'cached_input_tokens')::bigint,
      cache_write_tokens = (sold ->> 'cache_write_tokens')::bigint,
      reasoning_tokens = (sold ->> 'reasoning_tokens')::bigint,
      usage_is_estimated = (sold ->> 'estimated')::boolean,
      price_id = (sold ->> 'price_id')::uuid,
      cost_breakdown = nullif(sold -> 'breakdown', 'null'),
      total_cost = cost
  where ai_interactions.id = put_turn_right.turn.id;
  return cost;
end
$$;
comment on function private.put_turn_right(public.ai_interactions, jsonb) is
  'Replaces what a settled turn used and cost by the sum of sales, and returns the cost.';
grant execute on function private.put_turn_right(public.ai_interactions, jsonb) to service_role;

create function public.correct_chat_turn(turn_id uuid, correction jsonb)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  turn public.ai_interactions;
  usage jsonb := private.bounded_usage(correct_chat_turn.correction -> 'usage');
  sales jsonb;
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
  sales := private.recorded_sales(turn);
  select sale.ordinality - 1 into place
  from jsonb_array_elements(sales) with ordinality as sale
  where sale.value @> '{"estimated": true}'
  order by sale.ordinality desc
  limit 1;
  sales := jsonb_set(
    sales,
    array[place::text],
    private.priced_again(turn, sales -> place || usage, (sales -> place ->> 'price_id')::uuid)
  );
  perform private.put_attempt_right(sales -> place);
  cost := private.put_turn_right(turn, sales);
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
$$;
comment on function public.correct_chat_turn(uuid, jsonb) is
  'Corrects, once, a settled turn whose usage is an estimate: correction has usage of its last '
  'attempt, as settle_chat_turn() takes it, and provider_cost. Tokens, cost at the price of its '
  'moment, the answer''s tokens and budgets follow. Returns {"corrected", "total_cost"}; '
  'corrected is false when there is no estimate to correct. Backend only.';
grant execute on function public.correct_chat_turn(uuid, jsonb) to service_role;

create function public.reprice_interactions(during tstzrange)
returns table (interaction_id uuid, old_cost numeric, new_cost numeric)
language plpgsql
set search_path = ''
as $$
declare
  turn public.ai_interactions;
  sales jsonb;
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
    sales := (
      select jsonb_agg(private.priced_again(turn, sale.value, null) order by sale.ordinality)
      from jsonb_array_elements(private.recorded_sales(turn)) with ordinality as sale
    );
    -- A cost that was corrected by hand stays as well.
    continue when not jsonb_path_exists(sales, '$[*] ? (!exists (@.has_no_price))');
    cost := private.total_cost(nullif(private.sum_of_sales(sales) -> 'breakdown', 'null'));
    continue when cost is null or cost is not distinct from turn.total_cost;
    perform private.put_attempt_right(sale) from jsonb_array_elements(sales) as sale;
    perform private.put_turn_right(turn, sales);
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
$$;
comment on function public.reprice_interactions(tstzrange) is
  'Reprices the turns of a range of time at the prices that now apply to their times, and returns '
  'those whose cost changed; budgets follow. Turns without a current price keep their cost. '
  'Backend only.';
grant execute on function public.reprice_interactions(tstzrange) to service_role;
