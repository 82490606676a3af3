begin;
select plan(1);

select is(
  private.cost_of(
    jsonb_populate_record(
      null::public.service_prices,
      '{
        "id": "70000000-0000-4000-8000-000000000001", "input_rate": 3, "cached_input_rate": 0.3,
        "cache_write_rate": 3.75, "output_rate": 15, "reasoning_rate": 20, "request_rate": 0.01
      }'
    ),
    '{
      "input_tokens": 1000, "cached_input_tokens": 400, "cache_write_tokens": 100,
      "output_tokens": 300, "reasoning_tokens": 50
    }'
  ),
  '{
    "input": 0.0015, "cached_input": 0.00012, "cache_write": 0.000375,
    "output": 0.00375, "reasoning": 0.001, "request": 0.01
  }'::jsonb,
  'cached and written tokens come off the prompt, reasoning off the answer, and the call has its price'
);

select * from finish();
rollback;
