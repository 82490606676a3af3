-- Seed 004's client is a server: it keeps sessions of people who have no account, on the websites of an
-- organization, whose members may read them.
begin;
select plan(7);

insert into public.agents (name, created_by, organization_id) values ('Shop assistant', tests.id('alice'), tests.id('acme'));

select tests.act_as_service();
select results_eq(
  $$
    insert into agent_sessions (agent_id, user_id, website_domain, ip_address, channel)
    select id, null, 'shop.example.com', '2001:db8::7', 'web' from agents where name = 'Shop assistant'
    returning user_id, website_domain
  $$,
  $$ values (null::uuid, 'shop.example.com') $$,
  'the server begins a visitor''s session'
);
select lives_ok(
  $$ insert into agent_messages (session_id, role, content) select id, 'user', 'Is it in stock?' from agent_sessions $$,
  'and adds what the visitor says'
);
select results_eq(
  $$ select organizations.name from chat_sessions join organizations on organizations.id = chat_sessions.org_id $$,
  array['Acme'], 'the session belongs to the agent''s organization'
);

select tests.act_as('dave');
select results_eq(
  'select conversation_history -> 0 ->> ''content'' from agent_sessions', array['Is it in stock?'], 'whose members read it'
);
select is_empty(
  $$ update agent_sessions set status = 'ended' returning id $$, 'and leave it as it is'
);
select tests.act_as('eve');
select is_empty('select from agent_sessions', 'others do not read it');
select tests.act_as_anon();
select tests.denied('select from agent_sessions', 'and the visitor asks the server, not the table');

select * from finish();
rollback;
