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
select pg_temp.settle(
  pg_temp.begin('eve', '{"model": "gpt-4o"}'),
  '{
    "state": "succeeded", "content": null, "finish_reason": "tool_calls",
    "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "look", "arguments": "{}"}}]
  }'
);
select results_eq(
  $$ select content, tool_calls #>> '{0,id}', finish_reason from public.chat_messages where role = 'assistant' $$,
  $$ values ('', 'call_1', 'tool_calls') $$,
  'without words'
);
select is(
  (select public.conversation_history(sessions) -> 1 from public.chat_sessions sessions),
  '{
    "role": "assistant", "content": null,
    "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "look", "arguments": "{}"}}]
  }'::jsonb,
  'and come back in the history as they were'
);

select * from finish();
rollback;
