begin;
select plan(2);

insert into public.agents (id, name, vendor_id, created_by)
select ('20000000-0000-4000-8000-00000000000' || number)::uuid, 'agent ' || number, 'openai', tests.id('eve')
from generate_series(1, 3) as number;
insert into private.agent_probes (agent_id, due_at)
select id, now() + interval '1 minute' from public.agents where id::text not like '20000000-%';
insert into private.agent_probes (agent_id, due_at) values
  ('20000000-0000-4000-8000-000000000001', now() - interval '1 minute'),
  ('20000000-0000-4000-8000-000000000002', now() - interval '2 minutes');

select results_eq(
  $$ select claim ->> 'agent_id' from jsonb_array_elements(public.claim_agent_probes(2)) as claim order by 1 $$,
  $$ values ('20000000-0000-4000-8000-000000000002'), ('20000000-0000-4000-8000-000000000003') $$,
  'the one that never was, and the one that was due first'
);
select results_eq(
  $$ select claim ->> 'agent_id' from jsonb_array_elements(public.claim_agent_probes(2)) as claim $$,
  $$ values ('20000000-0000-4000-8000-000000000001') $$, 'the next tick takes the rest'
);

select * from finish();
rollback;
