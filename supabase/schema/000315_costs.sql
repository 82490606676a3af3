-- The current state of what 000315_costs.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.billed_units(price public.service_prices, number numeric)
returns numeric
language sql immutable security invoker
set search_path=""
as $body$
  -- Computed with remainders, as a quotient would be rounded.
  select case when billed_units.number > 0 then greatest(
    billed_units.number + coalesce(mod(
      (billed_units.price).unit_increment
        - mod(billed_units.number, (billed_units.price).unit_increment),
      (billed_units.price).unit_increment
    ), 0),
    (billed_units.price).unit_minimum
  ) else 0 end
$body$;
grant execute on function private.billed_units(public.service_prices,numeric) to service_role;

create function private.cost_line(tokens numeric, rate numeric, multiplier numeric)
returns numeric
language plpgsql immutable strict security invoker
set search_path=""
as $body$
begin
  return nullif(
    trim_scale(cost_line.tokens * cost_line.rate * 0.000001 * cost_line.multiplier), 0
  );
end
$body$;
grant execute on function private.cost_line(numeric,numeric,numeric) to service_role;

create function private.cost_of(price public.service_prices, usage jsonb)
returns jsonb
language plpgsql immutable security invoker
set search_path=""
as $body$
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
$body$;
grant execute on function private.cost_of(public.service_prices,jsonb) to service_role;

create function private.has_price_of_unit(price public.service_prices, unit text)
returns boolean
language sql immutable security invoker
set search_path=""
as $body$
  select (has_price_of_unit.price).id is not null and case
    when bool_or(split_part(rate.unit, '/', 1) = split_part(has_price_of_unit.unit, '/', 1))
      then bool_or(starts_with(has_price_of_unit.unit || '/', rate.unit || '/'))
    else greatest(
      (has_price_of_unit.price).input_rate, (has_price_of_unit.price).output_rate,
      (has_price_of_unit.price).request_rate
    ) > 0
  end
  from jsonb_object_keys((has_price_of_unit.price).unit_rates) as rate (unit)
$body$;
grant execute on function private.has_price_of_unit(public.service_prices,text) to service_role;

create function private.token_classes(usage jsonb, OUT input numeric, OUT cached numeric, OUT written numeric, OUT written_1h numeric, OUT output numeric, OUT reasoning numeric)
returns record
language plpgsql immutable security invoker
set search_path=""
as $body$
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
$body$;
grant execute on function private.token_classes(jsonb) to service_role;

create function private.total_cost(breakdown jsonb)
returns numeric
language plpgsql immutable security invoker
set search_path=""
as $body$
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
$body$;
grant execute on function private.total_cost(jsonb) to service_role;

create function private.unit_costs(price public.service_prices, units jsonb)
returns TABLE(class text, amount numeric)
language sql immutable security invoker
set search_path=""
as $body$
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
$body$;
grant execute on function private.unit_costs(public.service_prices,jsonb) to service_role;

create function private.unit_rate(rates jsonb, unit text)
returns numeric
language sql immutable security invoker
set search_path=""
as $body$
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
$body$;
grant execute on function private.unit_rate(jsonb,text) to service_role;
