begin;
select plan(8);

create function pg_temp.cost(tokens bigint, rate numeric)
returns numeric
language sql
as $$
  select private.total_cost(private.cost_of(
    jsonb_populate_record(
      null::public.service_prices,
      jsonb_build_object(
        'id', '70000000-0000-4000-8000-000000000001', 'input_rate', rate, 'output_rate', 0, 'request_rate', 0
      )
    ),
    jsonb_build_object('input_tokens', tokens)
  ))
$$;

select is(pg_temp.cost(tokens, rate), cost, format('%s tokens at %s', tokens, rate))
from (values
  (1::bigint, 0.00000001, 0.0000000000),
  (1, 0.00015, 0.0000000002),
  (5000, 0.00000001, 0.0000000001),
  (4999, 0.00000001, 0.0000000000),
  (3, 0.1, 0.0000003000),
  (1234567, 2.5, 3.0864175000),
  (9007199254740993, 0.3, 2702159776.4222979000),
  -- The exact value is 11828.97347767415 less a little: a line that is rounded before the sum is goes up.
  (973297321, 12.15350461, 11828.9734776741)
) as examples (tokens, rate, cost);

select * from finish();
rollback;
