begin;
select plan(9);

create function pg_temp.begin(request jsonb, session text default null)
returns jsonb
language sql
as $$
  select public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id('eve')),
    jsonb_build_object('request_id', gen_random_uuid(), 'model', 'gpt-4o', 'session_id', session, 'messages', request)
  )
$$;
create function pg_temp.calls(variadic ids text[])
returns jsonb
language sql
as $$
  select jsonb_agg(jsonb_build_object('id', id, 'type', 'function', 'function', '{"name": "look", "arguments": "{\"a"}'::jsonb))
  from unnest(ids) as id
$$;
-- A session in which the model answered this; what the model is given with what is said next.
create function pg_temp.after(answer jsonb, next jsonb)
returns jsonb
language plpgsql
as $$
declare
  turn jsonb := pg_temp.begin('[{"role": "user", "content": "q"}]');
begin
  perform public.settle_chat_turn((turn ->> 'turn_id')::uuid, '{"state": "partial"}'::jsonb || answer);
  return pg_temp.begin(next, turn ->> 'session_id') -> 'messages';
end
$$;
create temporary table examples as
select
  '{"role": "user", "content": "q"}'::jsonb as q, '{"role": "user", "content": "n"}'::jsonb as n,
  '{"role": "tool", "tool_call_id": "a", "content": "1"}'::jsonb as result_a;

select is(
  pg_temp.after(jsonb_build_object('content', 'Let me see.', 'tool_calls', pg_temp.calls('a')), jsonb_build_array(n)),
  jsonb_build_array(q, '{"role": "assistant", "content": "Let me see."}'::jsonb, n),
  'of an answer that was cut, the text stays'
) from examples;
select is(
  pg_temp.after(jsonb_build_object('tool_calls', pg_temp.calls('a')), jsonb_build_array(n)), jsonb_build_array(q, n),
  'and nothing where there was none'
) from examples;
select is(
  pg_temp.after(jsonb_build_object('tool_calls', pg_temp.calls('a')), jsonb_build_array(result_a)),
  jsonb_build_array(q, jsonb_build_object('role', 'assistant', 'content', null, 'tool_calls', pg_temp.calls('a')), result_a),
  'a call that is answered now stays with its result'
) from examples;
select is(
  pg_temp.after(jsonb_build_object('tool_calls', pg_temp.calls('a', 'b')), jsonb_build_array(result_a, n)),
  jsonb_build_array(q, jsonb_build_object('role', 'assistant', 'content', null, 'tool_calls', pg_temp.calls('a')), result_a, n),
  'without those beside it that are not'
) from examples;
select is(
  pg_temp.after(jsonb_build_object('state', 'succeeded', 'tool_calls', pg_temp.calls('a')), jsonb_build_array(n)),
  jsonb_build_array(q, n), 'nor does a whole answer wait for a result forever'
) from examples;

create temporary table sessions as select pg_temp.begin('[{"role": "user", "content": "q"}]') as turn;
select public.settle_chat_turn(
  (turn ->> 'turn_id')::uuid, jsonb_build_object('state', 'succeeded', 'tool_calls', pg_temp.calls('a', 'b'))
) from sessions;
select public.settle_chat_turn(
  (pg_temp.begin(jsonb_build_array(result_a), turn ->> 'session_id') ->> 'turn_id')::uuid,
  jsonb_build_object('state', 'partial', 'content', 'One.', 'tool_calls', pg_temp.calls('a'))
) from sessions, examples;
select is(
  pg_temp.begin(jsonb_build_array(n), turn ->> 'session_id') -> 'messages',
  jsonb_build_array(
    q, jsonb_build_object('role', 'assistant', 'content', null, 'tool_calls', pg_temp.calls('a')), result_a,
    '{"role": "assistant", "content": "One."}'::jsonb, n
  ),
  'a result answers the call that it follows, and no other of its name'
) from sessions, examples;
select is(
  (select public.conversation_history(chat_sessions) #>> '{1,tool_calls,1,id}' from public.chat_sessions join sessions on session_id = turn ->> 'session_id'),
  'b', 'who reads the conversation is shown every call'
);
select is(
  private.without_open_calls('[{"role": "user", "content": "q"}]', '[]'), '[{"role": "user", "content": "q"}]'::jsonb,
  'a conversation without calls stays as it is'
);
select is(
  private.without_open_calls(jsonb_build_array(jsonb_build_object('role', 'assistant', 'content', null, 'tool_calls', pg_temp.calls('a'))), '[]'),
  '[]'::jsonb, 'of one that was nothing else, nothing is left'
);

select * from finish();
rollback;
