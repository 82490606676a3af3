begin;
select plan(31);

create function pg_temp.list(services jsonb, as_of text default '2026-12-01')
returns jsonb
language sql
as $$ select jsonb_build_object('source', 'test', 'as_of', as_of, 'services', services) $$;
create function pg_temp.priced(service text, prices jsonb, as_of text default '2026-12-01')
returns jsonb
language sql
as $$
  select pg_temp.list(jsonb_build_array(jsonb_build_object('vendor_id', 'openai', 'service_name', service, 'prices', prices)), as_of)
$$;
-- What a prompt of a million tokens costs.
create function pg_temp.cost(service_id text, at timestamptz, input bigint default 1000000)
returns numeric
language sql
as $$
  select trim_scale(private.total_cost(private.cost_of(
    private.price_at(service_id, at, input), jsonb_build_object('input_tokens', 1000000)
  )))
$$;
create temporary table moments as
select '2026-12-02 12:00:00+00'::timestamptz as imported, '2026-12-05 00:00:00+00'::timestamptz as announced;
create function pg_temp.apply(list jsonb, options jsonb default '{}', at timestamptz default '2026-12-02 12:00:00+00')
returns text
language sql
as $$
  select string_agg(changes.change, ',' order by changes.place, changes.effective_from, changes.change)
  from private.apply_catalogue_import(list, options, at) changes
$$;
create temporary table earlier as select to_jsonb(prices) as price from public.service_prices prices;

select is(
  pg_temp.apply(pg_temp.priced('gpt-4o', '[{"input_rate": "3.000", "output_rate": 12}, {"valid_from": "2026-12-05", "input_rate": 4, "output_rate": 12}]')),
  'price,price', 'a price and one that is announced'
);
select is(pg_temp.cost('openai_gpt4o', imported - interval '1 microsecond'), 2.5, 'until the import a turn costs what it did') from moments;
select is(pg_temp.cost('openai_gpt4o', imported), 3::numeric, 'from then on the listed price') from moments;
select is(pg_temp.cost('openai_gpt4o', announced - interval '1 microsecond'), 3::numeric, 'until the announced day') from moments;
select is(pg_temp.cost('openai_gpt4o', announced), 4::numeric, 'when the next one begins') from moments;
select is(
  (private.price_at('openai_gpt4o', (select imported from moments), 0)).cached_input_rate, null, 'a cached rate that the list does not know goes with the input rate'
);
select is(
  (private.price_at('openai_gpt4o', (select imported from moments), 0)).source, 'import: test 2026-12-01', 'a price says where it was read'
);
create temporary table applied as select to_jsonb(prices) as price from public.service_prices prices;
select is(
  pg_temp.apply(pg_temp.priced('gpt-4o', '[{"input_rate": 3, "output_rate": 12}, {"valid_from": "2026-12-05", "input_rate": 4, "output_rate": 12}]')),
  null, 'applied again it changes nothing'
);
select set_eq('select to_jsonb(prices) from public.service_prices prices', 'select price from applied', 'not a row');
select is(
  pg_temp.apply(pg_temp.priced('gpt-4o', '[{"input_rate": 3, "output_rate": 12}, {"valid_from": "2026-12-05", "input_rate": 4, "output_rate": 12}]', '2026-12-03')),
  'verify,verify', 'a later version that says the same verifies'
);
select is((private.price_at('openai_gpt4o', (select announced from moments), 0)).verified_on, '2026-12-03'::date, 'both prices');
select is(
  pg_temp.apply(pg_temp.priced('gpt-4o', '[{"input_rate": 3, "output_rate": 12}, {"valid_from": "2026-12-05", "input_rate": 5, "output_rate": 12}]', '2026-12-04')),
  'verify,price', 'an announced price may be replaced'
);
select is(pg_temp.cost('openai_gpt4o', announced), 5::numeric, 'before it begins') from moments;
select is(
  pg_temp.apply(pg_temp.priced('gpt-4o', '[{"input_rate": 9, "output_rate": 12}]', '2026-12-02')),
  'keep', 'an older list changes nothing'
);
select is(
  pg_temp.apply(pg_temp.priced('gpt-4o', '[{"input_rate": 2, "output_rate": 12}]', '2026-12-02'), '{"allow": ["older"]}', '2026-12-02 13:00:00+00'),
  'price', 'unless that is allowed'
);
select is(
  array[pg_temp.cost('openai_gpt4o', '2026-12-02 13:00:00+00'), pg_temp.cost('openai_gpt4o', '2026-12-05 00:00:00+00')],
  array[2, 5]::numeric[], 'a price that is announced stays where the list does not name it'
);

-- A list with a history: the day that it states counts, even if it is past.
select is(
  pg_temp.apply(pg_temp.priced('gpt-4o-mini', '[{"input_rate": 9, "output_rate": 9}, {"valid_from": "2026-11-25", "input_rate": 0.2, "output_rate": 0.8}]')),
  'price', 'of a history only the latest price counts'
);
select is(
  array[pg_temp.cost('openai_gpt4o_mini', '2026-11-24 23:59:59+00'), pg_temp.cost('openai_gpt4o_mini', '2026-11-25 00:00:00+00')],
  array[0.15, 0.2], 'it begins on its day'
);

-- Long prompts.
select is(
  pg_temp.apply(pg_temp.priced('gpt-4.1', '[{"input_rate": 2, "output_rate": 8}, {"min_input_tokens": 200001, "input_rate": 4, "output_rate": 12}]')),
  'price,verify', 'a tier'
);
select is(
  array[pg_temp.cost('openai_gpt41', imported, 200000), pg_temp.cost('openai_gpt41', imported, 200001)], array[2, 4]::numeric[],
  'begins with its first token'
) from moments;
select is(
  pg_temp.apply(pg_temp.priced('gpt-4.1', '[{"input_rate": 2, "output_rate": 8}]', '2026-12-03'), '{}', '2026-12-03 00:00:00+00'),
  'verify,end_tier', 'and ends when the list has it no longer'
);
select is(pg_temp.cost('openai_gpt41', '2026-12-03 00:00:00+00', 300000), 2::numeric, 'so that a long prompt costs no more');

-- What operators enter themselves.
update public.service_prices set source = 'contract' where service_id = 'openai_gpt41_mini';
select is(
  pg_temp.apply(pg_temp.priced('gpt-4.1-mini', '[{"input_rate": 0.5, "output_rate": 2}]')), 'keep', 'a price entered by hand stays'
);
select is(
  pg_temp.apply(pg_temp.priced('gpt-4.1-mini', '[{"input_rate": 0.5, "output_rate": 2}]'), '{"allow": ["manual"]}'), 'price', 'unless that is allowed'
);

-- Services.
create temporary table new_list as
select pg_temp.list('[
  {"vendor_id": "openai", "service_name": "gpt-7", "display_name": "GPT-7", "context_window": 1000, "max_output_tokens": 100,
   "aliases": ["gpt-7-2026-12-01", "gpt-4o"], "prices": [{"valid_from": "2026-11-01", "input_rate": 1, "output_rate": 2}]},
  {"vendor_id": "openai", "service_name": "gpt-7.1", "prices": [{"input_rate": 0, "output_rate": 0}]},
  {"vendor_id": "openai", "service_name": "gpt-4.1", "retired_on": "2030-01-01", "aliases": ["gpt-4.1-2025-04-14"]},
  {"vendor_id": "cohere", "service_name": "command-a-03-2025", "retired_on": "2030-01-01"}
]') as list;
select is(
  pg_temp.apply(list), 'alias,retire', 'without being named no service is added; a day of ending that is known stays'
) from new_list;
select is(
  (select retired_on from public.vendor_services where id = 'cohere_command_a_03_2025'), '2030-01-01', 'one that was not known is set'
);
select is(pg_temp.apply(list, '{"add": ["*/gpt-7"]}'), 'add,alias,price', 'one that is named is added, an alias only where the name is free') from new_list;
select is(
  (select row(id, is_active, context_window)::text from public.vendor_services where service_name = 'gpt-7'), '(openai_gpt_7,t,1000)', 'and can be called'
);
select is(private.service_named('openai', 'gpt-7-2026-12-01'), 'openai_gpt_7', 'by its alias, too');
-- Models of which it was known before that they end today, whatever day that is.
create temporary table ending_today as select id from public.vendor_services where retired_on = current_date;
select is(
  pg_temp.apply(pg_temp.list('[{"vendor_id": "openai", "service_name": "gpt-4o"}]', '2026-12-09'), '{"allow": ["retire", "shrink"]}'),
  'shrink,shrink,retire', 'what a list no longer has is retired where that is allowed'
);
select is(
  (select array_agg(id order by id) from public.vendor_services
   where retired_on = current_date and id not in (select id from ending_today)),
  array['openai_gpt_7'], 'with a day of its own it is as it was'
);
select * from finish();
rollback;
