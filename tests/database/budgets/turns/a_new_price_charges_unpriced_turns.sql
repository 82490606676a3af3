begin;
select plan(2);

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
insert into public.budgets (organization_id, period, limit_usd)
select current_organization_id, unnest(array['day', 'total']), 100 from public.profiles where id = tests.id('eve');
select public.settle_chat_turn(
  (pg_temp.begin('eve', '{"model": "gpt-4o"}') ->> 'turn_id')::uuid,
  '{"state": "succeeded", "content": "a", "usage": {"input_tokens": 1000000, "output_tokens": 0}}'
);
-- An operator's hand.
update public.budgets set spent_usd = 0;
update public.service_prices set input_rate = 1 where service_id = 'openrouter_gpt4o';
select results_eq(
  $$ select new_cost from public.reprice_interactions(tstzrange(now() - interval '1 hour', null)) $$,
  'values (1::numeric)', 'a counter that is wrong is no obstacle to a price that fell'
);
select results_eq(
  'select spent_usd from public.budgets', 'values (1::numeric(20, 10)), (1)', 'and right afterwards'
);

select * from finish();
rollback;
