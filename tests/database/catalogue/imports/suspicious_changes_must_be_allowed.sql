begin;
select plan(23);

create function pg_temp.list(services jsonb, as_of text default '2026-12-01')
returns jsonb
language sql
as $$ select jsonb_build_object('source', 'test', 'as_of', as_of, 'services', services) $$;
-- gpt-4o, which costs 2.50 and 10, at these prices.
create function pg_temp.at(prices jsonb)
returns jsonb
language sql
as $$
  select pg_temp.list(jsonb_build_array(jsonb_build_object(
    'vendor_id', 'openai', 'service_name', 'gpt-4o', 'prices', jsonb_build_array(prices)
  )))
$$;
create temporary table cases as
select * from (values
  ('{"input_rate": 7.6, "output_rate": 10}'::jsonb, 'jump'),
  ('{"input_rate": 2.5, "output_rate": 0.9}', 'jump'),
  ('{"input_rate": 0.0000025, "output_rate": 0.00001}', 'jump'),
  ('{"input_rate": 0, "output_rate": 0}', 'zero'),
  ('{"input_rate": 2.5, "output_rate": 10, "cached_input_rate": 25}', 'cache')
) as cases (prices, guard);

select is(
  (select array_agg(planned.guard) from private.plan_catalogue_import(pg_temp.at(cases.prices)) planned),
  array[cases.guard], format('%s is a %s', cases.prices, cases.guard)
)
from cases;
select tests.refused(
  format('select private.apply_catalogue_import(%L)', pg_temp.at(cases.prices)), 409, 'price_list_suspicious', cases.guard || ' is stopped'
)
from cases;
select is(private.rate_guard('x', null, '{"input_rate": 0.0000025, "output_rate": 0.00001, "request_rate": 0, "unit_rates": {}}'), 'unit', 'dollars per token are no dollars per million');
select is(private.rate_guard('x', null, '{"input_rate": 250, "output_rate": 600, "request_rate": 0, "unit_rates": {}}'), 'unit', 'nor are cents');
select is(private.rate_guard('x:free', null, '{"input_rate": 0, "output_rate": 0, "request_rate": 0, "unit_rates": {}}'), null, 'what is called free may be');
select is(
  private.rate_guard(
    'x', '{"input_rate": 0, "output_rate": 0, "request_rate": 0, "unit_rates": {"image/1024x1024": 0.04}}',
    jsonb_build_object('input_rate', 0, 'output_rate', 0, 'request_rate', 0, 'unit_rates', units)
  ),
  wanted, units::text
)
from (values
  ('{"image/1024x1024": 0.12}'::jsonb, null), ('{"image/1024x1024": 0.13}', 'jump'), ('{"image/1024x1024": 0.003}', 'jump'),
  ('{"image/1024x1024": 0}', 'zero')
) as unit_rates (units, wanted);
select lives_ok(
  format('select private.apply_catalogue_import(%L, %L)', pg_temp.at('{"input_rate": 7.6, "output_rate": 10}'), '{"allow": ["jump"]}'),
  'what an operator allows is applied'
);
select is((private.price_at('openai_gpt4o', now() + interval '1 second', 0)).input_rate, 7.6::numeric(18, 8), 'as listed');

-- Five services, of which the next list has three.
create function pg_temp.services(number integer)
returns jsonb
language sql
as $$
  select jsonb_agg(jsonb_build_object('vendor_id', 'openai', 'service_name', name))
  from unnest((array['gpt-4o', 'gpt-4o-mini', 'gpt-4.1', 'gpt-4.1-mini', 'gpt-5'])[:number]) name
$$;
select private.apply_catalogue_import(pg_temp.list(pg_temp.services(5)));
select is_empty(
  format('select from private.plan_catalogue_import(%L) planned where planned.guard is not null', pg_temp.list(pg_temp.services(4))),
  'a list may have four fifths of what it had'
);
select tests.refused(
  format('select private.apply_catalogue_import(%L)', pg_temp.list(pg_temp.services(3))), 409, 'price_list_suspicious', 'but not less'
);
select lives_ok(
  format('select private.apply_catalogue_import(%L, %L)', pg_temp.list(pg_temp.services(3)), '{"allow": ["shrink"]}'),
  'unless that is allowed'
);
select is_empty(
  'select from private.catalogue_imports where changes ? ''retire''', 'nothing is retired by that'
);

select * from finish();
rollback;
