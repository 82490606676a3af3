-- What clients make of an answer, or of their own message, before they send it again. Each row: what
-- is stored, what comes back, and whether it says the same.
begin;
select plan(31);

create function pg_temp.answer(fields jsonb default '{}')
returns jsonb
language sql
as $$ select '{"role": "assistant", "content": "Hello there."}'::jsonb || fields $$;
create function pg_temp.calls(arguments text, id text default 'call_1', name text default 'look')
returns jsonb
language sql
as $$
  select jsonb_build_array(jsonb_build_object(
    'id', id, 'type', 'function', 'function', jsonb_build_object('name', name, 'arguments', arguments)
  ))
$$;
create temporary table echoes (stored jsonb, echo jsonb, says_the_same boolean, claim text);
insert into echoes values
  (pg_temp.answer(), pg_temp.answer('{"refusal": null, "annotations": [], "audio": null}'), true, 'openai: fields without a value'),
  (pg_temp.answer(), pg_temp.answer('{"tool_calls": null, "function_call": null}'), true, 'openai for Python: no calls'),
  (pg_temp.answer(), pg_temp.answer('{"tool_calls": []}'), true, 'LangChain: an empty list of calls'),
  (pg_temp.answer(), pg_temp.answer('{"content": [{"type": "text", "text": "Hello there."}]}'), true, 'AI SDK, agents: parts for a text'),
  (
    pg_temp.answer(), pg_temp.answer('{"content": [{"type": "text", "text": "Hello there.", "cache_control": {"type": "ephemeral"}}]}'),
    true, 'with a mark for a cache'
  ),
  (
    pg_temp.answer(), pg_temp.answer('{"content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "Hello there."}]}'),
    true, 'with what the model thought as a part'
  ),
  (pg_temp.answer('{"content": "Hello there.\n"}'), pg_temp.answer(), true, 'without white space at the end'),
  (pg_temp.answer(), pg_temp.answer('{"name": "bot", "id": "msg_1", "reasoning_content": "hm"}'), true, 'with a name, an id and reasoning'),
  (pg_temp.answer('{"content": "a\nb"}'), pg_temp.answer('{"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}'), true, 'in several parts'),
  (pg_temp.answer('{"content": "No."}'), pg_temp.answer('{"content": null, "refusal": "No."}'), true, 'a refusal in its own field'),
  (pg_temp.answer('{"content": "No."}'), pg_temp.answer('{"content": [{"type": "refusal", "refusal": "No."}], "refusal": "No."}'), true, 'or in a part, too'),
  (pg_temp.answer(), pg_temp.answer('{"content": "Hello there!"}'), false, 'another text is another message'),
  (pg_temp.answer(), '{"role": "user", "content": "Hello there."}', false, 'as is another role'),
  -- Calls of tools
  (
    pg_temp.answer(jsonb_build_object('content', null, 'tool_calls', pg_temp.calls('{"a":1,"b":[2]}'))),
    pg_temp.answer(jsonb_build_object('content', '', 'tool_calls', pg_temp.calls('{"b": [2], "a": 1}'))),
    true, 'AI SDK, LangChain: arguments written again, no text as an empty one'
  ),
  (
    pg_temp.answer(jsonb_build_object('content', null, 'tool_calls', pg_temp.calls(''))),
    pg_temp.answer(jsonb_build_object('content', null, 'tool_calls', pg_temp.calls('{}'))),
    true, 'no arguments as an empty object'
  ),
  (
    pg_temp.answer(jsonb_build_object('content', null, 'tool_calls', pg_temp.calls('{"a', 'x'))),
    pg_temp.answer(jsonb_build_object('content', null, 'tool_calls', pg_temp.calls('{"a', 'y'))),
    true, 'another id, and arguments that are not JSON'
  ),
  (
    pg_temp.answer(jsonb_build_object('tool_calls', pg_temp.calls('{}', '1', 'a') || pg_temp.calls('{}', '2', 'b'))),
    pg_temp.answer(jsonb_build_object('tool_calls', pg_temp.calls('{}', '2', 'b') || pg_temp.calls('{}', '1', 'a'))),
    true, 'in another order'
  ),
  (
    pg_temp.answer(jsonb_build_object('tool_calls', pg_temp.calls('{}') -> 0 || '{"index": 0, "extra_content": {"google": {"thought_signature": "s"}}}')),
    pg_temp.answer(jsonb_build_object('tool_calls', pg_temp.calls('{}') -> 0)),
    true, 'without what the vendor added'
  ),
  (
    pg_temp.answer(jsonb_build_object('tool_calls', pg_temp.calls('{"a": 1}'))),
    pg_temp.answer(jsonb_build_object('tool_calls', pg_temp.calls('{"a": 2}'))),
    false, 'other arguments are another call'
  ),
  (
    pg_temp.answer('{"tool_calls": [{"id": "1", "type": "custom", "custom": {"name": "sql", "input": "select 1"}}]}'),
    pg_temp.answer('{"tool_calls": [{"id": "2", "type": "custom", "custom": {"name": "sql", "input": "select 2"}}]}'),
    false, 'also of custom tools'
  ),
  (pg_temp.answer(jsonb_build_object('tool_calls', pg_temp.calls('{}'))), pg_temp.answer(), false, 'a call is more than its text'),
  (
    '{"role": "tool", "tool_call_id": "call_1", "content": "5"}', '{"role": "tool", "tool_call_id": "x", "content": [{"type": "text", "text": "5"}]}',
    true, 'a result in parts, of another id'
  ),
  -- What users say
  (
    '{"role": "user", "content": [{"type": "text", "text": "What?"}, {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA", "detail": "auto"}}]}',
    '{"role": "user", "content": [{"type": "text", "text": "What?"}, {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}}]}',
    true, 'an image with its usual detail'
  ),
  (
    '{"role": "user", "content": [{"type": "image_url", "image_url": "https://example.com/a.png"}]}',
    '{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}]}',
    true, 'an image by its address'
  ),
  (
    '{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}]}',
    '{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://example.com/b.png"}}]}',
    false, 'another image'
  ),
  ('{"role": "user", "content": "What?", "name": "ann"}', '{"role": "user", "content": "What?", "name": "bob"}', false, 'another person'),
  ('{"role": "user", "content": ""}', '{"role": "user", "content": []}', true, 'nothing said');

create function pg_temp.stored(message jsonb)
returns uuid
language sql
as $$
  select private.message_fingerprint(
    message ->> 'role', message ->> 'name', private.text_of_message(message), private.parts_of_message(message),
    nullif(message -> 'tool_calls', 'null')
  )
$$;
select is(pg_temp.stored(stored) = private.fingerprint_of_message(echo), says_the_same, claim) from echoes;

select is(private.fingerprint_of_message('{"role": "system", "content": "x"}'), null, 'an instruction is no part of it');
select is(private.fingerprint_of_message('{"role": "assistant", "content": null}'), null, 'nor is an answer that says nothing');
select is(
  (private.read_messages(
    '[{"role": "user", "content": "a"}, {"role": "assistant", "content": ""}, {"role": "user", "content": "b"}]'
  )).messages,
  '[{"role": "user", "content": "a"}, {"role": "user", "content": "b"}]', 'which vendors are not given'
);
select is(
  (private.read_messages('[{"role": "user", "content": "a"}, {"role": "system", "content": "x"}]')).messages,
  '[{"role": "user", "content": "a"}]', 'a request without answers stays as it is'
);

select * from finish();
rollback;
