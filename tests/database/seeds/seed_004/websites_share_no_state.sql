-- Seed 004, "Session isolation": one agent on several websites keeps them apart.
begin;
select plan(5);

insert into public.agents (name, created_by, organization_id) values ('Everywhere', tests.id('alice'), tests.id('acme'));
select tests.act_as_service();
insert into agent_sessions (session_id, agent_id, user_id, website_domain, context_data)
select 'session-of-' || site.domain, agents.id, null, site.domain, jsonb_build_object('site', site.domain)
from agents
cross join unnest(array['shop.example.com', 'blog.example.com']) as site (domain)
where agents.name = 'Everywhere';
insert into agent_messages (session_id, role, content)
select id, 'user', 'Hello ' || website_domain from agent_sessions;
update agent_sessions set context_data = context_data || '{"seen": true}' where website_domain = 'shop.example.com';

select results_eq(
  $$ select conversation_history, context_data, message_count from agent_sessions where session_id = 'session-of-shop.example.com' $$,
  $$ values ('[{"role": "user", "content": "Hello shop.example.com"}]'::jsonb, '{"site": "shop.example.com", "seen": true}'::jsonb, 1) $$,
  'one site''s session has its history and its context'
);
select results_eq(
  $$ select conversation_history, context_data, message_count from agent_sessions where session_id = 'session-of-blog.example.com' $$,
  $$ values ('[{"role": "user", "content": "Hello blog.example.com"}]'::jsonb, '{"site": "blog.example.com"}'::jsonb, 1) $$,
  'another site''s session has its own'
);
select results_eq(
  $$ select count(distinct session_id), count(distinct id) from agent_sessions $$, $$ values (2::bigint, 2::bigint) $$,
  'they are two'
);
select lives_ok(
  $$ insert into agent_sessions (agent_id, user_id, website_domain) select id, null, 'shop.example.com' from agents where name = 'Everywhere' $$,
  'a session without a name is given one'
);
select cmp_ok(
  (select min(char_length(session_id)) from agent_sessions where session_id not like 'session-of-%'), '>=', 64,
  'that no one guesses'
);

select * from finish();
rollback;
