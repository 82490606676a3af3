begin;
select plan(3);

-- With the caller's own key, which is not asked for a price.
insert into public.user_api_keys (user_id, vendor_id, encrypted_key, key_preview)
values (tests.id('eve'), 'openrouter', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', '');
delete from public.service_prices where service_id = 'openrouter_gpt4o';
create function pg_temp.begin(person text, request jsonb)
returns jsonb
language sql
as $$
  select public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id(person)),
    jsonb_build_object('request_id', gen_random_uuid(), 'messages', '[{"role": "user", "content": "hi"}]'::jsonb)
      || request
  )
$$;
create function pg_temp.settle(turn jsonb, outcome jsonb)
returns jsonb
language sql
as $$ select public.settle_chat_turn((turn ->> 'turn_id')::uuid, outcome) $$;
select is(
  pg_temp.settle(
    pg_temp.begin('eve', '{"model": "openrouter/openai/gpt-4o"}'),
    '{
      "state": "succeeded", "content": "a", "usage": {"input_tokens": 100, "output_tokens": 10}, "provider_cost": "0.01"
    }'
  ),
  '{"settled": true, "total_cost": null}'::jsonb, 'an unknown price is not a price of nothing'
);
select results_eq(
  'select total_cost, cost_breakdown, price_id, provider_cost, input_tokens from public.ai_interactions',
  $$ values (null::numeric(20, 10), null::jsonb, null::uuid, 0.01::numeric(20, 10), 100::bigint) $$,
  'tokens and the vendor''s figure are there, to be priced later'
);
select is(
  pg_temp.settle(
    pg_temp.begin('eve', '{"model": "gpt-4-turbo"}'), '{"state": "succeeded", "content": "a", "usage": null}'
  ),
  '{"settled": true, "total_cost": "0.0000280000"}'::jsonb, 'a success without a report of tokens costs its estimate'
);

select * from finish();
rollback;
