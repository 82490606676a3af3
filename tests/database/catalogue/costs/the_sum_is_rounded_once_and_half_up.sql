begin;
select plan(7);

select is(private.total_cost(breakdown), total, breakdown::text)
from (values
  ('{"input": 0.00000000005}'::jsonb, 0.0000000001),
  ('{"input": 0.00000000004999}', 0.0000000000),
  ('{"input": 0.00000000015}', 0.0000000002),
  ('{"input": 0.00000000005, "output": 0.00000000005}', 0.0000000001),
  ('{"input": 0.00000000004, "output": 0.00000000004, "request": 0.00000000004}', 0.0000000001),
  ('{"input": 0.00000000004, "output": 0.000000000009}', 0.0000000000),
  ('{"input": 0.1, "output": 0.2}', 0.3000000000)
) as examples (breakdown, total);

select * from finish();
rollback;
