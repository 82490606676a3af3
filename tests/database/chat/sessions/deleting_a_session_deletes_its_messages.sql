begin;
select plan(2);

insert into public.chat_sessions (id, user_id, org_id) values
  ('90000000-0000-4000-8000-000000000001', tests.id('alice'), tests.id('acme'));
insert into public.chat_messages (session_id, role, content)
values ('90000000-0000-4000-8000-000000000001', 'user', 'hello');
insert into public.ai_interactions (organization_id, session_id, title, total_cost)
values (tests.id('acme'), '90000000-0000-4000-8000-000000000001', 'kept', 0.5);

delete from public.chat_sessions;

select is_empty('select id from public.chat_messages', 'its messages go');
select results_eq(
  'select session_id, total_cost from public.ai_interactions', $$ values (null::uuid, 0.5::numeric(20, 10)) $$,
  'the ledger stays'
);

select * from finish();
rollback;
