-- Seed 004's AgentSession and AgentMessage. The history is made of the messages, so it is read and never
-- written; counters and times keep themselves.
begin;
select plan(17);

select tests.act_as('alice');
insert into agents (name) values ('Helper');
select results_eq(
  $$
    insert into agent_sessions (session_id, agent_id, user_id, website_domain, ip_address, channel, context_data)
    select 'widget-session-0001', id, auth.uid(), 'shop.example.com', '203.0.113.7', 'web', '{"cart": 2}' from agents where name = 'Helper'
    returning session_id, website_domain, ip_address, channel, message_count, conversation_history, context_data, status, ended_at
  $$,
  $$ values (
    'widget-session-0001', 'shop.example.com', '203.0.113.7', 'web', 0, '[]'::jsonb, '{"cart": 2}'::jsonb, 'active',
    null::timestamp
  ) $$,
  'a session is begun'
);
select results_eq(
  $$ select started_at, last_activity_at from agent_sessions $$, $$ values (now() at time zone 'UTC', now() at time zone 'UTC') $$, 'now, in UTC'
);
select tests.breaks(
  $$ insert into agent_sessions (session_id) values ('widget-session-0001') $$, 'chat_sessions_session_id_key', 'its session_id is unique'
);
select results_eq(
  $$
    insert into agent_messages (session_id, role, content, audio_url, audio_duration_ms, tokens_used, latency_ms, model_used)
    select id, said.role, said.content, said.audio_url, said.audio_duration_ms, said.tokens_used, said.latency_ms, said.model_used
    from agent_sessions
    cross join (values
      ('user', 'Hello', 'https://example.com/hello.ogg', 900, null, null, null),
      ('assistant', 'Good day', null, null, 12, 340, 'gpt-4o-mini')
    ) as said (role, content, audio_url, audio_duration_ms, tokens_used, latency_ms, model_used)
    returning role, audio_duration_ms, tokens_used, latency_ms, model_used
  $$,
  $$ values
    ('user', 900, null::integer, null::integer, null::text),
    ('assistant', null, 12, 340, 'gpt-4o-mini') $$,
  'messages are added, spoken ones too'
);
select results_eq(
  'select message_count, conversation_history from agent_sessions',
  $$ values (2, '[{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Good day"}]'::jsonb) $$,
  'the session counts them and has them as its history'
);
select results_eq(
  'select message_count, title from chat_sessions', $$ values (2, null::text) $$, 'it is a row of chat_sessions'
);
select tests.refused(
  $$ update agent_sessions set conversation_history = '[{"role": "user", "content": "other"}]' $$,
  409, 'history_is_append_only', 'the history is not rewritten'
);
select results_eq(
  $$ update agent_sessions set message_count = 0 returning message_count $$, array[2], 'the counter counts the messages'
);
select results_eq(
  $$ update agent_sessions set context_data = context_data || '{"cart": 3}' returning context_data $$,
  $$ values ('{"cart": 3}'::jsonb) $$,
  'the context is changed'
);
select results_eq(
  $$ update agent_sessions set status = 'ended' returning status, ended_at $$, $$ values ('ended', now() at time zone 'UTC') $$,
  'a session that ends has an end'
);
select tests.breaks(
  $$ update agent_sessions set status = 'lost' $$, 'session_status_is_known', 'rules speak through the view'
);
select tests.denied($$ update agent_messages set content = 'Never said' $$, 'what was said stays said');

select tests.act_as('bob');
select is_empty('select from agent_sessions', 'another user reads no session');
select is_empty('select from agent_messages', 'and no message');
select is_empty($$ delete from agent_sessions returning id $$, 'and deletes none');

select tests.act_as('alice');
select tests.changes('delete from agent_sessions', 1, 'a person deletes the own session');
select is_empty('select from agent_messages', 'with its messages');

select * from finish();
rollback;
