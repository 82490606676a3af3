begin;
select plan(10);

insert into public.agents (id, name, created_by)
values ('20000000-0000-4000-8000-000000000001', 'One', tests.id('eve'));
insert into public.models (agent_id, name) values ('20000000-0000-4000-8000-000000000001', 'm');
insert into public.agent_feature_mappings (agent_id, feature_id)
values ('20000000-0000-4000-8000-000000000001', 'coding');
insert into public.ai_agent_configs (agent_id, config_key, config_value, user_id)
values ('20000000-0000-4000-8000-000000000001', 'k', '1', tests.id('eve'));
insert into public.agent_health_checks (agent_id, status) values ('20000000-0000-4000-8000-000000000001', 'healthy');
insert into public.agent_metrics (agent_id, metric_type, value) values ('20000000-0000-4000-8000-000000000001', 'm', 1);
insert into public.budgets (organization_id, agent_id, period, limit_usd)
values (tests.id('acme'), '20000000-0000-4000-8000-000000000001', 'day', 1);
insert into public.deployments (agent_id) values ('20000000-0000-4000-8000-000000000001');
insert into public.workflows (agent_id, name) values ('20000000-0000-4000-8000-000000000001', 'w');
insert into public.agent_thoughts (agent_id, node_id, node_type, content)
values ('20000000-0000-4000-8000-000000000001', 'n', 'input', 'c');

delete from public.agents where id = '20000000-0000-4000-8000-000000000001';

select is_empty(
  format('select from public.%I where agent_id = ''20000000-0000-4000-8000-000000000001''', relation),
  'no row is left in ' || relation
)
from unnest(array[
  'models', 'agent_feature_mappings', 'ai_agent_configs', 'agent_health', 'agent_health_checks', 'agent_metrics',
  'budgets', 'deployments', 'workflows', 'agent_thoughts'
]) as relation;

select * from finish();
rollback;
