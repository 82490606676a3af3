-- The current state of what 000850_reported_usage.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Functions --------------------------------------------------------------------------------------

create function private.bounded_cost(cost text)
returns numeric
language plpgsql immutable strict security invoker
set search_path=""
as $body$
begin
  return case
    -- Short, so that the number can be calculated with.
    when char_length(bounded_cost.cost) <= 40
      and bounded_cost.cost ~ '^\d+(\.\d+)?([eE][-+]?\d{1,3})?$'
      and bounded_cost.cost::numeric <= 1000000000
    then round(bounded_cost.cost::numeric, 10)
  end;
end
$body$;
grant execute on function private.bounded_cost(text) to service_role;

create function private.bounded_count(reported jsonb)
returns numeric
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  return case
    when jsonb_typeof(bounded_count.reported) = 'number'
      then least(greatest(trunc(bounded_count.reported::numeric), 0), 1000000000)
    else 0
  end;
end
$body$;
grant execute on function private.bounded_count(jsonb) to service_role;

create function private.bounded_usage(usage jsonb)
returns jsonb
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  return jsonb_build_object(
    'input_tokens', private.bounded_count(bounded_usage.usage -> 'input_tokens'),
    'output_tokens', private.bounded_count(bounded_usage.usage -> 'output_tokens'),
    'cached_input_tokens', private.bounded_count(bounded_usage.usage -> 'cached_input_tokens'),
    'cache_write_tokens', private.bounded_count(bounded_usage.usage -> 'cache_write_tokens'),
    'reasoning_tokens', private.bounded_count(bounded_usage.usage -> 'reasoning_tokens'),
    'estimated', bounded_usage.usage -> 'estimated' is not distinct from 'true',
    'usage_details', private.usage_details(bounded_usage.usage)
  );
end
$body$;
grant execute on function private.bounded_usage(jsonb) to service_role;

create function private.usage_details(usage jsonb)
returns jsonb
language plpgsql immutable security invoker
set search_path=""
as $body$
begin
  -- Few calls have such details.
  if not coalesce(
    usage_details.usage ?| array['service_tier', 'cache_write_1h_tokens', 'units'], false
  ) then
    return null;
  end if;
  return (
    select nullif(jsonb_strip_nulls(jsonb_build_object(
      'service_tier',
      nullif(private.service_tier(usage_details.usage ->> 'service_tier'), 'standard'),
      'cache_write_1h_tokens', case
        when jsonb_typeof(usage_details.usage -> 'cache_write_1h_tokens') = 'number'
        then nullif(
          least(
            greatest(trunc((usage_details.usage ->> 'cache_write_1h_tokens')::numeric), 0),
            1000000000
          ),
          0
        )
      end,
      'units', (
        select jsonb_object_agg(used.unit, least(used.number, '1000000000'))
        from jsonb_each(
          case jsonb_typeof(usage_details.usage -> 'units')
            when 'object' then usage_details.usage -> 'units' else '{}'
          end
        ) as used (unit, number)
        where jsonb_typeof(used.number) = 'number' and used.number > '0'
          and used.unit ~ '^(character|second|image)(/[a-z0-9_.-]{1,40}){0,2}$'
      )
    )), '{}')
  );
end
$body$;
grant execute on function private.usage_details(jsonb) to service_role;
