-- Prices of services, by the rates of their day.

create function private.are_unit_rates(rates jsonb)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select jsonb_typeof(are_unit_rates.rates) = 'object'
    and not exists (
      select from jsonb_each(
        case jsonb_typeof(are_unit_rates.rates) when 'object' then are_unit_rates.rates end
      ) as rate (unit, amount)
      where rate.unit !~ '^(character|second|image)(/[a-z0-9_.-]{1,40}){0,2}$'
        or jsonb_typeof(rate.amount) <> 'number'
        or not rate.amount between '0' and '10000'
    )
$$;
comment on function private.are_unit_rates(jsonb) is
  'Whether a document has rates of units as service_prices.unit_rates has them.';
grant execute on function private.are_unit_rates(jsonb) to service_role;

create table public.service_prices (
  id uuid primary key default gen_random_uuid(),
  service_id text not null references public.vendor_services (id) on delete cascade,
  valid_during tstzrange not null default tstzrange(now(), null),
  min_input_tokens integer not null default 0,
  input_rate numeric(18, 8) not null default 0,
  cached_input_rate numeric(18, 8),
  cache_write_rate numeric(18, 8),
  cache_write_1h_rate numeric(18, 8),
  output_rate numeric(18, 8) not null default 0,
  reasoning_rate numeric(18, 8),
  request_rate numeric(18, 8) not null default 0,
  unit_rates jsonb not null default '{}',
  unit_increment numeric(18, 8),
  unit_minimum numeric(18, 8),
  service_tier text not null default 'standard',
  multiplier numeric(6, 4) not null default 1,
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
    and cache_write_1h_rate between 0 and 10000
  ),
  constraint unit_increment_is_between_0_and_1000000
    check (unit_increment > 0 and unit_increment <= 1000000),
  constraint unit_minimum_is_between_0_and_1000000
    check (unit_minimum > 0 and unit_minimum <= 1000000),
  constraint unit_rates_are_rates_of_units check (private.are_unit_rates(unit_rates)),
  constraint service_tier_is_known
    check (service_tier in ('standard', 'priority', 'flex', 'batch')),
  constraint price_multiplier_is_between_0_and_10 check (multiplier > 0 and multiplier <= 10),
  constraint prices_of_a_service_do_not_overlap exclude using gist (
    service_id with =, service_tier with =, min_input_tokens with =, valid_during with &&
  )
);
comment on table public.service_prices is
  'What a service costs, in US dollars, over a range of time. Ranges cannot overlap, so every '
  'moment has at most one price; old prices stay, so that past usage can be repriced.';
comment on column public.service_prices.id is
  'Primary key; kept on every interaction that was priced with it.';
comment on column public.service_prices.service_id is 'The service that the price is of.';
comment on column public.service_prices.valid_during is
  'From when until when; no end while it is the current price.';
comment on column public.service_prices.min_input_tokens is
  'The tier: this price applies to all tokens of a call whose prompt has at least this many.';
comment on column public.service_prices.input_rate is
  'Dollars per million prompt tokens that were not cached.';
comment on column public.service_prices.cached_input_rate is
  'Dollars per million prompt tokens read from the vendor''s cache; null means the input rate.';
comment on column public.service_prices.cache_write_rate is
  'Dollars per million prompt tokens written to the vendor''s cache; null means the input rate.';
comment on column public.service_prices.cache_write_1h_rate is
  'Dollars per million prompt tokens written to the vendor''s cache for an hour or longer; null '
  'means the cache write rate.';
comment on column public.service_prices.output_rate is 'Dollars per million tokens of the answer.';
comment on column public.service_prices.reasoning_rate is
  'Dollars per million reasoning tokens; null means the output rate.';
comment on column public.service_prices.request_rate is 'Dollars per call, besides its tokens.';
comment on column public.service_prices.unit_rates is
  'Dollars for each unit that is not a token: {"character": 0.000015}, {"second": 0.0001}, or '
  '{"image": 0.04, "image/1024x1792": 0.08, "image/1024x1792/hd": 0.12}, by size and quality. The '
  'most specific one applies; a size without one costs as much as the most expensive.';
comment on column public.service_prices.unit_increment is
  'The increment to which a vendor rounds up the units of a call, such as 15 seconds; null for no '
  'rounding.';
comment on column public.service_prices.unit_minimum is
  'The minimum of units that a vendor charges per call, such as 10 seconds; null for none.';
comment on column public.service_prices.service_tier is
  'The tier of service that it holds for: standard, priority, flex or batch. A tier without a '
  'price of its own has the standard one.';
comment on column public.service_prices.multiplier is
  'Factor on all rates, such as 1.1 where a region costs a tenth more.';
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

create function private.service_tier(answered text)
returns text
language plpgsql
immutable
set search_path = ''
as $$
begin
  return case
    when lower(service_tier.answered) in ('priority', 'flex', 'batch')
      then lower(service_tier.answered)
    when lower(service_tier.answered) = 'fast' then 'priority'
    else 'standard'
  end;
end
$$;
comment on function private.service_tier(text) is
  'Maps a vendor''s service tier to a price tier: fast is priority; unknown and prepaid tiers are '
  'standard.';
grant execute on function private.service_tier(text) to service_role;

create function private.price_at(
  service_id text, at timestamptz, input_tokens bigint, service_tier text default 'standard'
)
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
    and prices.service_tier in ('standard', private.service_tier(price_at.service_tier))
  order by prices.service_tier = 'standard', prices.min_input_tokens desc
  limit 1;
  return case when found then price end;
end
$$;
comment on function private.price_at(text, timestamptz, bigint, text) is
  'The price of a service at a moment for a prompt of that many tokens: the highest tier of the '
  'prompt''s length that it reaches, of the tier of service or else the standard one. Null when no '
  'price is known.';
grant execute on function private.price_at(text, timestamptz, bigint, text) to service_role;
