begin;
select plan(2);

select is(
  private.cost_of(
    jsonb_populate_record(
      null::public.service_prices,
      '{"id": "70000000-0000-4000-8000-000000000001", "input_rate": 3, "output_rate": 15, "request_rate": 0}'
    ),
    '{
      "input_tokens": 1000, "cached_input_tokens": 400, "cache_write_tokens": 100,
      "output_tokens": 300, "reasoning_tokens": 50
    }'
  ),
  '{"input": 0.0015, "cached_input": 0.0012, "cache_write": 0.0003, "output": 0.00375, "reasoning": 0.00075}'::jsonb,
  'cached and written tokens cost the prompt''s rate, reasoning the answer''s'
);

select is(
  private.cost_of(
    jsonb_populate_record(
      null::public.service_prices,
      '{
        "id": "70000000-0000-4000-8000-000000000001", "input_rate": 3, "cached_input_rate": 0, "cache_write_rate": 0,
        "output_rate": 15, "reasoning_rate": 0, "request_rate": 0
      }'
    ),
    '{
      "input_tokens": 1000, "cached_input_tokens": 400, "cache_write_tokens": 100,
      "output_tokens": 300, "reasoning_tokens": 50
    }'
  ),
  '{"input": 0.0015, "output": 0.00375}'::jsonb,
  'a rate of nothing is not a missing one'
);

select * from finish();
rollback;
