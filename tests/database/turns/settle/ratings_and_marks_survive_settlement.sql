begin;
select plan(1);

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
create temporary table answers as select pg_temp.begin('eve', '{"model": "gpt-4o"}') as turn;
select pg_temp.settle(turn, '{"state": "succeeded", "content": "a"}') from answers;
update public.ai_interactions set status = 'archived', satisfaction_rating = 2, title = 'Mine';
select public.correct_chat_turn((turn ->> 'turn_id')::uuid, '{"usage": {"input_tokens": 1000, "output_tokens": 100}}') from answers;
select results_eq(
  'select status, satisfaction_rating, title, turn_state, input_tokens from public.ai_interactions',
  $$ values ('archived', 2, 'Mine', 'succeeded', 1000::bigint) $$,
  'what the person did before its usage was corrected stays'
);

select * from finish();
rollback;
