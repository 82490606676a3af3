begin;
select plan(6);

insert into public.chat_sessions (id, user_id, org_id) values
  ('90000000-0000-4000-8000-000000000001', tests.id('alice'), tests.id('acme'));

select tests.act_as('alice');
select results_eq(
  $$
    insert into public.agent_messages
      (session_id, role, content, audio_url, audio_duration_ms, tokens_used, latency_ms, model_used)
    values (
      '90000000-0000-4000-8000-000000000001', 'assistant', 'hello', 'https://example.com/a.mp3', 1500, 12, 300, 'm'
    )
    returning role, content, audio_url, audio_duration_ms, tokens_used, latency_ms, model_used, created_at
  $$,
  $$ values ('assistant', 'hello', 'https://example.com/a.mp3', 1500, 12, 300, 'm', now()) $$, 'a client writes one'
);
select is((select message_count from public.chat_sessions), 1, 'and it counts');
select tests.denied($$ update public.agent_messages set content = 'x' $$, 'it is not rewritten');
select tests.denied('delete from public.agent_messages', 'nor taken back');
select tests.act_as('bob');
select is_empty('select id from public.agent_messages', 'a colleague sees none');
select tests.denied(
  $$
    insert into public.agent_messages (session_id, role, content)
    values ('90000000-0000-4000-8000-000000000001', 'user', 'me too')
  $$,
  'and writes none'
);

select * from finish();
rollback;
