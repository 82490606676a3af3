-- The current state of what 000310_prices.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table public.service_prices (
  id uuid default gen_random_uuid() not null,
  service_id text not null,
  valid_during tstzrange default tstzrange(now(), NULL::timestamp with time zone) not null,
  min_input_tokens integer default 0 not null,
  input_rate numeric(18,8) default 0 not null,
  cached_input_rate numeric(18,8),
  cache_write_rate numeric(18,8),
  cache_write_1h_rate numeric(18,8),
  output_rate numeric(18,8) default 0 not null,
  reasoning_rate numeric(18,8),
  request_rate numeric(18,8) default 0 not null,
  unit_rates jsonb default '{}'::jsonb not null,
  unit_increment numeric(18,8),
  unit_minimum numeric(18,8),
  service_tier text default 'standard'::text not null,
  multiplier numeric(6,4) default 1 not null,
  source text,
  verified_on date,
  created_at timestamp with time zone default now() not null,
  constraint service_prices_pkey PRIMARY KEY (id),
  constraint service_prices_service_id_fkey FOREIGN KEY (service_id) REFERENCES public.vendor_services(id) ON DELETE CASCADE,
  constraint prices_of_a_service_do_not_overlap EXCLUDE USING gist (service_id WITH =, service_tier WITH =, min_input_tokens WITH =, valid_during WITH &&),
  constraint min_input_tokens_is_not_negative CHECK ((min_input_tokens >= 0)),
  constraint price_multiplier_is_between_0_and_10 CHECK (((multiplier > (0)::numeric) AND (multiplier <= (10)::numeric))),
  constraint price_range_has_a_beginning CHECK ((NOT lower_inf(valid_during))),
  constraint price_range_is_not_empty CHECK ((NOT isempty(valid_during))),
  constraint rates_are_between_0_and_10000 CHECK ((((input_rate >= (0)::numeric) AND (input_rate <= (10000)::numeric)) AND ((output_rate >= (0)::numeric) AND (output_rate <= (10000)::numeric)) AND ((cached_input_rate >= (0)::numeric) AND (cached_input_rate <= (10000)::numeric)) AND ((cache_write_rate >= (0)::numeric) AND (cache_write_rate <= (10000)::numeric)) AND ((reasoning_rate >= (0)::numeric) AND (reasoning_rate <= (10000)::numeric)) AND ((request_rate >= (0)::numeric) AND (request_rate <= (10000)::numeric)) AND ((cache_write_1h_rate >= (0)::numeric) AND (cache_write_1h_rate <= (10000)::numeric)))),
  constraint service_tier_is_known CHECK ((service_tier = ANY (ARRAY['standard'::text, 'priority'::text, 'flex'::text, 'batch'::text]))),
  constraint unit_increment_is_between_0_and_1000000 CHECK (((unit_increment > (0)::numeric) AND (unit_increment <= (1000000)::numeric))),
  constraint unit_minimum_is_between_0_and_1000000 CHECK (((unit_minimum > (0)::numeric) AND (unit_minimum <= (1000000)::numeric))),
  constraint unit_rates_are_rates_of_units CHECK (private.are_unit_rates(unit_rates))
);
alter table public.service_prices enable row level security;
create policy "Anyone reads prices" on public.service_prices
  as permissive for select to anon, authenticated
  using (true);
grant delete, insert, select, update on public.service_prices to service_role;
grant select on public.service_prices to anon;
grant select on public.service_prices to authenticated;
CREATE INDEX service_prices_service_id_idx ON public.service_prices USING btree (service_id);
CREATE TRIGGER keep_named_row BEFORE DELETE OR UPDATE OF id ON public.service_prices FOR EACH ROW EXECUTE FUNCTION private.keep_named_row('price_id', 'ai_interactions', 'agent_executions');
CREATE TRIGGER record_audit_change AFTER UPDATE OF service_id, valid_during, min_input_tokens, input_rate, cached_input_rate, cache_write_rate, cache_write_1h_rate, output_rate, reasoning_rate, request_rate, unit_rates, unit_increment, unit_minimum, service_tier, multiplier, source ON public.service_prices FOR EACH ROW WHEN ((((((((((((((((((old.service_id IS DISTINCT FROM new.service_id) OR (old.valid_during IS DISTINCT FROM new.valid_during)) OR (old.min_input_tokens IS DISTINCT FROM new.min_input_tokens)) OR (old.input_rate IS DISTINCT FROM new.input_rate)) OR (old.cached_input_rate IS DISTINCT FROM new.cached_input_rate)) OR (old.cache_write_rate IS DISTINCT FROM new.cache_write_rate)) OR (old.cache_write_1h_rate IS DISTINCT FROM new.cache_write_1h_rate)) OR (old.output_rate IS DISTINCT FROM new.output_rate)) OR (old.reasoning_rate IS DISTINCT FROM new.reasoning_rate)) OR (old.request_rate IS DISTINCT FROM new.request_rate)) OR (old.unit_rates IS DISTINCT FROM new.unit_rates)) OR (old.unit_increment IS DISTINCT FROM new.unit_increment)) OR (old.unit_minimum IS DISTINCT FROM new.unit_minimum)) OR (old.service_tier IS DISTINCT FROM new.service_tier)) OR (old.multiplier IS DISTINCT FROM new.multiplier)) OR (old.source IS DISTINCT FROM new.source)) AND (current_setting('agentbase.audit_event'::text, true) IS DISTINCT FROM 'rotated'::text))) EXECUTE FUNCTION private.record_audit_event('id');
CREATE TRIGGER record_audit_event AFTER INSERT OR DELETE ON public.service_prices FOR EACH ROW EXECUTE FUNCTION private.record_audit_event('id');

-- Functions --------------------------------------------------------------------------------------

create function private.are_unit_rates(rates jsonb)
returns boolean
language sql immutable security invoker
set search_path=""
as $body$
  select jsonb_typeof(are_unit_rates.rates) = 'object'
    and not exists (
      select from jsonb_each(
        case jsonb_typeof(are_unit_rates.rates) when 'object' then are_unit_rates.rates end
      ) as rate (unit, amount)
      where rate.unit !~ '^(character|second|image)(/[a-z0-9_.-]{1,40}){0,2}$'
        or jsonb_typeof(rate.amount) <> 'number'
        or not rate.amount between '0' and '10000'
    )
$body$;
grant execute on function private.are_unit_rates(jsonb) to service_role;

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

create function private.price_at(service_id text, at timestamp with time zone, input_tokens bigint, service_tier text DEFAULT 'standard'::text)
returns public.service_prices
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  price public.service_prices;
begin
  select prices.* into price
  from public.service_prices prices
  where prices.service_id = price_at.service_id
    and prices.valid_during @> price_at.at
    and prices.min_input_tokens <= coalesce(price_at.input_tokens, 0)
    and prices.service_tier in ('standard', private.service_tier(price_at.service_tier))
  order by prices.service_tier = 'standard', prices.min_input_tokens desc
  limit 1;
  return case when found then price end;
end
$body$;
grant execute on function private.price_at(text,timestamp with time zone,bigint,text) to service_role;

create function private.service_tier(answered text)
returns text
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  return case
    when lower(service_tier.answered) in ('priority', 'flex', 'batch')
      then lower(service_tier.answered)
    when lower(service_tier.answered) = 'fast' then 'priority'
    else 'standard'
  end;
end
$body$;
grant execute on function private.service_tier(text) to service_role;

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

create function public.service_prices(attempt public.agent_executions)
returns SETOF public.service_prices
language sql stable security invoker
set search_path=""
as $body$
  select named.* from public.service_prices named
  where named.id = service_prices.attempt.price_id
$body$;
grant execute on function public.service_prices(public.agent_executions) to authenticated, service_role;

create function public.service_prices(interaction public.ai_interactions)
returns SETOF public.service_prices
language sql stable security invoker
set search_path=""
as $body$
  select named.* from public.service_prices named
  where named.id = service_prices.interaction.price_id
$body$;
grant execute on function public.service_prices(public.ai_interactions) to authenticated, service_role;
