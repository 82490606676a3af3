begin;
select plan(3);

insert into public.chat_sessions (id, user_id, org_id) values
  ('90000000-0000-4000-8000-000000000001', tests.id('alice'), tests.id('acme'));
insert into public.chat_messages (session_id, role, content)
values ('90000000-0000-4000-8000-000000000001', 'user', 'secret');

select tests.act_as('eve');
select is(
  public.conversation_history(
    jsonb_populate_record(null::public.chat_sessions, '{"id": "90000000-0000-4000-8000-000000000001"}')
  ),
  '[]'::jsonb, 'knowing the id of a session is not enough'
);
select tests.act_as('alice');
select is(
  (select public.conversation_history(sessions) from public.chat_sessions sessions),
  '[{"role": "user", "content": "secret"}]'::jsonb, 'its person gets all'
);
select tests.act_as_anon();
select tests.denied(
  'select public.conversation_history(null::public.chat_sessions)', 'a visitor may not ask'
);

select * from finish();
rollback;
