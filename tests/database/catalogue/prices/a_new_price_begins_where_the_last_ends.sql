begin;
select plan(1);

-- The way to change a price: end the current one and begin the next at the same moment.
insert into public.service_prices (service_id, valid_during, input_rate)
values ('replicate_sdxl', '[2030-01-01 00:00+00,)', 1);
update public.service_prices
set valid_during = tstzrange(lower(valid_during), '2030-07-01 00:00+00')
where service_id = 'replicate_sdxl';
insert into public.service_prices (service_id, valid_during, input_rate)
values ('replicate_sdxl', '[2030-07-01 00:00+00,)', 2);

select results_eq(
  $$
    select (private.price_at('replicate_sdxl', at, 0)).input_rate
    from unnest(array[
      '2029-12-31 23:59:59.999999+00', '2030-01-01 00:00+00', '2030-06-30 23:59:59.999999+00',
      '2030-07-01 00:00+00', '2050-01-01 00:00+00'
    ]::timestamptz[]) with ordinality as moments (at, place)
    order by place
  $$,
  $$ values (null::numeric(18, 8)), (1), (1), (2), (2) $$,
  'each moment has the price that began last; before the first there is none'
);

select * from finish();
rollback;
