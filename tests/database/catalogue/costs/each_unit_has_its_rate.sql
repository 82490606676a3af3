begin;
select plan(27);

insert into public.vendor_services (id, vendor_id, service_name, display_name) values
  ('openai_units', 'openai', 'units', 'Units');
insert into public.service_prices (
  service_id, valid_during, service_tier, min_input_tokens, input_rate, cached_input_rate, cache_write_rate,
  cache_write_1h_rate, output_rate, multiplier, unit_rates
)
values
  ('openai_units', tstzrange('2026-01-01', null), 'standard', 0, 4, 0.4, 5, 8, 20, 1, '{}'),
  ('openai_units', tstzrange('2026-01-01', null), 'standard', 1000, 8, null, null, null, 40, 1, '{}'),
  ('openai_units', tstzrange('2026-01-01', null), 'priority', 0, 10, null, null, null, 50, 1, '{}'),
  ('openai_units', tstzrange('2026-01-01', null), 'flex', 0, 2, null, null, null, 10, 1, '{}'),
  ('openai_units', tstzrange('2026-01-01', null), 'batch', 0, 4, null, null, null, 20, 0.55, '{}');

-- What a call costs that used this.
create function pg_temp.cost(usage jsonb)
returns jsonb
language sql
as $$
  select private.cost_of(
    private.price_at('openai_units', now(), (cost.usage ->> 'input_tokens')::bigint, cost.usage ->> 'service_tier'),
    cost.usage
  )
$$;
-- What units cost at rates.
create function pg_temp.units(rates jsonb, units jsonb)
returns jsonb
language sql
as $$
  select private.cost_of(
    jsonb_populate_record(
      null::public.service_prices,
      jsonb_build_object('id', gen_random_uuid(), 'unit_rates', units.rates)
    ),
    jsonb_build_object('units', units.units)
  )
$$;

select is(
  pg_temp.cost('{"input_tokens": 900, "cached_input_tokens": 100, "cache_write_tokens": 500, "cache_write_1h_tokens": 200}'),
  '{"input": 0.0012, "cached_input": 0.00004, "cache_write": 0.0015, "cache_write_1h": 0.0016}',
  'a cache that is kept for an hour costs more to write'
);
select is(
  pg_temp.cost('{"input_tokens": 900, "cache_write_tokens": 500, "cache_write_1h_tokens": 700}'),
  '{"input": 0.0016, "cache_write_1h": 0.004}', 'and no token is written twice'
);
select results_eq(
  $$
    select pg_temp.cost(jsonb_build_object('input_tokens', tokens, 'service_tier', tier)) ->> 'input'
    from (values
      (1, 900, 'priority'), (2, 900, 'fast'), (3, 900, 'flex'), (4, 900, 'batch'), (5, 900, 'default'),
      (6, 900, 'scale'), (7, 900, null), (8, 1000, null), (9, 1000, 'priority')
    ) calls (place, tokens, tier)
    order by place
  $$,
  $$ values ('0.009'), ('0.009'), ('0.0018'), ('0.00198'), ('0.0036'), ('0.0036'), ('0.0036'), ('0.008'), ('0.01') $$,
  'the tier that answered has its price'
);
select is(pg_temp.units('{"character": 0.000015}', '{"character": 2000}'), '{"character": 0.03}', 'characters');
select is(pg_temp.units('{"second": 0.0001}', '{"second": 90.5}'), '{"second": 0.00905}', 'seconds');
select is(
  pg_temp.units(
    '{"image": 0.04, "image/1024x1792": 0.08, "image/1024x1792/hd": 0.12}',
    '{"image/1024x1792/hd": 2, "image/1024x1792/standard": 1, "image/1024x1024/standard": 3}'
  ),
  '{"image": 0.44}', 'images by size and quality'
);
select is(
  pg_temp.units('{"image/1024x1024": 0.04, "image/1024x1792": 0.08}', '{"image/2048x2048": 1}'), '{"image": 0.08}',
  'a size that has no rate costs as much as the dearest'
);
select is(pg_temp.units('{"character": 1}', '{"image": 1}'), '{}', 'what a service does not charge for costs nothing');
-- Increments and minimums, as Google and Amazon have them; exact where a quotient is not.
select is(
  private.cost_of(
    jsonb_populate_record(null::public.service_prices, jsonb_build_object(
      'id', gen_random_uuid(), 'unit_rates', '{"second": 0.0000000003}'::jsonb,
      'unit_increment', billing.increment, 'unit_minimum', billing.minimum
    )),
    jsonb_build_object('units', jsonb_build_object('second', billing.used))
  ),
  jsonb_strip_nulls(jsonb_build_object('second', nullif(billing.charged * 0.0000000003, 0))),
  format('%s of %s, at least %s', billing.used, billing.increment, billing.minimum)
)
from (values
  (1, 15, null, 15), (15, 15, null, 15), (15.001, 15, null, 30), (7, null, 15, 15),
  (16, null, 15, 16), (1, 6, 10, 10), (11, 6, 10, 12), (0.7, 0.1, null, 0.7), (2, 0.3, null, 2.1),
  (0, 15, 10, 0)
) as billing (used, increment, minimum, charged);
insert into public.vendor_services (id, vendor_id, service_name, display_name, service_kind) values
  ('openai_seconds', 'openai', 'seconds', 'Seconds', 'transcription');
insert into public.service_prices (service_id, unit_rates, unit_increment, unit_minimum) values
  ('openai_seconds', '{"second": 0.01}', 15, 20);
select is(
  private.most_cost('[{"service_id": "openai_seconds"}]', private.size_of_prompt('[]', 0), 'transcription', 0, units),
  cost, format('so much is reserved for %s', units)
)
from (values ('{"second": 1}'::jsonb, 0.2), ('{"second": 31}', 0.45)) as bought (units, cost);
select is(
  (private.prices_of_routes('[{"service_id": "openai_seconds"}]') -> 0) - array['id', 'input_rate', 'output_rate'],
  '{"service_id": "openai_seconds", "min_input_tokens": 0, "service_tier": "standard", "unit_rates": {"second": 0.01},
    "unit_increment": 15.00000000, "unit_minimum": 20.00000000}',
  'a turn notes both when it begins'
);
select tests.breaks(
  format('insert into public.service_prices (service_id, %s) values (''replicate_sdxl'', 0)', field),
  field || '_is_between_0_and_1000000', field || ' is positive'
)
from unnest(array['unit_increment', 'unit_minimum']) as field;
select tests.breaks(
  format(
    $$ insert into public.service_prices (service_id, unit_rates) values ('replicate_sdxl', %L) $$, rates
  ),
  'unit_rates_are_rates_of_units', format('not %s', rates)
)
from unnest(array['{"token": 1}', '{"image": -1}', '[]', '{"image": "1"}']) as rates;

select * from finish();
rollback;
