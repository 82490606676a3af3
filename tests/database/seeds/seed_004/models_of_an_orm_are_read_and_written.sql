-- Seed 004's Agent, AgentSession and AgentMessage as SQLAlchemy writes them: every mapped column is
-- named, and what the model leaves out is null.
begin;
select plan(34);

select tests.act_as_service();

-- Agent -> agents
select results_eq(
  $$
    insert into agents (
      id, organization_id, name, description, llm_provider, llm_model, system_prompt, temperature, voice_provider, voice_id,
      voice_settings, speech_processing, security, knowledge_base_ids, config_json, is_published, version, is_active,
      created_by, created_at, updated_at
    )
    values (
      '20000000-0000-4000-8000-000000000001', tests.id('acme'), 'Bot', null, 'openai', 'gpt-4o-mini', 'p', 0.7,
      'elevenlabs', null, null, 'null', '{}', null, '{"graph": "x"}', null, null, null, tests.id('alice'), '2026-01-02', null
    )
    returning id, llm_provider, llm_model, config_json, is_active, is_published, version, voice_settings, created_at
  $$,
  $$
    values (
      '20000000-0000-4000-8000-000000000001'::uuid, 'openai', 'gpt-4o-mini', '{"graph": "x"}'::jsonb, true, false, 1,
      '{}'::jsonb, timestamptz '2026-01-02'
    )
  $$,
  'an agent is written with nulls, and keeps its id and its time'
);
select results_eq(
  $$
    select agents.llm_provider as agents_llm_provider, agents.config_json as agents_config_json, agents.vendor_id,
      agents.model_name, agents.config, agents.enabled, agents.team_id
    from agents where agents.id = '20000000-0000-4000-8000-000000000001'
  $$,
  $$ values (
    'openai', '{"graph": "x"}'::jsonb, 'openai', 'gpt-4o-mini', '{"graph": "x"}'::jsonb, true, tests.id('acme')
  ) $$,
  'it is read in both words'
);
select results_eq(
  $$
    update agents set llm_model = 'gpt-4o', config_json = '{"graph": "y"}', is_active = false, updated_at = '2020-01-01'
    where id = '20000000-0000-4000-8000-000000000001'
    returning model_name, config, enabled, version, updated_at
  $$,
  $$ values ('gpt-4o', '{"graph": "y"}'::jsonb, false, 2, now()) $$,
  'a change in one word is one in the other, and another version'
);
select results_eq(
  $$
    update agents set vendor_id = 'anthropic', service_id = 'anthropic_claude3_sonnet', enabled = true
    where id = '20000000-0000-4000-8000-000000000001'
    returning llm_provider, is_active, llm_model
  $$,
  $$ values ('anthropic', true, 'gpt-4o') $$, 'and the other way round'
);
select results_eq(
  $$
    update agents set llm_provider = 'openai' where id = '20000000-0000-4000-8000-000000000001'
    returning vendor_id, service_id
  $$,
  $$ values ('openai', null) $$, 'an agent that goes to another vendor leaves the service'
);
select results_eq(
  $$
    insert into agents (name, team_id, created_by) values ('Team''s', tests.id('acme'), tests.id('alice'))
    returning organization_id
  $$,
  $$ values (tests.id('acme')) $$, 'seed 003''s team_id is written, too'
);
select results_eq(
  $$
    insert into bots (id, name, organization_id, config_json, is_active, created_at)
    values ('20000000-0000-4000-8000-000000000002', 'Bot 2', tests.id('acme'), '{"a": 1}', null, '2026-01-03')
    returning id, config, config_json, is_active, created_at
  $$,
  $$ values (
    '20000000-0000-4000-8000-000000000002'::uuid, '{"a": 1}'::jsonb, '{"a": 1}'::jsonb, true, timestamptz '2026-01-03'
  ) $$,
  'bots does the same'
);

-- AgentSession
select results_eq(
  $$
    insert into agent_sessions (
      id, session_id, agent_id, user_id, website_domain, ip_address, channel, message_count, conversation_history,
      context_data, status, started_at, last_activity_at, ended_at
    )
    values (
      '90000000-0000-4000-8000-000000000001', 'sess_of_the_model_1', '20000000-0000-4000-8000-000000000001', null,
      'Shop.example.com:8443', '203.0.113.9', null, null, '[]', 'null', null, '2026-01-02', null, null
    )
    returning id, website_domain, channel, message_count, conversation_history, context_data, status, started_at
  $$,
  $$
    values (
      '90000000-0000-4000-8000-000000000001'::uuid, 'shop.example.com:8443', 'api', 0, '[]'::jsonb, '{}'::jsonb,
      'active', timestamp '2026-01-02'
    )
  $$,
  'a session is written with all its columns'
);
select results_eq(
  $$
    insert into agent_sessions (session_id, agent_id, channel, message_count, conversation_history)
    values (
      'sess_with_a_history', '20000000-0000-4000-8000-000000000001', 'voice', 7,
      '[{"role": "user", "content": "hi", "at": 1}, {"role": "assistant", "content": [{"type": "text", "text": "yo"}]}]'
    )
    returning message_count, conversation_history
  $$,
  $$
    values (
      2, '[{"role": "user", "content": "hi"}, {"role": "assistant", "content": [{"type": "text", "text": "yo"}]}]'::jsonb
    )
  $$,
  'one with a history has messages, and as many as it has'
);
insert into agent_messages (id, session_id, role, content, created_at) values
  ('a0000000-0000-4000-8000-000000000001', '90000000-0000-4000-8000-000000000001', 'user', 'hi', null),
  ('a0000000-0000-4000-8000-000000000002', '90000000-0000-4000-8000-000000000001', 'assistant', null, '2026-01-02');
select results_eq(
  $$
    select id, content, created_at from agent_messages
    where session_id = '90000000-0000-4000-8000-000000000001' order by id
  $$,
  $$
    values
      ('a0000000-0000-4000-8000-000000000001'::uuid, 'hi', now()),
      ('a0000000-0000-4000-8000-000000000002', '', '2026-01-02')
  $$,
  'messages keep their ids, and one of voice may have no text'
);
select results_eq(
  $$
    update agent_sessions
    set message_count = 3, last_activity_at = '2026-01-05', conversation_history = conversation_history || '{"role": "user", "content": "more"}'
    where id = '90000000-0000-4000-8000-000000000001'
    returning message_count, jsonb_array_length(conversation_history)
  $$,
  $$ values (3, 3) $$, 'what is appended to the history becomes a message, which is counted once'
);
select results_eq(
  $$
    update agent_sessions set message_count = message_count + 1 where id = '90000000-0000-4000-8000-000000000001'
    returning message_count
  $$,
  array[3], 'the number follows from the messages'
);
select results_eq(
  format(
    $$
      update agent_sessions set conversation_history = %s where id = '90000000-0000-4000-8000-000000000001'
      returning message_count
    $$, history
  ),
  array[3], 'a history of ' || history || ' changes nothing'
)
from unnest(array['conversation_history', '''[]''', 'null', '''null''']) as histories (history);
select tests.refused(
  format(
    $$ update agent_sessions set conversation_history = %s where id = '90000000-0000-4000-8000-000000000001' $$, history
  ),
  status, code, history || ' is refused'
)
from (values
  ('conversation_history - 0', 409, 'history_is_append_only'),
  ('conversation_history - 2', 409, 'history_is_append_only'),
  ('jsonb_set(conversation_history, ''{0,content}'', ''"x"'')', 409, 'history_is_append_only'),
  ('jsonb_set(conversation_history, ''{0,role}'', ''"assistant"'')', 409, 'history_is_append_only'),
  ('''{"role": "user"}''', 400, 'history_is_no_list'),
  ('''["hi"]''', 400, 'history_is_no_list'),
  ('conversation_history || ''{"content": "x"}''', 400, 'message_is_malformed'),
  ('conversation_history || ''{"role": "user", "content": {"text": "x"}}''', 400, 'message_is_malformed')
) as rewritten (history, status, code);
select results_eq(
  format(
    $$
      update agent_sessions set status = %L where id = '90000000-0000-4000-8000-000000000001'
      returning status, ended_at is null
    $$, status
  ),
  format('values (%L, %L::boolean)', status, status = 'active'), 'a session may be ' || status
)
from unnest(array['closed', 'completed', 'inactive', 'active', 'ended']) as statuses (status);
select results_eq(
  $$ select channel, website_domain, user_id from agent_sessions where session_id = 'sess_with_a_history' $$,
  $$ values ('voice', null::text, null::uuid) $$, 'a call by telephone has no site'
);
set local time zone 'Asia/Tokyo';
select results_eq(
  $$
    insert into agent_sessions (session_id, agent_id, channel, ip_address, started_at, last_activity_at)
    values (
      's', '20000000-0000-4000-8000-000000000001', 'voice', '203.0.113.0/24'::varchar, timestamp '2026-01-02 03:04',
      timestamp '2026-01-02 03:05'
    )
    returning session_id, ip_address, started_at, last_activity_at
  $$,
  $$ values ('s', '203.0.113.0/24', timestamp '2026-01-02 03:04', timestamp '2026-01-02 03:05') $$,
  'times have no zone and mean UTC, an address is a text, and a session may have a short name'
);
select results_eq(
  $$
    update agent_sessions set context_data = '{"a": 1}', ended_at = timestamp '2026-01-02 04:00' where session_id = 's'
    returning started_at, ended_at
  $$,
  $$ values (timestamp '2026-01-02 03:04', timestamp '2026-01-02 04:00') $$, 'and stay where they are'
);
select is(
  (select started_at from chat_sessions where session_id = 's'), '2026-01-02 03:04Z'::timestamptz, 'as chat_sessions has them'
);
reset time zone;
select tests.changes(
  $$ delete from agent_sessions where id = '90000000-0000-4000-8000-000000000001' $$, 1, 'a session is deleted'
);

select * from finish();
rollback;
