begin;
select plan(1);

insert into public.chat_sessions (id, user_id, org_id) values
  ('90000000-0000-4000-8000-000000000001', tests.id('alice'), tests.id('acme'));
insert into public.chat_messages (session_id, role, content, created_at)
select '90000000-0000-4000-8000-000000000001', 'user', n::text, now() - n * interval '1 minute'
from generate_series(1, 30) as n;
update public.chat_messages set tokens_in = 1 where content::integer % 3 = 0;

select results_eq(
  $$
    select message.value ->> 'content'
    from public.chat_sessions sessions,
    jsonb_array_elements(public.conversation_history(sessions)) with ordinality as message
    order by message.ordinality
  $$,
  'select n::text from generate_series(1, 30) as n',
  'not of their clocks, nor of where the rows lie'
);

select * from finish();
rollback;
