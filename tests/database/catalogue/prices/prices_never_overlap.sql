begin;
select plan(9);

insert into public.service_prices (service_id, valid_during, min_input_tokens, input_rate)
values ('replicate_sdxl', '[2030-01-01 00:00+00,2031-01-01 00:00+00)', 0, 1);

select tests.breaks(
  format(
    'insert into public.service_prices (service_id, valid_during, input_rate) values (''replicate_sdxl'', %L, 2)', range
  ),
  'prices_of_a_service_do_not_overlap', range || ' is refused'
)
from unnest(array[
  '[2030-01-01 00:00+00,2031-01-01 00:00+00)',
  '[2030-06-01 00:00+00,)',
  '[2029-01-01 00:00+00,2030-01-01 00:00+00]',
  '[2029-01-01 00:00+00,2032-01-01 00:00+00)',
  '[2030-12-31 23:59:59.999999+00,2031-02-01 00:00+00)'
]) as range;

select lives_ok(statement, statement)
from unnest(array[
  $$
    insert into public.service_prices (service_id, valid_during)
    values ('replicate_sdxl', '[2029-01-01 00:00+00,2030-01-01 00:00+00)')
  $$,
  $$
    insert into public.service_prices (service_id, valid_during)
    values ('replicate_sdxl', '[2031-01-01 00:00+00,)')
  $$,
  $$
    insert into public.service_prices (service_id, valid_during, min_input_tokens)
    values ('replicate_sdxl', '[2030-01-01 00:00+00,)', 128001)
  $$,
  $$
    insert into public.service_prices (service_id, valid_during)
    values ('stability_sd3', '[2030-01-01 00:00+00,)')
  $$
]) as statement;

select * from finish();
rollback;
