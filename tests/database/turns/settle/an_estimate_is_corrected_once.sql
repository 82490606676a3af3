begin;
select plan(8);

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
create function pg_temp.correct(turn jsonb)
returns jsonb
language sql
as $$
  select public.correct_chat_turn((turn ->> 'turn_id')::uuid, '{
    "usage": {"input_tokens": 1000000, "output_tokens": 100000, "cached_input_tokens": 400000, "reasoning_tokens": 50000},
    "provider_cost": "2.5000000001"
  }')
$$;
insert into public.budgets (organization_id, period, limit_usd)
select current_organization_id, 'day', 100 from public.profiles where id = tests.id('eve');
create temporary table answers as
select place, pg_temp.begin('eve', '{"model": "gpt-4o"}') as turn from generate_series(1, 4) as place;
select pg_temp.settle(turn, case place
  when 1 then '{"state": "partial", "content": "a", "usage": {"input_tokens": 2000000, "output_tokens": 5, "estimated": true}}'::jsonb
  when 2 then '{"state": "succeeded", "content": "a", "usage": {"input_tokens": 7, "output_tokens": 0}}'
  when 3 then '{"state": "failed", "usage": {"input_tokens": 2000, "output_tokens": 0, "estimated": true}}'
end) from answers where place < 4;

select is(
  (select jsonb_agg(pg_temp.correct(turn) order by place) from answers where place in (1, 3)),
  '[{"corrected": true, "total_cost": "3.0000000000"}, {"corrected": true, "total_cost": "3.0000000000"}]',
  'what was an estimate is put right, whether or not there was an answer'
);
select results_eq(
  $$
    select
      turn_state, input_tokens, output_tokens, cached_input_tokens, reasoning_tokens, usage_is_estimated,
      total_cost::text, provider_cost::text, price_id is not null, cost_breakdown <> '{}'
    from public.ai_interactions join answers on (turn ->> 'turn_id')::uuid = id where place in (1, 3) order by place
  $$,
  $$
    values
      ('partial', 1000000::bigint, 100000::bigint, 400000::bigint, 50000::bigint, false, '3.0000000000', '2.5000000001', true, true),
      ('failed', 1000000, 100000, 400000, 50000, false, '3.0000000000', '2.5000000001', true, true)
  $$,
  'its tokens and what it cost, here and there'
);
select results_eq(
  $$
    select tokens_in, tokens_out, tokens_used
    from public.chat_messages join answers on (turn ->> 'turn_id')::uuid = interaction_id
    where place = 1 order by seq
  $$,
  'values (null::integer, null::integer, null::integer), (1000000, 100000, 1100000)', 'the tokens of the answer are the same'
);
select results_eq(
  'select spent_usd, reserved_usd > 0 from public.budgets', $$ values (6.0000175::numeric(20, 10), true) $$,
  'the budget follows, and what runs still has its part reserved'
);

select is(
  (select jsonb_agg(distinct pg_temp.correct(turn)) from answers),
  '[{"corrected": false, "total_cost": null}]',
  'what is no estimate, or is one no more, or runs, stays as it is'
);
select is(pg_temp.correct(jsonb_build_object('turn_id', gen_random_uuid())) ->> 'corrected', 'false', 'so does what is unknown');
select results_eq('select spent_usd from public.budgets', $$ values (6.0000175::numeric(20, 10)) $$, 'at no cost');

update public.ai_interactions set usage_is_estimated = true, service_id = null from answers
where id = (turn ->> 'turn_id')::uuid and place = 1;
select pg_temp.correct(turn) from answers where place = 1;
select results_eq(
  $$
    select total_cost, (select spent_usd from public.budgets)
    from public.ai_interactions join answers on (turn ->> 'turn_id')::uuid = id where place = 1
  $$,
  $$ values (3::numeric, 6.0000175::numeric(20, 10)) $$, 'one whose service is gone is priced as before'
);

select * from finish();
rollback;
