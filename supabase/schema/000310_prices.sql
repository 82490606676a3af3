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

create function public.service_prices(agent_executions public.agent_executions)
returns SETOF public.service_prices
language sql stable security invoker
set search_path=""
as $body$  select related.* from public.service_prices related where related.id = service_prices.agent_executions.price_id $body$;
grant execute on function public.service_prices(public.agent_executions) to authenticated, service_role;

create function public.service_prices(ai_interactions public.ai_interactions)
returns SETOF public.service_prices
language sql stable security invoker
set search_path=""
as $body$  select related.* from public.service_prices related where related.id = service_prices.ai_interactions.price_id $body$;
grant execute on function public.service_prices(public.ai_interactions) to authenticated, service_role;
