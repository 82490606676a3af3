begin;
select plan(3);

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
create temporary table answers as
select change, pg_temp.begin('eve', '{"model": "gpt-4o"}') as turn
from unnest(array['corrected', 'ended', 'deleted']) as change;

update public.service_prices set input_rate = 1000 where service_id = 'openrouter_gpt4o';
create temporary table costs as
select change, pg_temp.settle(
  turn, '{"state": "succeeded", "content": "a", "usage": {"input_tokens": 1000000, "output_tokens": 0}}'
) ->> 'total_cost' as cost
from answers where change = 'corrected';
select is(cost, '2.5000000000', 'one whose rates are corrected') from costs where change = 'corrected';

update public.ai_interactions set price_id = null;
delete from public.service_prices where service_id = 'openrouter_gpt4o';
insert into public.service_prices (service_id, input_rate) values ('openrouter_gpt4o', 1000);
insert into costs
select change, pg_temp.settle(
  turn, '{"state": "succeeded", "content": "a", "usage": {"input_tokens": 1000000, "output_tokens": 0}}'
) ->> 'total_cost'
from answers where change = 'deleted';
select is(cost, '2.5000000000', 'one that is deleted for another') from costs where change = 'deleted';

update public.service_prices set valid_during = tstzrange(now() - interval '2 hours', now() - interval '1 hour')
where service_id = 'openrouter_gpt4o';
insert into costs
select change, pg_temp.settle(
  turn, '{"state": "succeeded", "content": "a", "usage": {"input_tokens": 1000000, "output_tokens": 0}}'
) ->> 'total_cost'
from answers where change = 'ended';
select is(cost, '2.5000000000', 'and one that ends') from costs where change = 'ended';

select * from finish();
rollback;
