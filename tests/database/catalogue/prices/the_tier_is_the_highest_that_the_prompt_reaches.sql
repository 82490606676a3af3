begin;
select plan(5);

insert into public.service_prices (service_id, valid_during, min_input_tokens, input_rate) values
  ('replicate_sdxl', '[2030-01-01 00:00+00,)', 0, 1),
  ('replicate_sdxl', '[2030-01-01 00:00+00,)', 128001, 2),
  ('replicate_sdxl', '[2030-06-01 00:00+00,)', 1000000, 3);

select results_eq(
  $$
    select (private.price_at('replicate_sdxl', '2030-01-02', tokens)).input_rate
    from unnest(array[0, 1, 128000, 128001, 128002, 1000000, null]::bigint[]) with ordinality as prompts (tokens, place)
    order by place
  $$,
  $$ values (1::numeric(18, 8)), (1), (1), (2), (2), (2), (1) $$,
  'a prompt of exactly the tier''s size is in it; a tier that is not yet valid is not; no count counts as zero'
);
select is(
  (private.price_at('replicate_sdxl', '2030-06-01', 1000000)).input_rate, 3::numeric, 'later the third tier is'
);
insert into public.service_prices (service_id, valid_during, min_input_tokens) values
  ('stability_sd3', '[2030-01-01 00:00+00,)', 1);
select is(
  private.price_at('stability_sd3', '2030-01-02', null), null, 'where the first tier begins at one token, no count is in none'
);
select is(private.price_at('no_such_service', now(), 0), null, 'a service without a price has none');
select is(private.price_at(null, now(), 0), null, 'and so has no service at all');

select * from finish();
rollback;
