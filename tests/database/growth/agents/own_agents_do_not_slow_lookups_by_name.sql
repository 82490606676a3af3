begin;
select plan(5);

-- Eve has more than a user adds within an hour.
create or replace function private.limit_audited_changes(actor_id uuid, organization_id uuid) returns void language sql as '';

insert into public.agents (id, name, created_by, vendor_id, model_name) values
  ('20000000-0000-4000-8000-000000000001', 'own', tests.id('eve'), 'openai', 'gpt-x');
insert into public.models (agent_id, name, model_id) values
  ('20000000-0000-4000-8000-000000000001', 'growth', 'gpt-x');

create temporary table costs as
select * from (values
  ('agent/model', $$ select private.find_chat_target('own/growth', null, private.my_organization()) $$),
  ('an agent''s name', $$ select private.find_chat_target('own', null, private.my_organization()) $$),
  ('a name that is none', $$ select private.find_chat_target('nothing', null, private.my_organization()) $$),
  ('one model of GET /models', $$ select public.list_chat_models(
    jsonb_build_object('user_id', tests.id('eve')), model => 'own/growth') $$)
) as questions (name, question), lateral (select 0::bigint as buffers) nothing;

select tests.plain_agents('eve', 2000);
select set_config('request.jwt.claim.sub', tests.id('eve')::text, true);
-- The tenth call has plans that are kept: planning reads rows of its own, which this test has just written.
update costs set buffers = tests.buffers(question, 10);
select tests.plain_agents('eve', 10000);
select tests.costs_no_more(tests.buffers(question, 10), buffers, name || ' costs the same with 10,000 own agents')
from costs;

update public.agents set vendor_id = 'openai', llm_provider = 'openai' where name like 'generated %';
update public.models set model_id = 'gpt-x' where name = 'generated';
select cmp_ok(
  tests.buffers($$ select public.list_chat_models(jsonb_build_object('user_id', tests.id('eve'))) $$),
  '<', 120000::bigint, 'and their whole list ten buffers for each'
);

select * from finish();
rollback;
