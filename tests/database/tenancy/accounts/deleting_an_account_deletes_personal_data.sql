begin;
select plan(7);

insert into public.agents (id, name, created_by) values
  ('20000000-0000-4000-8000-000000000001', 'Eve''s own', tests.id('eve'));
insert into public.agents (id, name, created_by, organization_id)
select '20000000-0000-4000-8000-000000000002', 'Eve''s space''s', tests.id('eve'), profiles.current_organization_id
from public.profiles where profiles.id = tests.id('eve');
insert into public.chat_sessions (user_id, org_id, agent_id)
select tests.id('eve'), profiles.current_organization_id, '20000000-0000-4000-8000-000000000002'
from public.profiles where profiles.id = tests.id('eve');
insert into public.chat_messages (session_id, role, content)
select chat_sessions.id, 'user', 'hello' from public.chat_sessions where chat_sessions.user_id = tests.id('eve');
insert into public.notifications (user_id, type, title, message) values (tests.id('eve'), 'note', 'a', 'b');
insert into public.mcp_sessions (user_id) values (tests.id('eve'));

delete from auth.users where id = tests.id('eve');
set constraints all immediate;

select is_empty($$ select id from public.profiles where id = tests.id('eve') $$, 'the profile is gone');
select is_empty(
  $$ select id from public.organizations where slug = 'personal-' || tests.id('eve') $$,
  'the personal organization is gone'
);
select is_empty(
  $$ select id from public.agents where id::text like '20000000-%' $$,
  'so are the person''s own agents, which do not turn into platform agents'
);
select is_empty(
  $$ select id from public.chat_sessions where user_id = tests.id('eve') or user_id is null $$, 'conversations too'
);
select is_empty($$ select id from public.chat_messages where content = 'hello' $$, 'with their messages');
select is_empty($$ select id from public.notifications where user_id = tests.id('eve') $$, 'and notifications');
select is_empty($$ select session_id from public.mcp_sessions where user_id = tests.id('eve') $$, 'and MCP sessions');

select * from finish();
rollback;
