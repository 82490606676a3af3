-- Seed 002, section 8, promise by promise. What organizations add to it is in the access matrix.
begin;
select plan(15);

insert into public.agents (name, created_by, is_public, system_prompt) values
  ('Alice''s', tests.id('alice'), false, 'secret'), ('Alice shares', tests.id('alice'), true, 'secret');
insert into public.ai_interactions (agent_id, title, user_id, organization_id)
select agents.id, 'Alice''s', tests.id('alice'), organizations.id
from public.agents
join public.organizations on organizations.created_by = tests.id('alice') and organizations.is_personal
where agents.name = 'Alice''s';
insert into public.user_api_keys (user_id, vendor_id, encrypted_key, key_preview) values
  (tests.id('alice'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', '4242');
insert into public.ai_agent_configs (agent_id, config_key, config_value, user_id)
select id, 'tone', '"warm"', tests.id('alice') from public.agents where name = 'Alice shares';

select tests.act_as('alice');
select results_eq(
  $$ select name from ai_agents where user_id = auth.uid() order by name $$, array['Alice shares', 'Alice''s'],
  'ai_agents: people view their own agents'
);
select tests.changes($$ update ai_agents set notes = 'Mine' where name = 'Alice''s' $$, 1, 'and modify them');
select isnt_empty('select from ai_interactions', 'ai_interactions: people access those of their agents');
select results_eq(
  'select key_preview, vendor_id from user_api_keys', $$ values ('4242', 'openai') $$,
  'user_api_keys: people see their own keys by their last characters'
);
select isnt_empty('select from ai_usage_stats', 'ai_usage_stats: people see their own figures');
select isnt_empty('select from ai_agent_configs', 'ai_agent_configs: people see their own values');

-- Bob is admin of the organization that alice owns, and a stranger to what is hers alone.
select tests.act_as('bob');
select results_eq(
  $$ select name, system_prompt from ai_agents where name like 'Alice%' $$, $$ values ('Alice shares', null::text) $$,
  'ai_agents: of others'' agents people see the public ones, without their prompts'
);
select is_empty(
  $$ update ai_agents set notes = 'Mine' where name like 'Alice%' returning name $$, 'and modify none'
);
select is_empty($$ delete from ai_agents where name like 'Alice%' returning name $$, 'nor delete one');
select is_empty('select from ai_interactions', 'ai_interactions: those of others'' agents are not accessed');
select is_empty('select id from user_api_keys', 'user_api_keys: others'' keys do not exist');
select is_empty('select from ai_usage_stats', 'ai_usage_stats: others'' figures neither');
select is_empty('select from ai_agent_configs', 'ai_agent_configs: nor others'' values, of a public agent either');

select tests.reset();
select is(
  (select count(*) from public.ai_agents where notes = 'Mine'), 1::bigint, 'nobody''s attempt has changed anything'
);
select tests.breaks(
  $$
    insert into public.user_api_keys (user_id, vendor_id, encrypted_key, key_preview)
    values (tests.id('alice'), 'openai', 'sk-plaintext', 'text')
  $$,
  'encrypted_key_is_ciphertext', 'API keys are always encrypted at rest'
);

select * from finish();
rollback;
