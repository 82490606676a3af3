-- Seed 000: what its five drafts say besides columns. Names of the platform's agents are unique; agents
-- of people and organizations, which that seed does not have, may be called as they like.
begin;
select plan(8);

select tests.act_as_service();
select tests.breaks(
  $$ insert into agents (name, type, is_platform) values ('ccrouter', 'ccrouter', true) $$, 'platform_agent_name_is_unique',
  'two agents of the platform do not bear one name'
);
select tests.breaks(
  $$ insert into models (agent_id, name) select agent_id, name from models limit 1 $$, 'models_agent_id_name_key',
  'an agent offers a model once'
);
select tests.breaks(
  $$ insert into agent_health (agent_id) select id from agents limit 1 $$, 'agent_health_agent_id_key',
  'an agent has one health row'
);
select tests.breaks(
  $$ insert into models (agent_id, name) values (gen_random_uuid(), 'x') $$, 'models_agent_id_fkey',
  'a model belongs to an agent'
);
select tests.breaks(
  $$ insert into chat_sessions (user_id, org_id) values (gen_random_uuid(), tests.id('acme')) $$, 'chat_sessions_user_id_fkey',
  'a session belongs to a profile'
);
select tests.breaks(
  $$ insert into chat_sessions (user_id, org_id) values (tests.id('alice'), gen_random_uuid()) $$, 'chat_sessions_org_id_fkey',
  'and to an organization'
);

insert into chat_sessions (user_id, org_id, title) values (tests.id('alice'), tests.id('acme'), 'To be deleted');
insert into chat_messages (session_id, role, content)
select id, 'user', 'To be deleted' from chat_sessions where title = 'To be deleted';
delete from chat_sessions where title = 'To be deleted';
select is_empty($$ select from chat_messages where content = 'To be deleted' $$, 'a session takes its messages along');
select isnt_empty(
  $$ select from agents where name = 'ccrouter' and config = '{}' and enabled and created_at <= now() and updated_at <= now() $$,
  'an agent starts enabled, with a configuration and its times'
);

select * from finish();
rollback;
