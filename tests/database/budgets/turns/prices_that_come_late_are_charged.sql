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
create function pg_temp.settle(turn jsonb, outcome jsonb)
returns jsonb
language sql
as $$ select public.settle_chat_turn((turn ->> 'turn_id')::uuid, outcome) $$;
insert into public.budgets (organization_id, period, limit_usd)
select current_organization_id, 'day', 100 from public.profiles where id = tests.id('eve');
select pg_temp.settle(
  pg_temp.begin('eve', '{"model": "gpt-4o"}'),
  '{"state": "succeeded", "content": "a", "usage": {"input_tokens": 1000000, "output_tokens": 0}}'
);
update public.service_prices set input_rate = 10 where service_id = 'openrouter_gpt4o';
select public.reprice_interactions(tstzrange(now() - interval '1 hour', null));
select results_eq('select spent_usd from public.budgets', 'values (10::numeric(20, 10))', 'a price that rose');
update public.service_prices set input_rate = 1 where service_id = 'openrouter_gpt4o';
select public.reprice_interactions(tstzrange(now() - interval '1 hour', null));
select results_eq('select spent_usd from public.budgets', 'values (1::numeric(20, 10))', 'and one that fell');

select * from finish();
rollback;
