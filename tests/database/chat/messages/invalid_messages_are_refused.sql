begin;
select plan(23);

insert into public.chat_sessions (id, user_id, org_id) values
  ('90000000-0000-4000-8000-000000000001', tests.id('alice'), tests.id('acme'));
insert into public.chat_messages (id, session_id, role, content) values
  ('91000000-0000-4000-8000-000000000001', '90000000-0000-4000-8000-000000000001', 'user', 'a'),
  ('91000000-0000-4000-8000-000000000002', '90000000-0000-4000-8000-000000000001', 'user', 'b');

select tests.breaks(
  format('update public.chat_messages set %s where id = ''91000000-0000-4000-8000-000000000001''', change), rule,
  change || ' is refused'
)
from (values
  ('id = ''91000000-0000-4000-8000-000000000002''', 'chat_messages_pkey'),
  ('session_id = gen_random_uuid()', 'chat_messages_session_id_fkey'),
  ('role = ''function''', 'message_role_is_known'),
  ('status = ''lost''', 'message_status_is_known'),
  ('content_parts = ''{}''', 'content_parts_are_a_list'),
  ('role = ''assistant'', tool_calls = ''{}''', 'tool_calls_are_a_list'),
  ('tool_calls = ''[]''', 'only_an_assistant_calls_tools'),
  ('tool_call_id = ''call_1''', 'only_a_tool_answers_a_call'),
  ('tokens_in = -1', 'message_tokens_are_not_negative'),
  ('tokens_out = -1', 'message_tokens_are_not_negative'),
  ('tokens_used = -1', 'message_tokens_are_not_negative'),
  ('latency_ms = -1', 'message_latency_is_not_negative'),
  ('audio_duration_ms = -1', 'audio_duration_is_not_negative')
) as broken (change, rule);

select tests.changes(
  format('update public.chat_messages set %s where id = ''91000000-0000-4000-8000-000000000001''', change), 1, change
)
from unnest(array[
  'role = ''system''', 'role = ''developer''', 'role = ''tool'', tool_call_id = ''call_1''',
  'role = ''assistant'', tool_call_id = null, tool_calls = ''[{"id": "call_1"}]''', 'status = ''partial''',
  'status = ''error''', 'status = ''complete''', 'content = ''''', 'content_parts = ''[]''',
  'tokens_in = 0, tokens_out = 0, tokens_used = 0, latency_ms = 0, audio_duration_ms = 0'
]) as change;

select * from finish();
rollback;
