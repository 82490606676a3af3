begin;
select plan(4);

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
create temporary table answers as
select pg_temp.begin('eve', '{"model": "droid", "messages": [
  {"role": "developer", "content": "Be brief."},
  {"role": "user", "name": "Eve", "content": [
    {"type": "text", "text": "What is this?"},
    {"type": "image_url", "image_url": {"url": "https://example.com/x.png"}},
    {"type": "text", "text": "And why?"}
  ]},
  {"role": "assistant", "content": null, "tool_calls": [
    {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
  ]},
  {"role": "tool", "tool_call_id": "call_1", "content": "a cat"},
  {"role": "assistant", "tool_calls": null},
  {"role": "user", "content": []}
]}') as turn;

select results_eq(
  $$ select role, content, name, tool_calls #>> '{0,id}', tool_call_id, status from public.chat_messages order by seq $$,
  $$
    values
      ('developer', 'Be brief.', null, null, null, 'complete'),
      ('user', E'What is this?\nAnd why?', 'Eve', null, null, 'complete'),
      ('assistant', '', null, 'call_1', null, 'complete'),
      ('tool', 'a cat', null, null, 'call_1', 'complete'),
      ('user', '', null, null, null, 'complete')
  $$,
  'in order, each with its text, and tools as columns; an answer that says nothing is none'
);
select results_eq(
  $$ select content_parts from public.chat_messages where role = 'user' order by seq $$,
  $$
    values
      ('[
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": "https://example.com/x.png"}},
        {"type": "text", "text": "And why?"}
      ]'::jsonb),
      ('[]'::jsonb)
  $$,
  'parts are kept as parts'
);
select is(
  (select count(*) from public.chat_messages, answers where interaction_id = (turn ->> 'turn_id')::uuid), 5::bigint,
  'all belong to the turn'
);
select is(
  (select public.conversation_history(sessions) -> 1 from public.chat_sessions sessions),
  '{"role": "user", "name": "Eve", "content": [
    {"type": "text", "text": "What is this?"},
    {"type": "image_url", "image_url": {"url": "https://example.com/x.png"}},
    {"type": "text", "text": "And why?"}
  ]}'::jsonb,
  'and read back as they came'
);

select * from finish();
rollback;
