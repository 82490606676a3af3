-- The current state of what 000350_catalogue_imports.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Tables -----------------------------------------------------------------------------------------

create table private.catalogue_imports (
  id bigint generated always as identity not null,
  source text not null,
  as_of date not null,
  services jsonb not null,
  changes jsonb not null,
  created_at timestamp with time zone default now() not null,
  constraint catalogue_imports_pkey PRIMARY KEY (id)
);
alter table private.catalogue_imports enable row level security;
grant select on private.catalogue_imports to service_role;

-- Functions --------------------------------------------------------------------------------------

create function private.listed_rates(price jsonb)
returns jsonb
language sql immutable security invoker
set search_path=""
as $body$
  select coalesce(
    jsonb_object_agg(
      field.name,
      case
        when field.name = 'unit_rates' then field.value
        when jsonb_typeof(field.value) = 'null' then 'null'
        else to_jsonb(round((field.value #>> '{}')::numeric, 8))
      end
    ),
    '{}'
  )
  from jsonb_each(listed_rates.price) as field (name, value)
  where field.name = any (private.rate_columns()) or field.name = 'unit_rates'
$body$;
grant execute on function private.listed_rates(jsonb) to service_role;

create function private.listed_services(list jsonb, options jsonb)
returns TABLE(vendor_id text, service_name text, service_id text, is_new boolean, is_wanted boolean, service jsonb)
language sql stable security invoker
set search_path=""
as $body$
  select
    listed.service ->> 'vendor_id', listed.service ->> 'service_name',
    coalesce(
      services.id,
      private.new_service_id(listed.service ->> 'vendor_id', listed.service ->> 'service_name')
    ),
    services.id is null,
    services.id is not null or (
      (listed.service ->> 'retired_on' <= current_date::text) is not true
      and private.matches_any(
        (listed.service ->> 'vendor_id') || '/' || names.name, listed_services.options -> 'add'
      )
    ),
    listed.service
  from jsonb_array_elements(private.array_of(listed_services.list -> 'services')) listed (service)
  cross join lateral (select listed.service ->> 'service_name' as name) names
  left join public.vendor_services services
    on services.vendor_id = listed.service ->> 'vendor_id' and services.service_name = names.name
$body$;
grant execute on function private.listed_services(jsonb,jsonb) to service_role;

create function private.matches_any(name text, patterns jsonb)
returns boolean
language sql immutable security invoker
set search_path=""
as $body$
  select exists (
    select from jsonb_array_elements_text(private.array_of(matches_any.patterns)) wanted (pattern)
    where matches_any.name like
      replace(regexp_replace(wanted.pattern, '([\\%_])', '\\\1', 'g'), '*', '%')
  )
$body$;
grant execute on function private.matches_any(text,jsonb) to service_role;

create function private.merged_rates(listed jsonb, kept jsonb)
returns jsonb
language sql immutable security invoker
set search_path=""
as $body$
  select jsonb_strip_nulls(
    '{"input_rate": 0, "output_rate": 0, "request_rate": 0, "unit_rates": {}}'::jsonb
    || case
      when merged_rates.listed -> 'input_rate' <> merged_rates.kept -> 'input_rate'
        then merged_rates.kept - '{cached_input_rate,cache_write_rate,cache_write_1h_rate}'::text[]
      else coalesce(merged_rates.kept, '{}')
    end
    || merged_rates.listed
  )
$body$;
grant execute on function private.merged_rates(jsonb,jsonb) to service_role;

create function private.new_service_id(vendor_id text, service_name text)
returns text
language sql stable security invoker
set search_path=""
as $body$
  select case
    when exists (select from public.vendor_services where vendor_services.id = named.id)
      then named.id || '_' || left(pg_catalog.md5(new_service_id.service_name), 6)
    else named.id
  end
  from (
    select left(
      new_service_id.vendor_id || '_' || trim(
        both '_' from regexp_replace(lower(new_service_id.service_name), '[^a-z0-9]+', '_', 'g')
      ), 120
    ) as id
  ) named
$body$;
grant execute on function private.new_service_id(text,text) to service_role;

create function private.rate_guard(service_name text, before jsonb, after jsonb)
returns text
language sql immutable security invoker
set search_path=""
as $body$
  select case
    when not rate_guard.service_name like '%:free'
      and (rate_guard.after ->> 'input_rate')::numeric
        + (rate_guard.after ->> 'output_rate')::numeric
        + (rate_guard.after ->> 'request_rate')::numeric = 0
      and not (rate_guard.after -> 'unit_rates' @? '$.* ? (@ > 0)') then 'zero'
    when exists (
      select
      from (values
        (rate_guard.before, rate_guard.after),
        (rate_guard.before -> 'unit_rates', rate_guard.after -> 'unit_rates')
      ) as rates (before, after)
      cross join lateral jsonb_each_text(
        rates.before - '{unit_rates,cached_input_rate,cache_write_rate,cache_write_1h_rate,
                         reasoning_rate}'::text[]
      ) as rate (name, amount)
      where rate.amount::numeric > 0
        and (rates.after ->> rate.name)::numeric
          not between rate.amount::numeric / 10 and rate.amount::numeric * 3
    ) then 'jump'
    when (rate_guard.after ->> 'input_rate')::numeric > 150
      or ((rate_guard.after ->> 'input_rate')::numeric between 0.00000001 and 0.001)
      or ((rate_guard.after ->> 'output_rate')::numeric between 0.00000001 and 0.001) then 'unit'
    when (rate_guard.after ->> 'cached_input_rate')::numeric
      > (rate_guard.after ->> 'input_rate')::numeric then 'cache'
  end
$body$;
grant execute on function private.rate_guard(text,jsonb,jsonb) to service_role;

create function private.rates_of(price public.service_prices)
returns jsonb
language sql immutable security invoker
set search_path=""
as $body$
  select jsonb_strip_nulls(jsonb_object_agg(field.name, field.value))
  from jsonb_each(to_jsonb(rates_of.price)) as field (name, value)
  where field.name = any (private.rate_columns()) or field.name = 'unit_rates'
$body$;
grant execute on function private.rates_of(public.service_prices) to service_role;
