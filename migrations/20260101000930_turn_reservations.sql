-- The most that a turn may cost, reserved before a vendor is called.

create function private.priced_routes(routes jsonb, units jsonb)
returns jsonb
language plpgsql
stable
set search_path = ''
as $$
declare
  priced jsonb;
  unpriced text;
  known text;
begin
  if coalesce(priced_routes.units, '{}') = '{}' then
    return priced_routes.routes;
  end if;
  select
    jsonb_agg(offered.route order by offered.place) filter (where offered.unpriced is null),
    min(offered.unpriced), min(offered.known)
  into priced, unpriced, known
  from (
    select route.value as route, route.ordinality as place, min(used.unit) as unpriced,
      (
        select string_agg(rate.unit, ', ' order by rate.unit)
        from jsonb_object_keys(coalesce(nullif(route.value -> 'unit_rates', 'null'), '{}')) as
          rate (unit)
      ) as known
    from jsonb_array_elements(priced_routes.routes) with ordinality as route
    left join jsonb_object_keys(priced_routes.units) as used (unit)
      on route.value ->> 'credential' <> 'own'
      and not private.has_price_of_unit(
        private.price_at(route.value ->> 'service_id', now(), 0), used.unit
      )
    group by route.value, route.ordinality
  ) offered;
  if priced is null then
    perform private.refuse(
      'unit_not_priced',
      format(
        'The price of "%s" is not known for this model, so it can only be called with your own '
        'key.',
        unpriced
      ),
      format('Request one of %s, or store your own key for its vendor.', coalesce(known, 'none'))
    );
  end if;
  return priced;
end
$$;
comment on function private.priced_routes(jsonb, jsonb) is
  'The routes with a known price for such units; with the caller''s own key none is needed. '
  'Errors: PT400 unit_not_priced where none is left.';
grant execute on function private.priced_routes(jsonb, jsonb) to service_role;

create function private.most_input_tokens(size private.prompt_size, route jsonb, kind text)
returns bigint
language plpgsql
immutable
set search_path = ''
as $$
declare
  -- The window applies to each embedded text.
  window_tokens bigint := case most_input_tokens.kind
    when 'chat' then (most_input_tokens.route ->> 'context_window')::bigint
  end;
begin
  if not most_input_tokens.size.is_bounded and window_tokens is null then
    perform private.refuse(
      'cost_not_bounded',
      'Cannot run the request: a budget applies, and the cost of files or audio is not known in '
      'advance.',
      'Send text or images, or choose a model whose context window is known.'
    );
  end if;
  return least(
    window_tokens,
    -- No tokenizer makes more tokens than bytes.
    case
      when most_input_tokens.size.is_bounded
        then most_input_tokens.size.bytes + most_input_tokens.size.images * coalesce(
          (most_input_tokens.route ->> 'image_tokens')::bigint, 2048
        ) + most_input_tokens.size.documents * 16384
    end
  );
end
$$;
comment on function private.most_input_tokens(private.prompt_size, jsonb, text) is
  'The most tokens of a prompt that a vendor can charge on a route: one for each byte of text, '
  'those of its images, 16,384 for a document or a recording, and no more than the context '
  'window. Errors: PT400 cost_not_bounded.';
grant execute
  on function private.most_input_tokens(private.prompt_size, jsonb, text)
  to service_role;

create function private.most_cost(
  routes jsonb, size private.prompt_size, kind text, output_tokens integer,
  units jsonb default '{}'
)
returns numeric
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    select coalesce(round(max(costs.fixed + most_cost.output_tokens * costs.per_token), 10), 0)
    from private.costs_of_routes(
      most_cost.routes, most_cost.size, most_cost.kind, most_cost.units
    ) costs
  );
end
$$;
comment on function private.most_cost(jsonb, private.prompt_size, text, integer, jsonb) is
  'The most that a call can cost in US dollars, by the most expensive of its routes, to be '
  'reserved before it; 0 where no price is known.';
grant execute
  on function private.most_cost(jsonb, private.prompt_size, text, integer, jsonb)
  to service_role;

create function private.costs_of_routes(
  routes jsonb, size private.prompt_size, kind text, units jsonb
)
returns table (fixed numeric, per_token numeric)
language plpgsql
stable
set search_path = ''
as $$
begin
  return query
  select
    -- The higher rate, as a prompt may be cached and an answer may include reasoning.
    price.multiplier * (
      input.tokens * greatest(
        price.input_rate, price.cache_write_rate, price.cache_write_1h_rate
      ) * 0.000001 + price.request_rate + bought.amount
    ),
    price.multiplier * greatest(price.output_rate, price.reasoning_rate) * 0.000001
  from jsonb_array_elements(costs_of_routes.routes) as route,
  lateral private.most_input_tokens(
    costs_of_routes.size, route, costs_of_routes.kind
  ) as input (tokens),
  -- The more expensive service tier, which only the caller's own key may request.
  unnest(
    case route ->> 'credential' when 'own' then array['standard', 'priority']
      else array['standard'] end
  ) as tier,
  lateral private.price_at(route ->> 'service_id', now(), input.tokens, tier) price,
  lateral (
    select coalesce(sum(units.amount), 0) as amount
    from private.unit_costs(price, costs_of_routes.units) units
  ) bought
  where price.id is not null;
end
$$;
comment on function private.costs_of_routes(jsonb, private.prompt_size, text, jsonb) is
  'US dollars that a call of each route costs at most, for a prompt of this size and what else it '
  'buys, and for each token of the answer; no row where no price is known.';
grant execute
  on function private.costs_of_routes(jsonb, private.prompt_size, text, jsonb)
  to service_role;

create function private.prompt_tokens(request jsonb, messages jsonb)
returns bigint
language plpgsql
immutable
set search_path = ''
as $$
begin
  return private.message_tokens(prompt_tokens.messages)
    + coalesce(
      (prompt_tokens.request ->> 'other_tokens')::bigint,
      (prompt_tokens.request ->> 'other_bytes')::bigint / 4,
      0
    );
end
$$;
comment on function private.prompt_tokens(jsonb, jsonb) is
  'Tokens of a prompt, estimated: those of the messages for the model and of what a request has '
  'besides, such as tools.';
grant execute on function private.prompt_tokens(jsonb, jsonb) to service_role;

create function private.answer_tokens(
  kind text, request jsonb, routes jsonb, default_limit integer
)
returns integer
language plpgsql
immutable
set search_path = ''
as $$
begin
  return case answer_tokens.kind
    when 'chat' then coalesce(
      (answer_tokens.request ->> 'max_output_tokens')::integer,
      answer_tokens.default_limit,
      (answer_tokens.routes -> 0 ->> 'max_output_tokens')::integer,
      4096
    )
    else coalesce((answer_tokens.request ->> 'max_output_tokens')::integer, 0)
  end;
end
$$;
comment on function private.answer_tokens(text, jsonb, jsonb, integer) is
  'Tokens that the answer of a turn may have: the request''s limit, else, of a chat, the default '
  'or the model''s own.';
grant execute on function private.answer_tokens(text, jsonb, jsonb, integer) to service_role;

create function private.affordable_tokens(
  turn private.running_turns, routes jsonb, size private.prompt_size, wanted integer
)
returns integer
language plpgsql
stable
set search_path = ''
as $$
begin
  return (
    select least(
      affordable_tokens.wanted,
      -- A quarter of what is left, so that one answer does not block all others; at least a
      -- thousand tokens.
      min(
        case
          when costs.per_token > 0
            then greatest(floor((left_over.amount / 4 - costs.fixed) / costs.per_token), 1024)
        end
      )
    )
    from private.costs_of_routes(
      affordable_tokens.routes, affordable_tokens.size, affordable_tokens.turn.source,
      affordable_tokens.turn.units
    ) costs,
    (
      select min(budgets.limit_usd - budgets.spent_usd - budgets.reserved_usd) as amount
      from private.budgets_of(
        affordable_tokens.turn.organization_id, affordable_tokens.turn.user_id,
        affordable_tokens.turn.agent_id, affordable_tokens.turn.access_key_id
      ) budgets
      where budgets.is_active
    ) left_over
    where left_over.amount is not null
    having count(*) > 0
  );
end
$$;
comment on function private.affordable_tokens(
  private.running_turns, jsonb, private.prompt_size, integer
) is
  'The limit that the budgets of a turn set for an answer of this many tokens; null if none limits '
  'it.';
grant execute
  on function private.affordable_tokens(
    private.running_turns, jsonb, private.prompt_size, integer
  )
  to service_role;

create function private.answer_limit(
  turn private.running_turns, routes jsonb, request jsonb, size private.prompt_size,
  default_limit integer
)
returns integer
language plpgsql
stable
set search_path = ''
as $$
begin
  return case
    when answer_limit.turn.source = 'chat'
      and answer_limit.request ->> 'max_output_tokens' is null
    then private.affordable_tokens(
      answer_limit.turn, answer_limit.routes, answer_limit.size,
      private.answer_tokens('chat', '{}', answer_limit.routes, answer_limit.default_limit)
    )
  end;
end
$$;
comment on function private.answer_limit(
  private.running_turns, jsonb, jsonb, private.prompt_size, integer
) is
  'The limit of a turn''s answer where the caller gave none and a budget applies: the default or '
  'the model''s own, or as much as budgets afford; else null.';
grant execute
  on function private.answer_limit(
    private.running_turns, jsonb, jsonb, private.prompt_size, integer
  )
  to service_role;

create function private.start_turn(
  turn private.running_turns, routes jsonb, request jsonb, messages jsonb, default_limit integer,
  has_budget boolean
)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  begun private.running_turns := start_turn.turn;
  -- The cost of a visitor counts against no member's budget.
  charged private.running_turns := start_turn.turn;
  size private.prompt_size;
  affordable integer;
begin
  if charged.is_visitors then
    charged.user_id := null;
  end if;
  if start_turn.has_budget then
    size := private.size_of_prompt(
      start_turn.messages, (start_turn.request ->> 'other_bytes')::bigint
    );
    affordable := private.answer_limit(
      charged, start_turn.routes, start_turn.request, size, start_turn.default_limit
    );
  end if;
  begun.prices := private.prices_of_routes(start_turn.routes);
  begun.input_tokens := private.prompt_tokens(start_turn.request, start_turn.messages);
  begun.output_tokens := private.answer_tokens(
    begun.source, start_turn.request, start_turn.routes,
    coalesce(affordable, start_turn.default_limit)
  );
  insert into private.running_turns select begun.*;
  if start_turn.has_budget then
    perform private.reserve_budgets(
      charged,
      private.most_cost(
        start_turn.routes, size, begun.source, begun.output_tokens::integer, begun.units
      )
    );
  end if;
  return affordable;
end
$$;
comment on function private.start_turn(
  private.running_turns, jsonb, jsonb, jsonb, integer, boolean
) is
  'Stores a new turn, with the data that settling needs, reserves what it could cost at most where '
  'a budget applies, and returns the limit of its answer that budgets set, where the caller gave '
  'none; else null. Errors: PT400 cost_not_bounded, and those of reserve_budgets().';
grant execute
  on function private.start_turn(private.running_turns, jsonb, jsonb, jsonb, integer, boolean)
  to service_role;

create function public.reserve_attempt(turn_id uuid)
returns boolean
language plpgsql
set search_path = ''
as $$
declare
  turn private.running_turns := private.lock_turn(reserve_attempt.turn_id);
begin
  if turn.id is null then
    return false;
  end if;
  perform private.lock_budgets(turn.organization_id);
  if exists (
    select from public.budget_reservations reservations
    join public.budgets on budgets.id = reservations.budget_id
    where reservations.interaction_id = turn.id and budgets.is_active
      and budgets.spent_usd
        + budgets.reserved_usd
        + reservations.amount_usd / reservations.attempts
        > budgets.limit_usd
  ) then
    return false;
  end if;
  with extended as (
    update public.budget_reservations
    set amount_usd = amount_usd + amount_usd / attempts, attempts = attempts + 1
    where interaction_id = turn.id
    returning budget_id, amount_usd / attempts as amount
  )
  update public.budgets set reserved_usd = reserved_usd + extended.amount
  from extended where budgets.id = extended.budget_id;
  update private.running_turns set calls = calls + 1 where running_turns.id = turn.id;
  return true;
end
$$;
comment on function public.reserve_attempt(uuid) is
  'Reserves the cost of one more call of a running turn, after one that its vendor may have '
  'billed. False if its budgets do not allow it, or the turn is settled: then no call may follow. '
  'Backend only.';
grant execute on function public.reserve_attempt(uuid) to service_role;
