-- Prices: what a call costs, by the rates of its day.

create table public.service_prices (
  id uuid primary key default gen_random_uuid(),
  service_id text not null references public.vendor_services (id) on delete cascade,
  valid_during tstzrange not null default tstzrange(now(), null),
  min_input_tokens integer not null default 0,
  input_rate numeric(18, 8) not null default 0,
  cached_input_rate numeric(18, 8),
  cache_write_rate numeric(18, 8),
  output_rate numeric(18, 8) not null default 0,
  reasoning_rate numeric(18, 8),
  request_rate numeric(18, 8) not null default 0,
  source text,
  verified_on date,
  created_at timestamptz not null default now(),
  constraint price_range_is_not_empty check (not isempty(valid_during)),
  constraint price_range_has_a_beginning check (not lower_inf(valid_during)),
  constraint min_input_tokens_is_not_negative check (min_input_tokens >= 0),
  constraint rates_are_between_0_and_10000 check (
    input_rate between 0 and 10000 and output_rate between 0 and 10000
    and cached_input_rate between 0 and 10000 and cache_write_rate between 0 and 10000
    and reasoning_rate between 0 and 10000 and request_rate between 0 and 10000
  ),
  constraint prices_of_a_service_do_not_overlap exclude using gist (
    service_id with =, min_input_tokens with =, valid_during with &&
  )
);
comment on table public.service_prices is
  'What a service costs, in US dollars, over a range of time. Ranges cannot overlap, so every '
  'moment has one price or none; old prices stay, so history can be priced again.';
comment on column public.service_prices.id is
  'Primary key; kept on every interaction that was priced with it.';
comment on column public.service_prices.service_id is 'The service.';
comment on column public.service_prices.valid_during is
  'From when until when; no end while it is the current price.';
comment on column public.service_prices.min_input_tokens is
  'The tier: this price holds for all tokens of a call whose prompt has at least so many.';
comment on column public.service_prices.input_rate is
  'Dollars per million prompt tokens that were not cached.';
comment on column public.service_prices.cached_input_rate is
  'Dollars per million prompt tokens read from the vendor''s cache; null means the input rate.';
comment on column public.service_prices.cache_write_rate is
  'Dollars per million prompt tokens written to the vendor''s cache; null means the input rate.';
comment on column public.service_prices.output_rate is 'Dollars per million tokens of the answer.';
comment on column public.service_prices.reasoning_rate is
  'Dollars per million reasoning tokens; null means the output rate.';
comment on column public.service_prices.request_rate is 'Dollars per call, besides its tokens.';
comment on column public.service_prices.source is 'Where the price was read.';
comment on column public.service_prices.verified_on is 'The day on which it was true.';
comment on column public.service_prices.created_at is 'When the row was added.';

alter table public.service_prices enable row level security;
create policy "Anyone reads prices"
  on public.service_prices
  for select to anon, authenticated
  using (true);
grant select on public.service_prices to anon, authenticated;
grant select, insert, update, delete on public.service_prices to service_role;
create index service_prices_service_id_idx on public.service_prices (service_id);

create function private.price_at(service_id text, at timestamptz, input_tokens bigint)
returns public.service_prices
language plpgsql
stable
set search_path = ''
as $$
declare
  price public.service_prices;
begin
  select prices.* into price
  from public.service_prices prices
  where prices.service_id = price_at.service_id
    and prices.valid_during @> price_at.at
    and prices.min_input_tokens <= coalesce(price_at.input_tokens, 0)
  order by prices.min_input_tokens desc
  limit 1;
  return case when found then price end;
end
$$;
comment on function private.price_at(text, timestamptz, bigint) is
  'The price of a service at a moment for a prompt of that many tokens: the highest tier that '
  'the prompt reaches. Null when no price is known.';
grant execute on function private.price_at(text, timestamptz, bigint) to service_role;

create function private.cost_of(price public.service_prices, usage jsonb)
returns jsonb
language plpgsql
immutable
set search_path = ''
as $$
begin
  return (
    with tokens as (
      select
        coalesce((cost_of.usage ->> 'input_tokens')::numeric, 0) as input,
        coalesce((cost_of.usage ->> 'cached_input_tokens')::numeric, 0) as cached,
        coalesce((cost_of.usage ->> 'cache_write_tokens')::numeric, 0) as written,
        coalesce((cost_of.usage ->> 'output_tokens')::numeric, 0) as output,
        coalesce((cost_of.usage ->> 'reasoning_tokens')::numeric, 0) as reasoning
    ),
    -- A vendor that counts more cached than prompt tokens, or more reasoning than
    -- output, contradicts itself: the discount is dropped, never a negative line.
    classes as (
      select
        case when cached + written <= input then input - cached - written else input end as input,
        case when cached + written <= input then cached else 0 end as cached,
        case when cached + written <= input then written else 0 end as written,
        case when reasoning <= output then output - reasoning else output end as output,
        case when reasoning <= output then reasoning else 0 end as reasoning
      from tokens
    )
    select jsonb_strip_nulls(jsonb_build_object(
      'input', trim_scale(nullif(input * cost_of.price.input_rate * 0.000001, 0)),
      'cached_input',
      trim_scale(
        nullif(
          cached * coalesce(cost_of.price.cached_input_rate, cost_of.price.input_rate) * 0.000001,
          0
        )
      ),
      'cache_write',
      trim_scale(
        nullif(
          written * coalesce(cost_of.price.cache_write_rate, cost_of.price.input_rate) * 0.000001,
          0
        )
      ),
      'output', trim_scale(nullif(output * cost_of.price.output_rate * 0.000001, 0)),
      'reasoning',
      trim_scale(
        nullif(
          reasoning * coalesce(cost_of.price.reasoning_rate, cost_of.price.output_rate) * 0.000001,
          0
        )
      ),
      'request', trim_scale(nullif(cost_of.price.request_rate, 0))
    ))
    from classes
    where cost_of.price.id is not null and cost_of.usage is not null
  );
end
$$;
comment on function private.cost_of(public.service_prices, jsonb) is
  'Dollars per class of tokens for one call, unrounded, lines of nothing left out. usage has '
  'input_tokens (cached and cache-written ones included), cached_input_tokens, '
  'cache_write_tokens, output_tokens (reasoning included), reasoning_tokens. Null without a '
  'price or without usage.';
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
