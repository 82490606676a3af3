begin;
select plan(4);

update public.service_prices set cache_write_rate = 3, cache_write_1h_rate = 5 where service_id = 'openrouter_gpt4o';
insert into public.service_prices (service_id, valid_during, service_tier, input_rate, cache_write_rate, output_rate)
values ('openrouter_gpt4o', tstzrange('2025-06-01', null), 'priority', 10, 20, 40);
create function pg_temp.begin()
returns uuid
language sql
as $$
  select (public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id('eve')),
    '{"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}]}'::jsonb
      || jsonb_build_object('request_id', gen_random_uuid())
  ) ->> 'turn_id')::uuid
$$;
create function pg_temp.settle(turn_id uuid, usage jsonb)
returns jsonb
language sql
as $$
  select public.settle_chat_turn(settle.turn_id, jsonb_build_object(
    'state', 'succeeded', 'content', 'a', 'vendor_id', 'openrouter', 'service_id', 'openrouter_gpt4o',
    'attempts', jsonb_build_array(jsonb_build_object(
      'attempt', 1, 'vendor_id', 'openrouter', 'service_id', 'openrouter_gpt4o', 'status', 'succeeded',
      'started_at', now(), 'usage', settle.usage
    ))
  ))
$$;
create temporary table turns as
select usage, pg_temp.begin() as id
from (values
  (1, '{"input_tokens": 1000000, "cache_write_tokens": 600000, "cache_write_1h_tokens": 400000}'::jsonb),
  (2, '{"input_tokens": 1000000, "service_tier": "priority"}'),
  (3, '{"input_tokens": 1000000, "service_tier": {"name": "priority"}, "cache_write_1h_tokens": "all"}')
) as calls (place, usage)
order by place;
select is(array_agg(pg_temp.settle(id, usage) ->> 'total_cost'), array['3.6000000000', '10.0000000000', '2.5000000000'], 'each at its rates')
from turns;
select results_eq(
  $$ select usage_details from public.agent_executions order by total_cost $$,
  $$ values (null::jsonb), ('{"cache_write_1h_tokens": 400000}'), ('{"service_tier": "priority"}') $$,
  'which the attempt remembers'
);
update public.service_prices set input_rate = input_rate * 2 where service_id = 'openrouter_gpt4o';
select results_eq(
  $$
    select old_cost, new_cost from public.reprice_interactions(tstzrange(now() - interval '1 hour', null))
    order by old_cost
  $$,
  $$ values (2.5, 5.0), (3.6, 4.6), (10.0, 20.0) $$, 'when it is priced again'
);
select is(
  (select sum((cost_breakdown ->> 'cache_write_1h')::numeric) from public.ai_interactions), 2.0, 'and in the ledger'
);

select * from finish();
rollback;
