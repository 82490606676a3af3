begin;
select plan(7);

insert into public.chat_sessions (id, session_id, user_id, org_id, channel) values
  ('90000000-0000-4000-8000-000000000001', 'sess_of_alice_0001', tests.id('alice'), tests.id('acme'), 'web');
insert into public.chat_messages (session_id, role, content) values
  ('90000000-0000-4000-8000-000000000001', 'user', 'hello'), ('90000000-0000-4000-8000-000000000001', 'assistant', 'yo');

select tests.act_as('alice');
select results_eq(
  $$
    select id, session_id, user_id, channel, message_count, conversation_history, context_data, status, ended_at
    from public.agent_sessions
  $$,
  $$
    values (
      '90000000-0000-4000-8000-000000000001'::uuid, 'sess_of_alice_0001', tests.id('alice'), 'web', 2,
      '[{"role": "user", "content": "hello"}, {"role": "assistant", "content": "yo"}]'::jsonb, '{}'::jsonb, 'active',
      null::timestamp
    )
  $$,
  'with their messages as one value'
);
select results_eq(
  $$
    insert into public.agent_sessions (session_id, channel, website_domain, ip_address, context_data)
    values ('sess_by_the_client_1', 'widget', 'example.com', '192.0.2.1', '{"page": "/"}')
    returning session_id, user_id, message_count, conversation_history, status
  $$,
  $$ values ('sess_by_the_client_1', tests.id('alice'), 0, '[]'::jsonb, 'active') $$, 'a client begins one'
);
select results_eq(
  $$
    update public.agent_sessions set status = 'ended', context_data = '{"done": true}'
    where session_id = 'sess_by_the_client_1' returning status, ended_at
  $$,
  $$ values ('ended', now() at time zone 'UTC') $$, 'and ends it'
);
select results_eq(
  $$
    update public.agent_sessions
    set message_count = 9, conversation_history = conversation_history || '[{"role": "user", "content": "bye"}]'
    where session_id = 'sess_by_the_client_1' returning message_count, conversation_history
  $$,
  $$ values (1, '[{"role": "user", "content": "bye"}]'::jsonb) $$, 'what is added to the history is a message'
);
select tests.denied('update public.agent_sessions set last_activity_at = now()', 'the database keeps its times');
select tests.changes(
  $$ delete from public.agent_sessions where session_id = 'sess_by_the_client_1' $$, 1, 'and deletes it'
);
select tests.act_as('bob');
select is_empty('select id from public.agent_sessions', 'a colleague sees none');

select * from finish();
rollback;
