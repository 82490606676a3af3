-- Usage as vendors report it, limited to numbers that can be calculated with.

create function private.usage_details(usage jsonb)
returns jsonb
language plpgsql
immutable
set search_path = ''
as $$
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
$$;
comment on function private.usage_details(jsonb) is
  'What usage has beside the common classes of tokens, as agent_executions.usage_details has it.';
grant execute on function private.usage_details(jsonb) to service_role;

create function private.bounded_count(reported jsonb)
returns numeric
language plpgsql
immutable
set search_path = ''
as $$
begin
  return case
    when jsonb_typeof(bounded_count.reported) = 'number'
      then least(greatest(trunc(bounded_count.reported::numeric), 0), 1000000000)
    else 0
  end;
end
$$;
comment on function private.bounded_count(jsonb) is
  'A number of tokens as reported, from 0 to 1,000,000,000; 0 if it is not a number.';
grant execute on function private.bounded_count(jsonb) to service_role;

create function private.bounded_usage(usage jsonb)
returns jsonb
language plpgsql
immutable
set search_path = ''
as $$
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
$$;
comment on function private.bounded_usage(jsonb) is
  'Usage as a vendor or an estimate states it, every count a number from 0 to 1,000,000,000.';
grant execute on function private.bounded_usage(jsonb) to service_role;

create function private.bounded_cost(cost text)
returns numeric
language plpgsql
immutable strict
set search_path = ''
as $$
begin
  return case
    -- Short, so that the number can be calculated with.
    when char_length(bounded_cost.cost) <= 40
      and bounded_cost.cost ~ '^\d+(\.\d+)?([eE][-+]?\d{1,3})?$'
      and bounded_cost.cost::numeric <= 1000000000
    then round(bounded_cost.cost::numeric, 10)
  end;
end
$$;
comment on function private.bounded_cost(text) is
  'The cost of a call as its vendor reports it, in US dollars; null if it is not an amount from 0 '
  'to 1,000,000,000.';
grant execute on function private.bounded_cost(text) to service_role;
