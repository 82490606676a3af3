begin;
select plan(3);

insert into public.agents (id, name, created_by)
values ('20000000-0000-4000-8000-000000000001', 'One', tests.id('eve'));
insert into public.chat_sessions (user_id, org_id, agent_id, title)
values (tests.id('eve'), tests.id('acme'), '20000000-0000-4000-8000-000000000001', 'kept');
insert into public.ai_interactions (id, organization_id, agent_id, title, total_cost) values
  ('30000000-0000-4000-8000-000000000001', tests.id('acme'), '20000000-0000-4000-8000-000000000001', 'kept', 0.5);
insert into public.agent_executions (interaction_id, agent_id, status)
values ('30000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'succeeded');
insert into public.api_usage (agent_id, endpoint, method, status_code)
values ('20000000-0000-4000-8000-000000000001', '/kept', 'GET', 200);

delete from public.agents where id = '20000000-0000-4000-8000-000000000001';

select results_eq(statement, 'select null::uuid', 'kept, without the agent: ' || statement)
from unnest(array[
  $$ select agent_id from public.chat_sessions where title = 'kept' $$,
  $$ select agent_id from public.api_usage where endpoint = '/kept' $$
]) as statement;

select results_eq(
  $$
    select turns.agent_id, attempts.agent_id
    from public.ai_interactions turns
    join public.agent_executions attempts on attempts.interaction_id = turns.id
    where turns.title = 'kept'
  $$,
  $$ values (uuid '20000000-0000-4000-8000-000000000001', uuid '20000000-0000-4000-8000-000000000001') $$,
  'the ledger and its attempts still say whose they were'
);

select * from finish();
rollback;
