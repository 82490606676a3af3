begin;
select plan(1);

insert into public.service_prices (service_id) values ('replicate_sdxl');

select results_eq(
  $$
    select valid_during = tstzrange(now(), null), min_input_tokens, input_rate, output_rate, request_rate,
      cached_input_rate, cache_write_rate, reasoning_rate
    from public.service_prices where service_id = 'replicate_sdxl'
  $$,
  $$
    values (
      true, 0, 0::numeric(18, 8), 0::numeric(18, 8), 0::numeric(18, 8), null::numeric(18, 8), null::numeric(18, 8),
      null::numeric(18, 8)
    )
  $$,
  'a new price begins now, has no end, and costs what it says'
);

select * from finish();
rollback;
