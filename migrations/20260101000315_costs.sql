-- Costs: what a call costs at the rates of a price.

create function private.unit_rate(rates jsonb, unit text)
returns numeric
language sql
immutable
set search_path = ''
as $$
  select rate.amount::numeric
  from jsonb_each_text(unit_rate.rates) as rate (unit, amount)
  cross join lateral (
    -- If the vendor chooses, as in image/auto/hd, no rate applies exactly.
    select starts_with(unit_rate.unit || '/', rate.unit || '/')
      and unit_rate.unit !~ '/auto(/|$)' as is_own
  ) fit
  where split_part(rate.unit, '/', 1) = split_part(unit_rate.unit, '/', 1)
  order by
    fit.is_own desc, case when fit.is_own then char_length(rate.unit) end desc,
    rate.amount::numeric desc
  limit 1
$$;
comment on function private.unit_rate(jsonb, text) is
  'Dollars for one unit by service_prices.unit_rates: the most specific rate, else the dearest of '
  'its kind, as where the unit leaves a choice to the vendor (image/auto/hd). Null where the kind '
  'has none.';
grant execute on function private.unit_rate(jsonb, text) to service_role;

create function private.has_price_of_unit(price public.service_prices, unit text)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select (has_price_of_unit.price).id is not null and case
    when bool_or(split_part(rate.unit, '/', 1) = split_part(has_price_of_unit.unit, '/', 1))
      then bool_or(starts_with(has_price_of_unit.unit || '/', rate.unit || '/'))
    else greatest(
      (has_price_of_unit.price).input_rate, (has_price_of_unit.price).output_rate,
      (has_price_of_unit.price).request_rate
    ) > 0
  end
  from jsonb_object_keys((has_price_of_unit.price).unit_rates) as rate (unit)
$$;
comment on function private.has_price_of_unit(public.service_prices, text) is
  'Whether it is known what a unit costs, such as image/1024x1792/hd: it has a rate, or its '
  'service is charged by tokens or calls and not by such units.';
grant execute on function private.has_price_of_unit(public.service_prices, text) to service_role;

create function private.billed_units(price public.service_prices, number numeric)
returns numeric
language sql
immutable
set search_path = ''
as $$
  -- Computed with remainders, as a quotient would be rounded.
  select case when billed_units.number > 0 then greatest(
    billed_units.number + coalesce(mod(
      (billed_units.price).unit_increment
        - mod(billed_units.number, (billed_units.price).unit_increment),
      (billed_units.price).unit_increment
    ), 0),
    (billed_units.price).unit_minimum
  ) else 0 end
$$;
comment on function private.billed_units(public.service_prices, numeric) is
  'The units that a vendor charges for the used units: rounded up to its increment, and at least '
  'its minimum.';
grant execute on function private.billed_units(public.service_prices, numeric) to service_role;

create function private.unit_costs(price public.service_prices, units jsonb)
returns table (class text, amount numeric)
language sql
immutable
set search_path = ''
as $$
  select
    split_part(used.unit, '/', 1),
    sum(
      private.billed_units(unit_costs.price, used.number::numeric)
        * private.unit_rate(unit_costs.price.unit_rates, used.unit)
    )
  from jsonb_each_text(
    case jsonb_typeof(unit_costs.units) when 'object' then unit_costs.units else '{}' end
  ) as used (unit, number)
  group by 1
$$;
comment on function private.unit_costs(public.service_prices, jsonb) is
  'Dollars for each kind of unit of a call. units is as usage has it: {"image/1024x1024/hd": 2}.';
grant execute on function private.unit_costs(public.service_prices, jsonb) to service_role;

create function private.token_classes(
  usage jsonb,
  out input numeric, out cached numeric, out written numeric, out written_1h numeric,
  out output numeric, out reasoning numeric
)
language plpgsql
immutable
set search_path = ''
as $$
begin
  input := coalesce((token_classes.usage ->> 'input_tokens')::numeric, 0);
  cached := coalesce((token_classes.usage ->> 'cached_input_tokens')::numeric, 0);
  written := coalesce((token_classes.usage ->> 'cache_write_tokens')::numeric, 0);
  written_1h := least(
    written,
    coalesce(
      (token_classes.usage #>> '{usage_details,cache_write_1h_tokens}')::numeric,
      (token_classes.usage ->> 'cache_write_1h_tokens')::numeric,
      0
    )
  );
  output := coalesce((token_classes.usage ->> 'output_tokens')::numeric, 0);
  reasoning := coalesce((token_classes.usage ->> 'reasoning_tokens')::numeric, 0);
  -- A vendor that counts more cached than prompt tokens, or more reasoning than output, is
  -- inconsistent: the discount is dropped, so that no line is negative.
  if cached + written > input then
    cached := 0;
    written := 0;
    written_1h := 0;
  end if;
  if reasoning > output then
    reasoning := 0;
  end if;
  input := input - cached - written;
  written := written - written_1h;
  output := output - reasoning;
end
$$;
comment on function private.token_classes(jsonb) is
  'The tokens of a call by the rate that they have, none counted twice.';
grant execute on function private.token_classes(jsonb) to service_role;

create function private.cost_line(tokens numeric, rate numeric, multiplier numeric)
returns numeric
language plpgsql
-- Most calls have tokens of one or two classes: the others are not called for.
immutable strict
set search_path = ''
as $$
begin
  return nullif(
    trim_scale(cost_line.tokens * cost_line.rate * 0.000001 * cost_line.multiplier), 0
  );
end
$$;
comment on function private.cost_line(numeric, numeric, numeric) is
  'Dollars for a number of tokens at a rate per million, unrounded; null for zero.';
grant execute on function private.cost_line(numeric, numeric, numeric) to service_role;

create function private.cost_of(price public.service_prices, usage jsonb)
returns jsonb
language plpgsql
immutable
set search_path = ''
as $$
declare
  rates public.service_prices := cost_of.price;
  factor numeric := coalesce(rates.multiplier, 1);
  tokens record;
  units jsonb := coalesce(cost_of.usage #> '{usage_details,units}', cost_of.usage -> 'units');
  lines jsonb;
begin
  if rates.id is null or cost_of.usage is null then
    return null;
  end if;
  tokens := private.token_classes(cost_of.usage);
  lines := jsonb_strip_nulls(jsonb_build_object(
    'input', private.cost_line(nullif(tokens.input, 0), rates.input_rate, factor),
    'cached_input', private.cost_line(
      nullif(tokens.cached, 0), coalesce(rates.cached_input_rate, rates.input_rate), factor
    ),
    'cache_write', private.cost_line(
      nullif(tokens.written, 0), coalesce(rates.cache_write_rate, rates.input_rate), factor
    ),
    'cache_write_1h', private.cost_line(
      nullif(tokens.written_1h, 0),
      coalesce(rates.cache_write_1h_rate, rates.cache_write_rate, rates.input_rate), factor
    ),
    'output', private.cost_line(nullif(tokens.output, 0), rates.output_rate, factor),
    'reasoning', private.cost_line(
      nullif(tokens.reasoning, 0), coalesce(rates.reasoning_rate, rates.output_rate), factor
    ),
    'request', nullif(trim_scale(rates.request_rate * factor), 0)
  ));
  if jsonb_typeof(units) is distinct from 'object' then
    return lines;
  end if;
  return (
    select lines || coalesce(
      jsonb_object_agg(used.class, trim_scale(used.amount * factor))
        filter (where used.amount <> 0),
      '{}'
    )
    from private.unit_costs(rates, units) used
  );
end
$$;
comment on function private.cost_of(public.service_prices, jsonb) is
  'Dollars per class of tokens and kind of unit for one call, unrounded, without zero lines. usage '
  'has input_tokens (cached and cache-written ones included), cached_input_tokens, '
  'cache_write_tokens (those of cache_write_1h_tokens included), output_tokens (reasoning '
  'included), reasoning_tokens, and units as unit_costs() takes them. Null without a price or '
  'without usage.';
grant execute on function private.cost_of(public.service_prices, jsonb) to service_role;

create function private.total_cost(breakdown jsonb)
returns numeric
language plpgsql
immutable
set search_path = ''
as $$
begin
  return case when total_cost.breakdown is not null then round(
    coalesce(
      (
        select sum(line.amount::numeric)
        from jsonb_each_text(total_cost.breakdown) as line (class, amount)
      ),
      0
    ),
    10
  ) end;
end
$$;
comment on function private.total_cost(jsonb) is
  'Sum of a cost breakdown in dollars, rounded once, half up, to ten decimals. Null for null.';
grant execute on function private.total_cost(jsonb) to service_role;
