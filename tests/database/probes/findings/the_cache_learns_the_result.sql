begin;
select plan(1);

insert into public.agents (id, name, vendor_id, created_by) values
  ('20000000-0000-4000-8000-000000000001', 'one', 'openai', tests.id('eve'));
select is(
  public.record_agent_probes(jsonb_build_array(jsonb_build_object(
    'agent_id', '20000000-0000-4000-8000-000000000001', 'status', 'unhealthy', 'latency_ms', 44
  ))) #- '{0,last_check}',
  '[{
    "agent_id": "20000000-0000-4000-8000-000000000001", "status": "healthy", "latency_ms": 44,
    "consecutive_failures": 0, "circuit_state": "closed", "circuit_retry_at": null
  }]'::jsonb,
  'the health of each agent as it is now'
);

select * from finish();
rollback;
