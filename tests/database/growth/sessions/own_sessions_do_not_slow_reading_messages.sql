begin;
select plan(8);

insert into public.chat_sessions (id, session_id, user_id, org_id, title) values
  ('40000000-0000-4000-8000-000000000001', 'growth-the-session', tests.id('alice'), tests.id('acme'), 'the one');
insert into public.chat_messages (id, session_id, role, content)
select md5('growth' || n)::uuid, '40000000-0000-4000-8000-000000000001', 'user', 'm' || n
from generate_series(1, 1000) n;

create temporary table costs as
select * from (values
  ('fifty messages of a session', $$ select * from public.chat_messages
    where session_id = '40000000-0000-4000-8000-000000000001' order by seq desc limit 50 $$),
  ('one message by id', $$ select * from public.chat_messages where id = md5('growth7')::uuid $$),
  ('agent_messages, of seed 004', $$ select * from public.agent_messages
    where session_id = '40000000-0000-4000-8000-000000000001' limit 50 $$),
  ('a message written by hand', $$ insert into public.chat_messages (session_id, role, content)
    values ('40000000-0000-4000-8000-000000000001', 'user', 'x') $$)
) as questions (name, question), lateral (select 0::bigint as buffers) nothing;
grant select, update on costs to authenticated;

select tests.plain_sessions('alice', 10);
-- Were its messages the only ones, the whole table would be read and sorted for the latest fifty.
insert into public.chat_messages (session_id, role, content)
select chat_sessions.id, 'user', 'm' || n
from public.chat_sessions cross join generate_series(1, 200) n
where chat_sessions.title = 'generated';
analyze public.chat_messages;
select tests.act_as('alice');
update costs set buffers = tests.buffers(question, 2);
select tests.reset();
select tests.plain_sessions('alice', 20000);
select tests.act_as('alice');
-- Each of the fifty messages finds its session by an index, which is a level or two deeper.
select tests.costs_no_more(
  tests.buffers(question, 2), buffers, name || ' costs the same with 20,000 own sessions',
  allowance => 3 * 50
)
from costs;

-- Beyond what a hash in work_mem holds.
set local work_mem = '64kB';
select tests.costs_no_more(
  tests.buffers(question, 2), buffers, name || ' too where memory is short', allowance => 3 * 50
)
from costs;

select * from finish();
rollback;
