begin;
select plan(1);

insert into public.agents (id, name, vendor_id, created_by)
select ('20000000-0000-4000-8000-00000000000' || number)::uuid, 'agent ' || number, 'openai', tests.id('eve')
from generate_series(1, 4) as number;
insert into public.ai_interactions (id, user_id, organization_id, title) 
select '30000000-0000-4000-8000-000000000001', tests.id('eve'), current_organization_id, 'a turn'
from public.profiles where id = tests.id('eve');
insert into public.agent_executions (interaction_id, agent_id, attempt, status, started_at)
select '30000000-0000-4000-8000-000000000001', ('20000000-0000-4000-8000-00000000000' || number)::uuid, number, status, started_at
from (values
  (1, 'succeeded', now() - interval '4 minutes 59 seconds'),
  (2, 'succeeded', now() - interval '5 minutes 1 second'),
  (3, 'failed', now() - interval '1 second')
) as calls (number, status, started_at);

select results_eq(
  $$
    select claim ->> 'agent_id' from jsonb_array_elements(public.claim_agent_probes()) as claim
    where claim ->> 'agent_id' like '20000000-%' order by 1
  $$,
  $$
    values
      ('20000000-0000-4000-8000-000000000002'), ('20000000-0000-4000-8000-000000000003'),
      ('20000000-0000-4000-8000-000000000004')
  $$,
  'an agent that answered in the last five minutes needs no probe; a failure and an old answer prove nothing'
);

select * from finish();
rollback;
