begin;
select plan(4);

insert into public.chat_sessions (id, user_id, org_id, started_at, last_activity_at) values
  ('90000000-0000-4000-8000-000000000001', tests.id('alice'), tests.id('acme'), '2026-01-01', '2026-01-01');

insert into public.chat_messages (session_id, role, content, created_at) values
  ('90000000-0000-4000-8000-000000000001', 'user', 'a', '2026-01-03'),
  ('90000000-0000-4000-8000-000000000001', 'assistant', 'b', '2026-01-02');
select results_eq(
  'select last_activity_at from public.chat_sessions', $$ values (timestamptz '2026-01-03') $$,
  'of several the latest counts'
);

insert into public.chat_messages (session_id, role, content, created_at)
values ('90000000-0000-4000-8000-000000000001', 'user', 'c', '2025-12-01');
select results_eq(
  'select last_activity_at from public.chat_sessions', $$ values (timestamptz '2026-01-03') $$,
  'one that is entered late does not turn it back'
);

insert into public.chat_messages (session_id, role, content, created_at)
values ('90000000-0000-4000-8000-000000000001', 'assistant', 'd', '2026-01-03 00:00:59');
select results_eq(
  'select last_activity_at from public.chat_sessions', $$ values (timestamptz '2026-01-03') $$,
  'nor does an answer within a minute move it'
);
insert into public.chat_messages (session_id, role, content, created_at)
values ('90000000-0000-4000-8000-000000000001', 'assistant', 'e', '2026-01-03 00:01:01');
select results_eq(
  'select last_activity_at from public.chat_sessions', $$ values (timestamptz '2026-01-03 00:01:01') $$,
  'a later one does'
);

select * from finish();
rollback;
