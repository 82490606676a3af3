begin;
select plan(13);

update public.plans set conversation_days = 30, interaction_days = null;
insert into public.agents (id, name, organization_id, created_by, is_public, security) values
  ('20000000-0000-4000-8000-000000000001', 'seven', tests.id('acme'), null, true, '{"retention_days": 7}'),
  ('20000000-0000-4000-8000-000000000002', 'silent', tests.id('acme'), null, false, '{}'),
  ('20000000-0000-4000-8000-000000000003', 'longer', tests.id('acme'), null, false, '{"retention_days": 90}'),
  ('20000000-0000-4000-8000-000000000004', 'own', null, tests.id('eve'), false, '{"retention_days": 7.0}'),
  ('20000000-0000-4000-8000-000000000005', 'unset', tests.id('acme'), null, false, '{"retention_days": null}');
create temporary table homes as
select profiles.current_organization_id as of_eve from public.profiles where id = tests.id('eve');
create temporary table made (name text, agent text, org uuid, person text, days integer);
insert into made
select agents.name || ' ' || days, agents.name, tests.id('acme'), 'alice', days
from unnest(array['seven', 'silent', 'longer', 'unset']) as agents (name), unnest(array[0, 6, 8, 31]) as days
union all select 'own ' || days, 'own', of_eve, 'eve', days from homes, unnest(array[6, 8]) as days
-- Another organization's conversation with the public agent is not the agent's to delete.
union all select 'guest 8', 'seven', of_eve, 'eve', 8 from homes;
insert into public.chat_sessions (session_id, user_id, org_id, agent_id, title)
select 'retention ' || name, tests.id(person), org, (select id from public.agents where agents.name = agent), name from made;
insert into public.chat_sessions (session_id, user_id, org_id, agent_id, title, website_domain, channel)
values ('retention visitor 8', null, tests.id('acme'), '20000000-0000-4000-8000-000000000001', 'visitor 8', 'a.example', 'widget');
insert into public.chat_messages (session_id, role, content, audio_url)
select id, 'user', 'm', case title when 'visitor 8' then org_id || '/' || id || '/' || gen_random_uuid() || '.webm' end
from public.chat_sessions where session_id like 'retention %';
insert into public.ai_interactions (user_id, organization_id, agent_id, session_id, title, source, total_cost)
select tests.id('alice'), org_id, agent_id, id, 'x', 'manual', 1.5 from public.chat_sessions where title = 'seven 8';
insert into public.agent_thoughts (agent_id, node_id, node_type, content, created_at)
select id, 'n', 'input', agents.name || ' ' || days, now() - days * interval '1 day'
from public.agents, unnest(array[6, 8]) as days where agents.name in ('seven', 'silent');
update public.chat_sessions set last_activity_at = now() - split_part(title, ' ', 2)::integer * interval '1 day' - interval '1 second'
where session_id like 'retention %';

select set_eq(
  'select item from private.agents_to_trim()',
  array['20000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000004'], 'agents are due that keep less than their plans'
);
select is(
  (select due_at from private.agents_to_trim() where item = '20000000-0000-4000-8000-000000000004'),
  (select last_activity_at + interval '7 days' from public.chat_sessions where title = 'own 8'), 'since when they are late'
);
select is(private.remove_old_sessions_of('20000000-0000-4000-8000-000000000001', 1), 1, 'a batch is no larger than wanted');
select is(tests.work_off('apply-agent-retention'), 4::bigint, 'the rest goes in turn');
select set_eq(
  $$ select title from public.chat_sessions where session_id like 'retention %' $$,
  array[
    'seven 0', 'seven 6', 'silent 0', 'silent 6', 'silent 8', 'silent 31', 'longer 0', 'longer 6', 'longer 8', 'longer 31',
    'unset 0', 'unset 6', 'unset 8', 'unset 31', 'own 6', 'guest 8'
  ],
  'people''s and visitors'' conversations go after the days of their agent, those that other organizations pay for stay'
);
select is_empty(
  $$ select from public.chat_messages where session_id not in (select id from public.chat_sessions) $$, 'with their messages'
);
select is((select count(*) from private.recordings_to_delete where path like tests.id('acme') || '/%'), 1::bigint, 'and recordings');
select set_eq(
  $$ select content from public.agent_thoughts where content ~ '^(seven|silent)' $$, array['seven 6', 'silent 6', 'silent 8'], 'thoughts too'
);
select results_eq(
  $$ select session_id, total_cost from public.ai_interactions where total_cost = 1.5 $$, 'values (null::uuid, 1.5)', 'the ledger stays'
);

select tests.work_off('apply-retention');
select set_eq(
  $$ select title from public.chat_sessions where session_id like 'retention %' and title like '% 31' $$, array[]::text[],
  'none stays longer than its plan says'
);

-- A conversation that goes on, and an agent that says nothing any longer.
update public.chat_sessions set last_activity_at = now() - interval '8 days' where title in ('seven 0', 'seven 6');
select is(
  private.remove_sessions(array(select id from public.chat_sessions where title in ('seven 0', 'seven 6')), now() - interval '9 days', 100),
  0, 'one in which something was said since stays'
);
update public.agents set security = '{}' where name = 'seven';
select is(private.remove_old_sessions_of('20000000-0000-4000-8000-000000000001', 10), null, 'an agent that states none removes none');
select is_empty(
  $$ select from private.agents_to_trim() where item = '20000000-0000-4000-8000-000000000001' $$, 'nor is it due'
);

select * from finish();
rollback;
