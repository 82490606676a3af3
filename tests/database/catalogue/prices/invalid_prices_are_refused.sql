begin;
select plan(41);

insert into public.service_prices (id, service_id, valid_during, min_input_tokens) values
  ('70000000-0000-4000-8000-000000000001', 'replicate_sdxl', '[2030-01-01,2031-01-01)', 0),
  ('70000000-0000-4000-8000-000000000002', 'stability_sd3', '[2030-01-01,2031-01-01)', 0);

select tests.breaks(
  format('update public.service_prices set %s where id = ''70000000-0000-4000-8000-000000000001''', change), rule,
  change || ' is refused'
)
from (values
  ('id = ''70000000-0000-4000-8000-000000000002''', 'service_prices_pkey'),
  ('service_id = ''nothing''', 'service_prices_service_id_fkey'),
  ('valid_during = ''empty''', 'price_range_is_not_empty'),
  ('valid_during = ''(,2031-01-01)''', 'price_range_has_a_beginning'),
  ('min_input_tokens = -1', 'min_input_tokens_is_not_negative')
) as broken (change, rule);

select tests.breaks(
  format('update public.service_prices set %I = %s where id = ''70000000-0000-4000-8000-000000000001''', rate, value),
  'rates_are_between_0_and_10000', format('%s %s is refused', rate, value)
)
from unnest(array[
  'input_rate', 'cached_input_rate', 'cache_write_rate', 'output_rate', 'reasoning_rate', 'request_rate'
]) as rate, unnest(array['-0.00000001', '10000.00000001', '''NaN''']) as value;

select tests.changes(
  format('update public.service_prices set %I = %s where id = ''70000000-0000-4000-8000-000000000001''', rate, value),
  1, format('%s %s is taken', rate, value)
)
from unnest(array[
  'input_rate', 'cached_input_rate', 'cache_write_rate', 'output_rate', 'reasoning_rate', 'request_rate'
]) as rate, unnest(array['0', '0.00000001', '10000']) as value;

select * from finish();
rollback;
