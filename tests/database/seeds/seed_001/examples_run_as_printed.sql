-- Seed 001, "Ready to Use": its two inserts and its query, as a signed-in person, ids filled in.
begin;
select plan(9);

select tests.act_as('alice');
select lives_ok(
  $seed$
INSERT INTO chat_sessions (user_id, org_id, agent_id, model_id, title)
VALUES (
  '00000000-0000-4000-8000-00000000000a',
  '00000000-0000-4000-8000-0000000000ac',
  (SELECT id FROM agents WHERE name = 'ccrouter'),
  (SELECT id FROM models WHERE name = 'gemini-1.5-pro'),
  'My Chat Session'
);
  $seed$,
  'a chat session is created'
);
select results_eq(
  $$
    select agents.name, models.name, sessions.title
    from chat_sessions sessions
    join agents on agents.id = sessions.agent_id
    join models on models.id = sessions.model_id
  $$,
  $$ values ('ccrouter', 'gemini-1.5-pro', 'My Chat Session') $$,
  'with the agent, the model and the title that it names'
);

select lives_ok(
  replace(
    $seed$
INSERT INTO chat_messages (session_id, role, content, tokens_in, tokens_out)
VALUES (
  'session-id',
  'user',
  'Hello, what can you do?',
  15,
  NULL
);
    $seed$,
    'session-id', (select id::text from chat_sessions)
  ),
  'a message is added'
);
select results_eq(
  $$ select role, content, tokens_in, tokens_out from chat_messages $$,
  $$ values ('user', 'Hello, what can you do?', 15, null::integer) $$,
  'as it was written'
);
select is((select message_count from chat_sessions), 1, 'and counted');

select is_empty(
  $seed$
SELECT * FROM agent_health WHERE status != 'healthy';
  $seed$,
  'both agents are healthy'
);
select tests.act_as_service();
update agent_health set status = 'degraded' where agent_id = (select id from agents where name = 'droid');
select tests.act_as('alice');
select results_eq(
  $$
    select agents.name
    from agents
    join (
SELECT * FROM agent_health WHERE status != 'healthy'
    ) as unwell on unwell.agent_id = agents.id
  $$,
  $$ values ('droid') $$,
  'one that is not is found'
);

select tests.act_as('eve');
select tests.denied(
  $$
    insert into chat_sessions (user_id, org_id, title)
    values ('00000000-0000-4000-8000-00000000000e', '00000000-0000-4000-8000-0000000000ac', 'Eve''s')
  $$,
  'who is no member creates no session there'
);
select is_empty('select from chat_messages', 'and reads none of this');

select * from finish();
rollback;
