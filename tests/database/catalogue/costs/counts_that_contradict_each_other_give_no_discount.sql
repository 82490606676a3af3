begin;
select plan(8);

create function pg_temp.lines(usage jsonb)
returns jsonb
language sql
as $$
  select private.cost_of(
    jsonb_populate_record(
      null::public.service_prices,
      '{
        "id": "70000000-0000-4000-8000-000000000001", "input_rate": 10, "cached_input_rate": 1,
        "cache_write_rate": 20, "output_rate": 100, "reasoning_rate": 50, "request_rate": 0
      }'
    ),
    usage
  )
$$;

select is(pg_temp.lines(usage), wanted, usage::text)
from (values
  ('{"input_tokens": 100, "cached_input_tokens": 100}'::jsonb, '{"cached_input": 0.0001}'::jsonb),
  ('{"input_tokens": 100, "cached_input_tokens": 101}', '{"input": 0.001}'),
  (
    '{"input_tokens": 100, "cached_input_tokens": 60, "cache_write_tokens": 40}',
    '{"cached_input": 0.00006, "cache_write": 0.0008}'
  ),
  ('{"input_tokens": 100, "cached_input_tokens": 60, "cache_write_tokens": 41}', '{"input": 0.001}'),
  ('{"input_tokens": 0, "cached_input_tokens": 7}', '{}'),
  ('{"output_tokens": 10}', '{"output": 0.001}'),
  ('{"output_tokens": 10, "reasoning_tokens": 10}', '{"reasoning": 0.0005}'),
  ('{"output_tokens": 10, "reasoning_tokens": 11}', '{"output": 0.001}')
) as examples (usage, wanted);

select * from finish();
rollback;
