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
select pg_temp.settle(pg_temp.begin('eve', '{"model": "gpt-4o"}'), '{"state": "failed"}');
select results_eq('select role from public.chat_messages', $$ values ('user') $$, 'a failure may have none');
select pg_temp.settle(
  pg_temp.begin('eve', '{"model": "gpt-4o"}'), '{"state": "succeeded", "content": "", "tool_calls": null}'
);
select results_eq(
  $$ select content, tool_calls, tokens_used from public.chat_messages where role = 'assistant' $$,
  $$ values ('', null::jsonb, null::integer) $$, 'an empty answer is one'
);

select * from finish();
rollback;
