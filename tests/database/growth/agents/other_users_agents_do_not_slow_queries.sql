begin;
select plan(14);

-- One of the caller's own, one that a stranger shares, and then many more of strangers.
insert into public.agents (id, name, created_by, is_public) values
  ('20000000-0000-4000-8000-000000000001', 'own', tests.id('alice'), false),
  ('20000000-0000-4000-8000-000000000002', 'shared', tests.id('eve'), true);
insert into public.models (agent_id, name)
select agents.id, 'growth' from public.agents where agents.id::text like '20000000-%';
insert into public.agent_feature_mappings (agent_id, feature_id, user_id)
select agents.id, (select min(features.id) from public.agent_features features), agents.created_by
from public.agents where agents.id::text like '20000000-%';

create temporary table costs as
select * from (values
  ('models of an agent', $$ select * from public.models where agent_id = '20000000-0000-4000-8000-000000000001' $$),
  ('features of an agent', $$ select * from public.agent_feature_mappings where agent_id = '20000000-0000-4000-8000-000000000002' $$),
  ('health of an agent', $$ select * from public.agent_health where agent_id = '20000000-0000-4000-8000-000000000002' $$),
  ('checks of an agent', $$ select * from public.agent_health_checks where agent_id = '20000000-0000-4000-8000-000000000001' $$),
  ('metrics of an agent', $$ select * from public.agent_metrics where agent_id = '20000000-0000-4000-8000-000000000001' $$),
  ('values of an agent', $$ select * from public.ai_agent_configs where agent_id = '20000000-0000-4000-8000-000000000001' $$),
  ('a public agent', $$ select * from public.public_agents where id = '20000000-0000-4000-8000-000000000002' $$),
  ('models of a public agent', $$ select * from public.public_models where agent_id = '20000000-0000-4000-8000-000000000002' $$),
  ('an agent by the view of seed 002', $$ select * from public.ai_agents where id = '20000000-0000-4000-8000-000000000002' $$),
  ('the latest public agents', $$ select * from public.public_agents order by created_at desc limit 5 $$),
  ('own agents', $$ select * from public.agents where created_by = tests.id('alice') and organization_id is null $$),
  ('a session begun', $$ insert into public.chat_sessions (user_id, org_id, agent_id)
    values (tests.id('alice'), tests.id('acme'), '20000000-0000-4000-8000-000000000002') $$),
  ('an interaction recorded', $$ insert into public.ai_interactions (user_id, agent_id, title, interaction_type_id)
    select tests.id('alice'), '20000000-0000-4000-8000-000000000002', 'x', min(id) from public.interaction_types $$),
  ('a model added', $$ insert into public.models (agent_id, name)
    values ('20000000-0000-4000-8000-000000000001', gen_random_uuid()::text) $$)
) as questions (name, question), lateral (select 0::bigint as buffers) nothing;
grant select, update on costs to authenticated;

-- A few, so that both plans are for more than one page.
select tests.plain_agents('eve', 2000, is_public => true);
select tests.act_as('alice');
update costs set buffers = tests.buffers(question, 2);
select tests.reset();
select tests.plain_agents('eve', 20000, is_public => true);
select tests.act_as('alice');
select tests.costs_no_more(
  tests.buffers(question, 2), buffers, name || ' costs the same beside 20,000 public agents of others'
)
from costs;

select * from finish();
rollback;
