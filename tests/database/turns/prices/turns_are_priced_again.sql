begin;
select plan(7);

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
select place, pg_temp.begin('eve', '{"model": "gpt-4o"}') as turn from generate_series(0, 5) as place;
select pg_temp.settle(turn, case place
  when 0 then '{"state": "failed"}'::jsonb
  when 1 then '{"state": "succeeded", "content": "a", "usage": {"input_tokens": 1000000, "output_tokens": 0}}'
  when 2 then '{"state": "partial", "content": "a", "usage": {"input_tokens": 2000000, "output_tokens": 0}}'
  when 3 then '{"state": "failed", "usage": {"input_tokens": 1000000, "output_tokens": 0}}'
  when 4 then '{"state": "succeeded", "content": "a", "usage": {"input_tokens": 1000000, "output_tokens": 0}}'
end) from answers where place < 5;
update public.ai_interactions set started_at = now() - interval '2 hours'
from answers where id = (turn ->> 'turn_id')::uuid and place = 4;
insert into public.ai_interactions (organization_id, title, service_id, input_tokens, total_cost)
values (tests.id('acme'), 'by hand', 'openrouter_gpt4o', 1000000, 7);

update public.service_prices set input_rate = 5 where service_id = 'openrouter_gpt4o';
select results_eq(
  $$
    select place, old_cost, new_cost from public.reprice_interactions(tstzrange(now() - interval '1 hour', null))
    join answers on (turn ->> 'turn_id')::uuid = interaction_id order by place
  $$,
  $$ values (1, 2.5::numeric, 5::numeric), (2, 5, 10), (3, 2.5, 5) $$,
  'those that used tokens, however they ended, in the range, whose cost changed'
);
select results_eq(
  $$
    select coalesce(place, 5), total_cost, cost_breakdown from public.ai_interactions i
    left join answers on i.id = (turn ->> 'turn_id')::uuid order by 1
  $$,
  $$
    values
      (0, 0::numeric(20, 10), '{}'::jsonb), (1, 5, '{"input": 5}'), (2, 10, '{"input": 10}'), (3, 5, '{"input": 5}'),
      (4, 2.5, '{"input": 2.5}'), (5, 7, null)
  $$,
  'failures without tokens, earlier ones and what people recorded stay as they are'
);
select is_empty(
  $$ select * from public.reprice_interactions(tstzrange(now() - interval '1 hour', null)) $$,
  'the second time finds nothing'
);

select tests.breaks(
  $$ delete from public.service_prices where service_id = 'openrouter_gpt4o' $$, 'ai_interactions_price_id_fkey',
  'a price that made a cost is not deleted'
);
update public.service_prices set valid_during = tstzrange(lower(valid_during), now() - interval '3 hours')
where service_id = 'openrouter_gpt4o';
update public.ai_interactions set total_cost = 6
from answers where id = (turn ->> 'turn_id')::uuid and place = 1;
select is_empty(
  $$ select * from public.reprice_interactions(tstzrange(now() - interval '1 hour', null)) $$,
  'where no price holds any more, costs stay, also one that was corrected by hand'
);
insert into public.service_prices (service_id, valid_during, input_rate, request_rate)
values ('openrouter_gpt4o', tstzrange(now() - interval '3 hours', null), 1, 0.5);
select results_eq(
  $$ select old_cost, new_cost from public.reprice_interactions(tstzrange(now() - interval '1 hour', null)) order by 2, 1 $$,
  $$ values (5::numeric, 1.5), (6, 1.5), (10, 2.5) $$, 'a price that comes late makes others'
);
select is(
  (select count(distinct price_id) from public.ai_interactions where total_cost in (1.5, 2.5) and started_at = now()), 1::bigint, 'and is named'
);

select * from finish();
rollback;
