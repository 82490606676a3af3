begin;
select plan(13);

insert into public.agents (id, name, organization_id) values
  ('20000000-0000-4000-8000-000000000001', 'One', tests.id('acme')),
  ('20000000-0000-4000-8000-000000000002', 'Two', tests.id('acme'));
insert into public.ai_interactions (organization_id, agent_id, title, started_at)
select tests.id('acme'), '20000000-0000-4000-8000-000000000001', n::text, '2026-05-05'::timestamptz + n * interval '1 day'
from generate_series(1, 3) as n;

create function pg_temp.counts()
returns bigint[]
language sql
as $$ select array_agg(usage_count order by id) from public.agents where id::text like '20000000-%' $$;

update public.ai_interactions set agent_id = '20000000-0000-4000-8000-000000000002' where title in ('1', '2');
select is(pg_temp.counts(), array[1, 2]::bigint[], 'attributed to another agent, they count there');
select is(
  (select last_used_at from public.agents where name = 'Two'), timestamptz '2026-05-07', 'which was used then'
);
update public.ai_interactions set agent_id = null where title = '1';
select is(pg_temp.counts(), array[1, 1]::bigint[], 'attributed to none, nowhere');
update public.ai_interactions set agent_id = '20000000-0000-4000-8000-000000000001' where title = '1';
select is(pg_temp.counts(), array[2, 1]::bigint[], 'and back');
update public.ai_interactions set title = title || '!', agent_id = agent_id;
select is(pg_temp.counts(), array[2, 1]::bigint[], 'what stays where it is changes nothing');
update public.ai_interactions
set organization_id = (select current_organization_id from public.profiles where id = tests.id('eve'))
where title = '1!';
select is(pg_temp.counts(), array[1, 1]::bigint[], 'what is a stranger''s is no use any more');

update public.agents set usage_count = 0 where id::text like '20000000-%';
select lives_ok('delete from public.ai_interactions', 'a counter that was set to less stops no deletion');
select is(pg_temp.counts(), array[0, 0]::bigint[], 'and is never below zero');

insert into public.chat_sessions (id, user_id, org_id) values
  ('90000000-0000-4000-8000-000000000001', tests.id('alice'), tests.id('acme'));
insert into public.chat_messages (session_id, role, content) values
  ('90000000-0000-4000-8000-000000000001', 'user', 'a'), ('90000000-0000-4000-8000-000000000001', 'assistant', 'b');
insert into public.chat_sessions (id, user_id, org_id) values
  ('90000000-0000-4000-8000-000000000002', tests.id('alice'), tests.id('acme'));
update public.chat_messages set session_id = '90000000-0000-4000-8000-000000000002' where content = 'b';
select results_eq(
  'select message_count from public.chat_sessions order by id', array[1, 1], 'messages that move count where they are'
);
update public.chat_sessions set message_count = 0;
select lives_ok('delete from public.chat_messages', 'nor does a session''s');
insert into public.workflows (id, agent_id, name, n8n_workflow_id) values
  ('91000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'w', 'w1');
insert into public.workflow_executions (workflow_id, status)
select '91000000-0000-4000-8000-000000000001', status from unnest(array['success', 'error']) as status;
update public.workflows set execution_count = 0, success_count = 0, error_count = 0;
select lives_ok('delete from public.workflow_executions', 'nor a workflow''s');

insert into public.ai_interactions (organization_id, agent_id, title)
values (tests.id('acme'), '20000000-0000-4000-8000-000000000001', 'x');
update public.agents set usage_count = 0;
select lives_ok($$ delete from public.organizations where id = tests.id('acme') $$, 'nor that of an organization');
select is_empty('select from public.ai_interactions', 'which takes its ledger along');

select * from finish();
rollback;
