begin;
select plan(8);

insert into public.chat_sessions (user_id, org_id, website_domain, title) values
  (tests.id('alice'), tests.id('acme'), null, 'Alice''s'), (null, tests.id('acme'), 'example.com', 'A visitor''s');
insert into public.chat_messages (session_id, role, content)
select chat_sessions.id, 'user', chat_sessions.title from public.chat_sessions;

select tests.act_as('bob');
select results_eq(
  'select title from public.chat_sessions', $$ values ('A visitor''s') $$,
  'an admin sees visitors'' sessions, and not those of colleagues'
);
select results_eq('select content from public.chat_messages', $$ values ('A visitor''s') $$, 'nor their messages');
select tests.changes($$ update public.chat_sessions set title = 'Mine' $$, 0, 'and changes none');
select tests.changes('delete from public.chat_sessions', 0, 'and deletes none');
select tests.denied(
  $$
    insert into public.chat_messages (session_id, role, content)
    select chat_sessions.id, 'user', 'me too' from public.chat_sessions
  $$,
  'and writes into none'
);

select tests.act_as('eve');
select is_empty('select id from public.chat_sessions', 'an outsider sees none');
select tests.act_as('alice');
select results_eq(
  'select content from public.chat_messages order by content', $$ values ('A visitor''s'), ('Alice''s') $$,
  'the person sees the own'
);
select tests.changes($$ delete from public.chat_sessions where title = 'Alice''s' $$, 1, 'and deletes the own');

select * from finish();
rollback;
