begin;
select plan(2);

insert into public.chat_sessions (id, user_id, org_id) values
  ('90000000-0000-4000-8000-000000000001', tests.id('alice'), tests.id('acme')),
  ('90000000-0000-4000-8000-000000000002', tests.id('alice'), tests.id('acme'));
insert into public.chat_messages (session_id, role, content, status) values
  ('90000000-0000-4000-8000-000000000001', 'user', 'a', 'complete'),
  ('90000000-0000-4000-8000-000000000001', 'assistant', 'b', 'partial'),
  ('90000000-0000-4000-8000-000000000001', 'user', 'c', 'error'),
  ('90000000-0000-4000-8000-000000000001', 'assistant', 'd', 'error');

select is(
  (
    select public.conversation_history(sessions) from public.chat_sessions sessions
    where id = '90000000-0000-4000-8000-000000000001'
  ),
  '[{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]'::jsonb,
  'what failed is left out, what was cut short is not'
);
select is(
  (
    select public.conversation_history(sessions) from public.chat_sessions sessions
    where id = '90000000-0000-4000-8000-000000000002'
  ),
  '[]'::jsonb, 'a session without messages has an empty one'
);

select * from finish();
rollback;
