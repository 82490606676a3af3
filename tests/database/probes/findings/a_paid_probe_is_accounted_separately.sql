begin;
select plan(4);

insert into public.agents (id, name, vendor_id, service_id, created_by) values
  ('20000000-0000-4000-8000-000000000001', 'one', 'openai', 'openai_gpt4o', null);
insert into public.agent_health_checks (agent_id, status) values ('20000000-0000-4000-8000-000000000001', 'healthy');
delete from public.agent_health_checks;
create temporary table ledger as select count(*) as rows from public.ai_interactions;

select public.record_agent_probes(jsonb_build_array(
  jsonb_build_object(
    'agent_id', '20000000-0000-4000-8000-000000000001', 'status', 'healthy', 'latency_ms', 700, 'is_call', true,
    'service_id', 'openai_gpt4o', 'usage', jsonb_build_object('input_tokens', 8, 'output_tokens', 5)
  ),
  jsonb_build_object('agent_id', '20000000-0000-4000-8000-000000000001', 'status', 'healthy', 'usage', null)
));
select results_eq(
  'select total_cost from public.agent_health_checks order by total_cost nulls last',
  -- 8 tokens at 2.50 and 5 at 10.00 dollars per million.
  $$ values (0.0000700000), (null) $$,
  'a call costs what its tokens cost; the list of models nothing'
);
select is((select count(*) from public.ai_interactions), (select rows from ledger), 'no person''s ledger has it');

select public.record_agent_probes(jsonb_build_array(jsonb_build_object(
  'agent_id', gen_random_uuid(), 'status', 'healthy', 'latency_ms', 1
)));
select is(
  (select count(*) from public.agent_health_checks), 2::bigint, 'an agent that is gone is passed over'
);
select is(public.record_agent_probes('[]'), '[]'::jsonb, 'and so is nothing');

select * from finish();
rollback;
