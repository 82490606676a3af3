begin;
select plan(3);

create temporary table answers as
select public.begin_chat_turn(
  jsonb_build_object('user_id', tests.id('eve')),
  jsonb_build_object('request_id', 'r1', 'model', 'gpt-4o', 'messages', jsonb_build_array(jsonb_build_object(
    'role', 'user', 'content', (select string_agg('question' || place, ' ') from generate_series(1, 20000) as place)
  )))
) as turn;
select public.settle_chat_turn((turn ->> 'turn_id')::uuid, jsonb_build_object(
  'state', 'succeeded', 'usage', '{"input_tokens": 60000, "output_tokens": 60000}'::jsonb,
  'content', (select string_agg('answer' || place, ' ') from generate_series(1, 20000) as place)
)) from answers;

select cmp_ok(
  (select octet_length(to_jsonb(turns)::text) from public.ai_interactions turns), '<', 3000,
  'a row has the same size whatever was said'
);
select unalike(
  (select to_jsonb(turns)::text from public.ai_interactions turns), '%question1 %', 'what was asked is no part of it'
);
select is(
  (select count(*) from public.ai_interactions where price_id is not null and jsonb_typeof(cost_breakdown) is not null),
  1::bigint, 'its price is named by its id'
);

select * from finish();
rollback;
