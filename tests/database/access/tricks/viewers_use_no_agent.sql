-- A viewer reads an organization's agents. Using one is for members, at home as well as at work: it
-- would move the agent's counters, and a conversation with it is the organization's to have.
begin;
select plan(6);

insert into public.agents (name, created_by, organization_id) values ('Acme''s', tests.id('alice'), tests.id('acme'));

select tests.act_as('dave');
select isnt_empty($$ select from agents where name = 'Acme''s' $$, 'a viewer reads the organization''s agent');
select tests.denied(
  $$ insert into chat_sessions (agent_id) select id from agents where name = 'Acme''s' $$, 'but begins no session with it at home'
);
select tests.denied(
  $$ insert into agent_sessions (agent_id) select id from agents where name = 'Acme''s' $$, 'nor in seed 004''s words'
);
select tests.denied(
  $$ insert into ai_interactions (agent_id, title) select id, 'x' from agents where name = 'Acme''s' $$, 'nor records its use'
);
select is((select usage_count from agents where name = 'Acme''s'), 0::bigint, 'it stays unused');

select tests.reset();
update public.organization_members set role = 'member' where user_id = tests.id('dave') and organization_id = tests.id('acme');
select tests.act_as('dave');
select lives_ok(
  $$ insert into ai_interactions (agent_id, title) select id, 'x' from agents where name = 'Acme''s' $$, 'a member does'
);

select * from finish();
rollback;
