begin;
select plan(4);

insert into public.chat_sessions (id, user_id, org_id) values
  ('90000000-0000-4000-8000-000000000001', tests.id('alice'), tests.id('acme')),
  ('90000000-0000-4000-8000-000000000002', tests.id('alice'), tests.id('acme'));
insert into public.chat_messages (session_id, role, content, status) values
  ('90000000-0000-4000-8000-000000000001', 'user', 'éééé', 'complete'),
  ('90000000-0000-4000-8000-000000000001', 'user', repeat('lost', 1000), 'error');

-- {"role": "user", "content": "éééé"} is 39 bytes: ten tokens.
select is(
  (select octet_length(public.conversation_history(sessions)::text) - 2 from public.chat_sessions sessions where id::text like '%1'),
  39, 'bytes are counted, not characters'
);
select is(
  jsonb_array_length(private.recent_history('90000000-0000-4000-8000-000000000001', 10, false)), 1, 'it fits exactly'
);
select is(
  jsonb_array_length(private.recent_history('90000000-0000-4000-8000-000000000001', 9, false)), 0,
  'one token less is too few; what failed takes no room'
);
select is(private.recent_history('90000000-0000-4000-8000-000000000002', 9, false), '[]'::jsonb, 'nothing is nothing');

select * from finish();
rollback;
