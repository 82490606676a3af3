begin;
select plan(3);

-- More than a round has room for, and the time that passes between two rounds.
insert into public.agents (name, vendor_id, created_by)
select 'one of many ' || n, 'openai', tests.id('eve') from generate_series(1, 40) as n;
create function pg_temp.round() returns bigint language plpgsql as $$
declare
  claims jsonb := public.claim_agent_probes(10);
begin
  perform public.record_agent_probes((
    select jsonb_agg(jsonb_build_object('agent_id', claim -> 'agent_id', 'status', 'unhealthy', 'latency_ms', 5))
    from jsonb_array_elements(claims) as claim
  ));
  update private.agent_probes set due_at = due_at - interval '5 minutes', found_at = found_at - interval '5 minutes';
  return jsonb_array_length(claims);
end
$$;

select is((select sum(pg_temp.round()) from generate_series(1, 10)), 100::numeric, 'ten at a time');
select is(
  (select count(*) from public.agent_health join public.agents on agents.id = agent_id where agent_health.status = 'unhealthy' and name like 'one of many%'),
  40::bigint, 'all of them are known to be unhealthy, though no one was probed twice within a quarter of an hour'
);
select is(
  (select count(*) from public.notifications where type = 'agent_error' and message like 'Agent "one of many%'), 40::bigint,
  'and their owner got one notification of each'
);

select * from finish();
rollback;
