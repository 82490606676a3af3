begin;
select plan(34);

create function pg_temp.list(services jsonb)
returns jsonb
language sql
as $$ select jsonb_build_object('source', 'test', 'as_of', '2026-12-01', 'services', services) $$;
create function pg_temp.service(change jsonb)
returns jsonb
language sql
as $$
  select jsonb_build_object(
    'vendor_id', 'openai', 'service_name', 'gpt-4o', 'prices', '[{"input_rate": 3, "output_rate": 12}]'::jsonb
  ) || change
$$;
create temporary table bad as
select bad.change, bad.problem
from (values
  ('{"vendor_id": "unknown"}'::jsonb, 'names the vendor "unknown", which is not in the catalogue'),
  ('{"vendor_id": null}', 'names the vendor "", which is not in the catalogue'),
  ('{"service_name": ""}', 'has no service_name of 1 to 255 characters'),
  ('{"service_name": 4}', 'has no service_name of 1 to 255 characters'),
  ('{"service_kind": "video"}', 'has the unknown service_kind "video"'),
  ('{"context_window": "128k"}', 'has a context_window or max_output_tokens that is no number of tokens'),
  ('{"max_output_tokens": 0}', 'has a context_window or max_output_tokens that is no number of tokens'),
  ('{"context_window": 1.5}', 'has a context_window or max_output_tokens that is no number of tokens'),
  ('{"retired_on": "2026-02-31"}', 'has the retired_on "2026-02-31", which is not a day'),
  ('{"retired_on": "soon"}', 'has the retired_on "soon", which is not a day'),
  ('{"aliases": "gpt"}', 'has aliases that are not names'),
  ('{"aliases": ["gpt", 4]}', 'has aliases that are not names'),
  ('{"prices": 3}', 'has prices that are no array'),
  ('{"prices": [3]}', 'has a price that is not an object'),
  ('{"prices": [{"input_rate": -1}]}', 'has the input_rate -1, which is no amount of dollars from 0 to 700 per million tokens'),
  ('{"prices": [{"input_rate": "-1"}]}', 'has the input_rate "-1", which is no amount of dollars from 0 to 700 per million tokens'),
  ('{"prices": [{"input_rate": "NaN"}]}', 'has the input_rate "NaN", which is no amount of dollars from 0 to 700 per million tokens'),
  ('{"prices": [{"output_rate": 5000}]}', 'has the output_rate 5000, which is no amount of dollars from 0 to 700 per million tokens'),
  ('{"prices": [{"output_rate": true}]}', 'has the output_rate true, which is no amount of dollars from 0 to 700 per million tokens'),
  ('{"prices": [{"request_rate": 10001}]}', 'has the request_rate 10001, which is no amount of dollars from 0 to 10000 per call'),
  ('{"prices": [{"input_price": 1}]}', 'has a price with the field input_price of 1'),
  ('{"prices": [{"unit_rates": {"fish": 1}}]}', 'has a price with the field unit_rates of {"fish": 1}'),
  ('{"prices": [{"service_tier": "gold"}]}', 'has a price with the field service_tier of "gold"'),
  ('{"prices": [{"min_input_tokens": -1}]}', 'has a price with the field min_input_tokens of -1'),
  ('{"prices": [{"valid_from": "2026-13-01"}]}', 'has a price with the field valid_from of "2026-13-01"'),
  ('{"prices": [{"input_rate": 1, "min_input_tokens": 1000}]}', 'has prices, but none of the standard tier for short prompts'),
  ('{"prices": [{"input_rate": 1}, {"input_rate": 2}]}', 'has two prices for the same tier, prompt and day')
) as bad (change, problem);

select is(
  (
    select array_agg(distinct found.problem)
    from private.list_problems(pg_temp.list(jsonb_build_array(
      pg_temp.service('{}'), pg_temp.service('{"service_name": "bad"}' || bad.change)
    ))) found
    where found.place = 2 and (found.problem = bad.problem or found.problem not like '%standard tier%')
  ),
  array[bad.problem], bad.change::text
)
from bad;
select tests.refused(
  format(
    'select private.apply_catalogue_import(%L)',
    pg_temp.list('[4]' || jsonb_build_array(pg_temp.service('{}'), pg_temp.service('{"service_name": "bad"}' || bad.change)))
  ),
  400, 'price_list_invalid', 'the good row of such a list is not applied either'
)
from bad limit 1;
select is(
  (select (private.price_at('openai_gpt4o', now(), 0)).input_rate), 2.5::numeric(18, 8), 'and the price stays'
);
select is_empty('select from private.catalogue_imports', 'and no import is recorded');
select is(
  array(select format('%s %s', place, problem) from private.list_problems(pg_temp.list('[]')) order by 1),
  array['0 has no services'], 'an empty list is none'
);
select is(
  array(select problem from private.list_problems('{"openai": {"models": {}}}') order by 1),
  array['has no day as_of on which it was true', 'has no services', 'has no source such as "litellm"'],
  'a list in another form is none'
);
select is(
  array(
    select problem from private.list_problems(pg_temp.list(jsonb_build_array(pg_temp.service('{}'), pg_temp.service('{}'))))
  ),
  array['is listed more than once'], 'a service is listed once'
);
select is_empty(
  $$
    select kinds.service_kind, found.problem
    from (select distinct service_kind from public.vendor_services) kinds
    cross join lateral private.list_problems(
      pg_temp.list(jsonb_build_array(pg_temp.service(to_jsonb(kinds))))
    ) found
  $$,
  'a list may have services of every kind of the catalogue'
);

select * from finish();
rollback;
