begin;
select plan(9);

create temporary table said (place serial, turn jsonb);
create function pg_temp.begin(messages jsonb)
returns jsonb
language plpgsql
as $$
declare
  begun jsonb := public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id('eve')),
    jsonb_strip_nulls(jsonb_build_object(
      'request_id', gen_random_uuid(), 'model', 'gpt-4o', 'messages', begin.messages,
      'session_id', (select said.turn ->> 'session_id' from said order by place limit 1)
    ))
  );
begin
  insert into said (turn) values (begun);
  return begun -> 'messages';
end
$$;
create function pg_temp.settle(outcome jsonb)
returns void
language sql
as $$
  select public.settle_chat_turn(
    (turn ->> 'turn_id')::uuid, '{"state": "succeeded", "vendor_id": "openrouter"}'::jsonb || outcome
  )
  from said order by place desc limit 1
$$;

select pg_temp.begin('[{"role": "user", "content": "q"}]');
select pg_temp.settle('{
  "content": null, "continuation": {"reasoning_content": "hm", "reasoning_details": [{"data": "SIG"}]},
  "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}, "extra_content": {"s": 1}}]
}');
select is(
  pg_temp.begin('[{"role": "tool", "tool_call_id": "c1", "content": "5"}]') -> 1 -> 'continuation',
  '{"vendor_id": "openrouter", "message": {"reasoning_content": "hm", "reasoning_details": [{"data": "SIG"}]}}',
  'with its reasoning goes whose it is'
);
select is(
  (select public.conversation_history(sessions) -> 1 ->> 'continuation' from public.chat_sessions sessions), null,
  'who reads the conversation is not shown it'
);
select pg_temp.settle('{"content": "Five.", "continuation": null}');
select is(
  pg_temp.begin('[
    {"role": "user", "content": "q"},
    {"role": "assistant", "content": "", "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": ""}}]},
    {"role": "tool", "tool_call_id": "c1", "content": "5"}, {"role": "assistant", "content": "Five."},
    {"role": "user", "content": "n"}
  ]') #>> '{1,continuation,message,reasoning_content}',
  'hm', 'a client that sends the call again without it does not lose it'
);
select pg_temp.settle('{"state": "succeeded", "content": ""}');

-- An answer that says nothing.
select is(
  (select string_agg(coalesce(message ->> 'content', '-'), ' ') from jsonb_array_elements(pg_temp.begin('[{"role": "user", "content": "m"}]')) as message),
  'q - 5 Five. n m', 'an answer that says nothing is given to no model'
);
select is((select count(*) from public.chat_messages where role = 'assistant' and content = '' and tool_calls is null), 1::bigint, 'though it is one');
select pg_temp.settle('{"state": "succeeded", "content": "Yes.", "prompt_limit": 30}');

-- What a client brings itself.
select is(
  pg_temp.begin('[
    {"role": "assistant", "content": "Mine.", "reasoning": "I think", "refusal": null}, {"role": "user", "content": "o"}
  ]') -> -2 ->> 'reasoning',
  'I think', 'what a client sends goes on as it is'
);
select is(
  (select continuation #>> '{message,reasoning}' from public.chat_messages where content = 'Mine.'), 'I think', 'and is kept for later'
);
select pg_temp.settle('{"content": "o!"}');

-- A prompt that was too long.
select is((select prompt_limit from public.chat_sessions), 30, 'how much a vendor took is noted');
select cmp_ok(
  jsonb_array_length(pg_temp.begin('[{"role": "user", "content": "p"}]')), '<', 4, 'and no more is sent from then on'
);

select * from finish();
rollback;
