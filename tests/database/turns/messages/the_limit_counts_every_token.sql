begin;
select plan(4);

insert into public.chat_sessions (id, user_id, org_id) values
  ('90000000-0000-4000-8000-000000000001', tests.id('alice'), tests.id('acme')),
  ('90000000-0000-4000-8000-000000000002', tests.id('alice'), tests.id('acme'));
insert into public.chat_messages (session_id, role, content, status) values
  ('90000000-0000-4000-8000-000000000001', 'user', 'éééé', 'complete'),
  ('90000000-0000-4000-8000-000000000001', 'user', repeat('lost', 1000), 'error');

-- {"role": "user", "content": "éééé"} is 39 bytes in 35 characters: eleven tokens.
select is(
  (
    select private.message_tokens(public.conversation_history(sessions) -> 0)
    from public.chat_sessions sessions where id::text like '%1'
  ),
  11::bigint, 'what is not ASCII counts for more'
);
select is(
  jsonb_array_length(private.recent_history('90000000-0000-4000-8000-000000000001', 11, false)), 1, 'it fits exactly'
);
select is(
  jsonb_array_length(private.recent_history('90000000-0000-4000-8000-000000000001', 10, false)), 0,
  'one token less is too few; what failed takes no room'
);
select is(private.recent_history('90000000-0000-4000-8000-000000000002', 9, false), '[]'::jsonb, 'nothing is nothing');

select * from finish();
rollback;
