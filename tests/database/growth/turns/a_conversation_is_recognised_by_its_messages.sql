-- What is read to recognise a request depends on the request, not on how long its session is, on how
-- many sessions there are, or on what was replaced.
begin;
select plan(6);

insert into public.chat_sessions (id, session_id, user_id, org_id, title)
select ('90000000-0000-4000-8000-00000000000' || n)::uuid, 'growth-known-session-' || n, tests.id('alice'), tests.id('acme'), 'h'
from generate_series(1, 3) n;
alter table public.chat_messages disable trigger user;
-- The first has 40 messages, the second 10,000, the third 40 of which 9,960 others were replaced.
insert into public.chat_messages (session_id, role, content)
select ('90000000-0000-4000-8000-00000000000' || session)::uuid, case when n % 2 = 0 then 'assistant' else 'user' end, session || ' ' || n || repeat(' word', 40)
from (values (1, 40), (2, 10000), (3, 10000)) sessions (session, length), generate_series(1, length) n;
alter table public.chat_messages enable trigger user;
insert into public.chat_messages (session_id, role, content)
select ('90000000-0000-4000-8000-00000000000' || session)::uuid, case when n % 2 = 0 then 'assistant' else 'user' end, session || ' latest ' || n || repeat(' word', 40)
from generate_series(1, 3) session, generate_series(1, 40) n;
update public.chat_sessions sessions set current_branch = (
  select int8multirange(int8range(null, min(seq) + 40), int8range(max(seq) - 39, null))
  from public.chat_messages messages where messages.session_id = sessions.id
)
where id = '90000000-0000-4000-8000-000000000003';
-- Each answer is known by what was said up to it, as settling a turn does it.
update public.chat_messages messages set history_fingerprint = private.history_fingerprint_of(session_id, content_fingerprint)
where content like '_ latest 40 %';
analyze public.chat_messages;

create function pg_temp.request(session integer)
returns private.request_messages
language sql
as $$
  select private.read_messages(jsonb_agg(jsonb_build_object('role', role, 'content', content) order by seq) || '{"role": "user", "content": "new"}')
  from (
    select * from public.chat_messages
    where session_id = ('90000000-0000-4000-8000-00000000000' || session)::uuid
    order by seq limit 20
  ) first
$$;
create temporary table requests as select session, pg_temp.request(session) as said from generate_series(1, 3) session;
create function pg_temp.known(session integer)
returns text
language sql
as $$ select format(
  'select private.known_in_session(sessions, said) from public.chat_sessions sessions, requests where session = %s and sessions.id = ''90000000-0000-4000-8000-00000000000%s''',
  session, session
) $$;

select tests.costs_no_more(
  tests.buffers(pg_temp.known(2), 2), tests.buffers(pg_temp.known(1), 2), 'the first twenty of 10,000 messages are compared without the others'
);
select is(
  (select array_agg(known.known order by session) from requests, public.chat_sessions sessions, lateral private.known_in_session(sessions, said) known
   where sessions.id = ('90000000-0000-4000-8000-00000000000' || session)::uuid),
  array[20, 20, 20], 'and found'
);
create function pg_temp.history(session integer)
returns text
language sql
as $$ select format(
  'select private.recent_history(sessions.id, 4000, false, branch => sessions.current_branch) from public.chat_sessions sessions where id = ''90000000-0000-4000-8000-00000000000%s''',
  session
) $$;
select tests.costs_no_more(
  tests.buffers(pg_temp.history(3), 2), tests.buffers(pg_temp.history(1), 2), 'what was replaced is passed over without being read'
);
select cmp_ok(
  tests.buffers(
    $$ select private.history_fingerprint_of('90000000-0000-4000-8000-000000000002', gen_random_uuid()) $$, 2
  ), '<', 60::bigint, 'an answer is chained to the one before it'
);
select cmp_ok(
  tests.buffers(
    $$
      select private.find_answer(said, tests.id('alice'), tests.id('acme'), null, null) from requests where session = 1
    $$, 2
  ), '<', 150::bigint, 'a conversation without a session id is looked for by its answers, in an index'
);
select cmp_ok(tests.buffers(pg_temp.history(1), 2), '<', 150::bigint, 'fifty messages of a session are a few buffers each');

select * from finish();
rollback;
