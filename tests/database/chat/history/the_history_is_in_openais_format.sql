begin;
select plan(1);

insert into public.chat_sessions (id, user_id, org_id) values
  ('90000000-0000-4000-8000-000000000001', tests.id('alice'), tests.id('acme')),
  ('90000000-0000-4000-8000-000000000002', tests.id('alice'), tests.id('acme'));
insert into public.chat_messages (session_id, role, content, content_parts, name, tool_calls, tool_call_id)
values
  ('90000000-0000-4000-8000-000000000001', 'system', 'Be brief.', null, null, null, null),
  ('90000000-0000-4000-8000-000000000001', 'user', 'What is this?',
    '[
      {"type": "text", "text": "What is this?"},
      {"type": "image_url", "image_url": {"url": "https://example.com/x.png"}}
    ]',
    'Alice', null, null),
  ('90000000-0000-4000-8000-000000000001', 'assistant', '', null, null,
    '[{"id": "call_1", "type": "function", "function": {"name": "look", "arguments": "{}"}}]', null),
  ('90000000-0000-4000-8000-000000000001', 'tool', 'a cat', null, null, null, 'call_1'),
  ('90000000-0000-4000-8000-000000000001', 'assistant', 'A cat.', null, null, null, null),
  ('90000000-0000-4000-8000-000000000001', 'user', '', null, null, null, null),
  ('90000000-0000-4000-8000-000000000002', 'user', 'elsewhere', null, null, null, null);

select is(
  (
    select public.conversation_history(sessions) from public.chat_sessions sessions
    where id = '90000000-0000-4000-8000-000000000001'
  ),
  '[
    {"role": "system", "content": "Be brief."},
    {
      "role": "user", "name": "Alice",
      "content": [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": "https://example.com/x.png"}}
      ]
    },
    {
      "role": "assistant", "content": null,
      "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "look", "arguments": "{}"}}]
    },
    {"role": "tool", "content": "a cat", "tool_call_id": "call_1"},
    {"role": "assistant", "content": "A cat."},
    {"role": "user", "content": ""}
  ]'::jsonb,
  'each message says what it has, and only that; a call of tools without words has content null'
);

select * from finish();
rollback;
