-- Lists of prices against the catalogue. Nothing is ever deleted: a service that ended is retired,
-- and a price that changed ends where the next one begins.

create table private.catalogue_imports (
  id bigint generated always as identity primary key,
  source text not null,
  as_of date not null,
  services jsonb not null,
  changes jsonb not null,
  created_at timestamptz not null default now()
);
alter table private.catalogue_imports enable row level security;
comment on table private.catalogue_imports is 'Lists of prices that were applied.';
comment on column private.catalogue_imports.id is 'Identifies the import.';
comment on column private.catalogue_imports.source is 'Which public list it was, such as litellm.';
comment on column private.catalogue_imports.as_of is 'The day on which the list was true.';
comment on column private.catalogue_imports.services is
  'How many services it had, by vendor: a later list that has far fewer is not applied unasked.';
comment on column private.catalogue_imports.changes is 'How many changes it made, by kind.';
comment on column private.catalogue_imports.created_at is 'When it was applied.';
grant select on private.catalogue_imports to service_role;

create type private.catalogue_change as (
  place integer, vendor_id text, service_name text, service_id text, change text,
  effective_from timestamptz, service_tier text, min_input_tokens integer, before jsonb,
  after jsonb, note text, guard text
);
comment on type private.catalogue_change is
  'One change that a list asks for: add, limits, alias, retire, price, end_tier or verify; or '
  'keep, unlisted and shrink, which change nothing. A change with a guard is made only if the '
  'guard is allowed.';

create function private.new_service_id(vendor_id text, service_name text)
returns text
language sql
stable
set search_path = ''
as $$
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
$$;
comment on function private.new_service_id(text, text) is
  'The id that a service of a list gets, such as openai_gpt_4_1.';
grant execute on function private.new_service_id(text, text) to service_role;

create function private.matches_any(name text, patterns jsonb)
returns boolean
language sql
immutable
set search_path = ''
as $$
  select exists (
    select from jsonb_array_elements_text(private.array_of(matches_any.patterns)) wanted (pattern)
    where matches_any.name like
      replace(regexp_replace(wanted.pattern, '([\\%_])', '\\\1', 'g'), '*', '%')
  )
$$;
comment on function private.matches_any(text, jsonb) is
  'Whether a name matches one of the patterns, in which * stands for anything.';
grant execute on function private.matches_any(text, jsonb) to service_role;

create function private.listed_services(list jsonb, options jsonb)
returns table (
  vendor_id text, service_name text, service_id text, is_new boolean, is_wanted boolean,
  service jsonb
)
language sql
stable
set search_path = ''
as $$
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
$$;
comment on function private.listed_services(jsonb, jsonb) is
  'The services of a list, and which of them are in the catalogue, or are to be added to it '
  'because options.add matches vendor/name.';
grant execute on function private.listed_services(jsonb, jsonb) to service_role;

create function private.listed_rates(price jsonb)
returns jsonb
language sql
immutable
set search_path = ''
as $$
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
$$;
comment on function private.listed_rates(jsonb) is
  'The rates of a price of a list, rounded as service_prices keeps them.';
grant execute on function private.listed_rates(jsonb) to service_role;

create function private.rates_of(price public.service_prices)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select jsonb_strip_nulls(jsonb_object_agg(field.name, field.value))
  from jsonb_each(to_jsonb(rates_of.price)) as field (name, value)
  where field.name = any (private.rate_columns()) or field.name = 'unit_rates'
$$;
comment on function private.rates_of(public.service_prices) is
  'The rates of a price, without those that are null.';
grant execute on function private.rates_of(public.service_prices) to service_role;

create function private.merged_rates(listed jsonb, kept jsonb)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select jsonb_strip_nulls(
    '{"input_rate": 0, "output_rate": 0, "request_rate": 0, "unit_rates": {}}'::jsonb
    || case
      when merged_rates.listed -> 'input_rate' <> merged_rates.kept -> 'input_rate'
        then merged_rates.kept - '{cached_input_rate,cache_write_rate,cache_write_1h_rate}'::text[]
      else coalesce(merged_rates.kept, '{}')
    end
    || merged_rates.listed
  )
$$;
comment on function private.merged_rates(jsonb, jsonb) is
  'The rates of a list, with those that it does not know as they are kept. Rates of a cache go '
  'with the input rate: they are not kept where that changes.';
grant execute on function private.merged_rates(jsonb, jsonb) to service_role;

create function private.rate_guard(service_name text, before jsonb, after jsonb)
returns text
language sql
immutable
set search_path = ''
as $$
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
$$;
comment on function private.rate_guard(text, jsonb, jsonb) is
  'What is suspicious about new rates: zero (nothing costs anything), jump (more than three times '
  'or less than a tenth of before), unit (hardly dollars per million tokens), cache (cached tokens '
  'cost more than others); null for nothing.';
grant execute on function private.rate_guard(text, jsonb, jsonb) to service_role;
