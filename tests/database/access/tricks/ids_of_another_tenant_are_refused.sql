-- Foreign keys are checked without row level security, so that a row exists can be told from whether
-- its id is taken. Each statement below names a row of Acme that eve does not see, then an id that
-- no one has: both must be refused in the same way.
begin;
select plan(42);

create temporary table ids (name text primary key, id uuid not null default gen_random_uuid());
insert into ids (name) values ('agent'), ('model'), ('session'), ('workflow'), ('execution'), ('own agent'), ('own workflow');
insert into ids values ('acme', tests.id('acme')), ('alice', tests.id('alice'));
create function pg_temp.id(name text) returns uuid language sql stable as 'select ids.id from ids where ids.name = id.name';
grant select on ids to authenticated;

insert into public.agents (id, name, created_by, organization_id) values
  (pg_temp.id('agent'), 'Acme''s', tests.id('alice'), tests.id('acme')),
  (pg_temp.id('own agent'), 'Eve''s', tests.id('eve'), null);
insert into public.models (id, agent_id, name) values (pg_temp.id('model'), pg_temp.id('agent'), 'model');
insert into public.chat_sessions (id, user_id, org_id) values (pg_temp.id('session'), tests.id('alice'), tests.id('acme'));
insert into public.workflows (id, agent_id, name) values
  (pg_temp.id('workflow'), pg_temp.id('agent'), 'Acme''s'), (pg_temp.id('own workflow'), pg_temp.id('own agent'), 'Eve''s');
insert into public.workflow_executions (id, workflow_id) values (pg_temp.id('execution'), pg_temp.id('workflow'));
insert into public.user_api_keys (user_id, vendor_id, encrypted_key, key_preview)
values (tests.id('eve'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', 'AAAA');

create temporary table attempts (position integer generated always as identity, title text, names text, statement text);
insert into attempts (title, names, statement) values
  ('an agent', 'acme', 'insert into agents (name, organization_id) values (''x'', {id})'),
  ('a bot', 'acme', 'insert into bots (name, organization_id) values (''x'', {id})'),
  ('a model', 'agent', 'insert into models (agent_id, name) values ({id}, ''x'')'),
  ('a feature', 'agent', 'insert into agent_feature_mappings (agent_id, feature_id) values ({id}, ''coding'')'),
  ('a configuration value', 'agent', 'insert into ai_agent_configs (agent_id, config_key, config_value) values ({id}, ''x'', ''1'')'),
  ('a session with an agent', 'agent', 'insert into chat_sessions (agent_id) values ({id})'),
  ('a session with an agent, in seed 004''s words', 'agent', 'insert into agent_sessions (agent_id) values ({id})'),
  ('a session with a model', 'model', 'insert into chat_sessions (model_id) values ({id})'),
  ('a session in an organization', 'acme', 'insert into chat_sessions (org_id) values ({id})'),
  ('a message', 'session', 'insert into chat_messages (session_id, role, content) values ({id}, ''user'', ''x'')'),
  ('a message, in seed 004''s words', 'session', 'insert into agent_messages (session_id, role, content) values ({id}, ''user'', ''x'')'),
  ('an interaction', 'agent', 'insert into ai_interactions (agent_id, title) values ({id}, ''x'')'),
  ('a metric', 'agent', 'insert into agent_metrics (agent_id, metric_type, value) values ({id}, ''x'', 1)'),
  ('a budget of an organization', 'acme', 'insert into budgets (organization_id, period, limit_usd) values ({id}, ''day'', 1)'),
  ('a budget for an agent', 'agent', 'insert into budgets (organization_id, agent_id, period, limit_usd) select current_organization_id, {id}, ''day'', 1 from profiles'),
  ('a deployment', 'agent', 'insert into deployments (agent_id) values ({id})'),
  ('a workflow', 'agent', 'insert into workflows (agent_id, name) values ({id}, ''x'')'),
  ('an execution', 'workflow', 'insert into workflow_executions (workflow_id) values ({id})'),
  ('a thought', 'agent', 'insert into agent_thoughts (agent_id, node_id, node_type, content) values ({id}, ''x'', ''input'', ''x'')'),
  ('a thought of an execution', 'execution', 'insert into agent_thoughts (agent_id, execution_id, node_id, node_type, content) select id, {id}, ''x'', ''input'', ''x'' from agents where name = ''Eve''''s'''),
  ('a membership', 'acme', 'insert into organization_members (organization_id, user_id, role) values ({id}, tests.id(''eve''), ''viewer'')'),
  ('a membership, in seed 003''s words', 'acme', 'insert into user_roles (team_id, user_id, role) values ({id}, tests.id(''eve''), ''viewer'')'),
  ('the current organization', 'acme', 'update profiles set current_organization_id = {id}');
create temporary table answers (title text, known text, unknown text);
grant select, insert on answers to authenticated;

create function pg_temp.answer_to(statement text)
returns text
language plpgsql
as $$
begin
  execute statement;
  return 'taken';
exception when others then
  return sqlstate;
end
$$;
grant execute on function pg_temp.answer_to(text) to authenticated;
select set_config('test.attempts', (select jsonb_agg(jsonb_build_object(
  'title', title,
  'known', replace(statement, '{id}', quote_literal(pg_temp.id(names))),
  'unknown', replace(statement, '{id}', quote_literal(gen_random_uuid()))
) order by position)::text from attempts), true);
select tests.act_as('eve');
insert into answers
select attempt ->> 'title', pg_temp.answer_to(attempt ->> 'known'), pg_temp.answer_to(attempt ->> 'unknown')
from jsonb_array_elements(current_setting('test.attempts')::jsonb) as attempt;
select tests.reset();

select is((select count(*) from answers), 23::bigint, 'every attempt was made');
select is(answers.known, '42501', attempts.title || ' does not take the id of another tenant''s row')
from attempts join answers on answers.title = attempts.title
order by attempts.position;
select is(answers.unknown, answers.known, attempts.title || ' gives nothing away about an id')
from attempts join answers on answers.title = attempts.title
where attempts.names not in ('acme')
order by attempts.position;

-- A key is shared by a trigger's leave, which has words for it.
select tests.act_as('eve');
select tests.refused(
  $$ update user_api_keys set organization_id = tests.id('acme') $$, 403, 'key_not_yours_to_share',
  'a key is not shared with another user''s organization'
);
select tests.refused(
  $$ update user_api_keys set organization_id = gen_random_uuid() $$, 403, 'key_not_yours_to_share',
  'and an id that no one has is refused in the same way'
);

select * from finish();
rollback;
