-- The current state of what 000340_price_lists.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.array_of(value jsonb)
returns jsonb
language sql immutable security invoker
set search_path=""
as $body$
  select case jsonb_typeof(array_of.value) when 'array' then array_of.value else '[]' end
$body$;
grant execute on function private.array_of(jsonb) to authenticated, service_role;

create function private.check_list(list jsonb)
returns void
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  found_problems jsonb := (
    select jsonb_agg(
      jsonb_build_object('place', place, 'name', name, 'problem', problem) order by place, problem
    )
    from private.list_problems(check_list.list)
  );
  first_problem jsonb := found_problems -> 0;
begin
  if found_problems is not null then
    perform private.refuse(
      'price_list_invalid',
      format(
        'Cannot import the list: %s %s%s.', left(first_problem ->> 'name', 300),
        first_problem ->> 'problem',
        case
          when jsonb_array_length(found_problems) > 1
            then format(', and %s more problems', jsonb_array_length(found_problems) - 1)
        end
      ),
      'Nothing was applied. Correct the list, or take another version of it.',
      jsonb_build_object(
        'problems', jsonb_path_query_array(found_problems, '$[0 to 49]'),
        'count', jsonb_array_length(found_problems)
      )
    );
  end if;
end
$body$;
grant execute on function private.check_list(jsonb) to service_role;

create function private.is_day(value jsonb)
returns boolean
language sql immutable security invoker
set search_path=""
as $body$
  select case jsonb_typeof(is_day.value)
    when 'null' then true
    when 'string' then is_day.value #>> '{}' ~ '^(19|2[0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}$'
      and is_day.value @? '$.datetime("YYYY-MM-DD")'
  end is true
$body$;
grant execute on function private.is_day(jsonb) to service_role;

create function private.is_rate(value jsonb, most numeric)
returns boolean
language sql immutable security invoker
set search_path=""
as $body$
  select case jsonb_typeof(is_rate.value)
    when 'null' then true
    when 'number' then (is_rate.value #>> '{}')::numeric between 0 and is_rate.most
    when 'string' then case when is_rate.value #>> '{}' ~ '^[0-9]{1,12}(\.[0-9]{1,40})?$' then
      (is_rate.value #>> '{}')::numeric <= is_rate.most
    end
  end is true
$body$;
grant execute on function private.is_rate(jsonb,numeric) to service_role;

create function private.is_token_count(value jsonb)
returns boolean
language sql immutable security invoker
set search_path=""
as $body$
  select case jsonb_typeof(is_token_count.value)
    when 'null' then true
    when 'number' then (is_token_count.value #>> '{}')::numeric % 1 = 0
      and (is_token_count.value #>> '{}')::numeric between 0 and 2000000000
  end is true
$body$;
grant execute on function private.is_token_count(jsonb) to service_role;

create function private.list_problems(list jsonb)
returns TABLE(place bigint, name text, problem text)
language sql stable security invoker
set search_path=""
as $body$
  with services as (
    select
      listed.place, listed.service,
      coalesce(
        nullif(
          concat_ws('/', listed.service ->> 'vendor_id', listed.service ->> 'service_name'), ''
        ),
        '?'
      ) as name
    from jsonb_array_elements(private.array_of(list_problems.list -> 'services'))
      with ordinality as listed (service, place)
  )
  select 0, 'the list', checks.problem
  from (values
    (
      jsonb_typeof(list_problems.list -> 'source') = 'string'
      and list_problems.list ->> 'source' ~ '^[a-z][a-z0-9.-]{1,62}$',
      'has no source such as "litellm"'
    ),
    (
      private.is_day(list_problems.list -> 'as_of') and list_problems.list ->> 'as_of' is not null,
      'has no day as_of on which it was true'
    ),
    (list_problems.list @? '$.services[0]', 'has no services')
  ) as checks (holds, problem)
  where checks.holds is not true
  union all
  select services.place, services.name, private.service_problems(services.service)
  from services
  union all
  select max(services.place), services.name, 'is listed more than once'
  from services
  group by services.name
  having count(*) > 1
  union all
  select services.place, services.name, 'has two prices for the same tier, prompt and day'
  from services
  cross join lateral jsonb_array_elements(
    private.array_of(services.service -> 'prices')
  ) prices (price)
  group by
    services.place, services.name, coalesce(price ->> 'service_tier', 'standard'),
    coalesce(price ->> 'min_input_tokens', '0'), price ->> 'valid_from'
  having count(*) > 1
$body$;
grant execute on function private.list_problems(jsonb) to service_role;

create function private.price_problems(price jsonb)
returns SETOF text
language sql stable security invoker
set search_path=""
as $body$
  select 'has a price that is not an object' where jsonb_typeof(price_problems.price) <> 'object'
  union all
  select case
    when field.name like '%\_rate' then format(
      'has the %s %s, which is no amount of dollars from 0 to %s per %s', field.name, field.value,
      rates.most, case field.name when 'request_rate' then 'call' else 'million tokens' end
    )
    else format('has a price with the field %s of %s', field.name, left(field.value::text, 100))
  end
  from jsonb_each(
    case jsonb_typeof(price_problems.price) when 'object' then price_problems.price end
  ) as field (name, value)
  -- No model costs more than this: a list with a higher price uses another unit.
  cross join lateral (
    select case field.name when 'request_rate' then 10000 else 700 end as most
  ) rates
  where case
    when field.name = any (private.rate_columns()) then private.is_rate(field.value, rates.most)
    when field.name = 'unit_rates' then private.are_unit_rates(field.value)
    when field.name = 'valid_from' then private.is_day(field.value)
    when field.name = 'min_input_tokens' then private.is_token_count(field.value)
    when field.name = 'service_tier'
      then field.value in ('"standard"', '"priority"', '"flex"', '"batch"')
  end is not true
$body$;
grant execute on function private.price_problems(jsonb) to service_role;

create function private.rate_columns()
returns text[]
language sql immutable security invoker
set search_path=""
as $body$
  select array[
    'input_rate', 'cached_input_rate', 'cache_write_rate', 'cache_write_1h_rate', 'output_rate',
    'reasoning_rate', 'request_rate'
  ]
$body$;
grant execute on function private.rate_columns() to service_role;

create function private.service_problems(service jsonb)
returns SETOF text
language sql stable security invoker
set search_path=""
as $body$
  select checks.problem
  from (select service_problems.service as item) listed,
  lateral (values
    (jsonb_typeof(item) = 'object', 'is not an object'),
    (
      exists (select from public.vendors where vendors.id = item ->> 'vendor_id'),
      format('names the vendor "%s", which is not in the catalogue', left(item ->> 'vendor_id', 63))
    ),
    (
      jsonb_typeof(item -> 'service_name') = 'string'
      and char_length(item ->> 'service_name') between 1 and 255
      and private.is_plain(item ->> 'service_name'),
      'has no service_name of 1 to 255 characters'
    ),
    (
      coalesce(item ->> 'service_kind', 'chat') = any (private.service_kinds()),
      format('has the unknown service_kind "%s"', left(item ->> 'service_kind', 63))
    ),
    (
      private.is_token_count(coalesce(item -> 'context_window', 'null'))
      and private.is_token_count(coalesce(item -> 'max_output_tokens', 'null'))
      and coalesce(item ->> 'context_window', '1') <> '0'
      and coalesce(item ->> 'max_output_tokens', '1') <> '0',
      'has a context_window or max_output_tokens that is no number of tokens'
    ),
    (
      private.is_day(coalesce(item -> 'retired_on', 'null')),
      format('has the retired_on "%s", which is not a day', left(item ->> 'retired_on', 63))
    ),
    (
      jsonb_typeof(coalesce(item -> 'aliases', '[]')) = 'array'
      and not (coalesce(item -> 'aliases', '[]') @? '$[*] ? (@.type() != "string" || @ == "")')
      and not (coalesce(item -> 'aliases', '[]') @? '$[*] ? (@ like_regex "^.{255}.")'),
      'has aliases that are not names'
    ),
    (jsonb_typeof(coalesce(item -> 'prices', '[]')) = 'array', 'has prices that are no array')
  ) as checks (holds, problem)
  where checks.holds is not true
  union all
  select private.price_problems(prices.price)
  from jsonb_array_elements(private.array_of(service_problems.service -> 'prices')) prices (price)
  union all
  select 'has prices, but none of the standard tier for short prompts'
  where service_problems.service @? '$.prices[0]'
    and not (
      service_problems.service
      @? '$.prices[*] ? (!exists(@.service_tier) || @.service_tier == "standard")
        ? (!exists(@.min_input_tokens) || @.min_input_tokens == 0)'
    )
$body$;
grant execute on function private.service_problems(jsonb) to service_role;
