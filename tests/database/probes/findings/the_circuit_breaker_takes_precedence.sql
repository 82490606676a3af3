begin;
select plan(7);

insert into public.agents (id, name, vendor_id, created_by) values
  ('20000000-0000-4000-8000-000000000001', 'one', 'openai', tests.id('eve'));
insert into private.agent_probes (agent_id, due_at) values ('20000000-0000-4000-8000-000000000001', now());

create function pg_temp.find(status text, times integer, is_call boolean default false) returns void language sql as $$
  select public.record_agent_probes(jsonb_build_array(jsonb_build_object(
    'agent_id', '20000000-0000-4000-8000-000000000001', 'status', find.status, 'latency_ms', 5, 'is_call', find.is_call
  )))
  from generate_series(1, times)
$$;
create view pg_temp.state as
select status, circuit_state, consecutive_failures from public.agent_health
where agent_id = '20000000-0000-4000-8000-000000000001';

select pg_temp.find('unhealthy', 20);
select results_eq(
  'select * from pg_temp.state', $$ values ('unhealthy', 'closed', 0) $$,
  'no number of probes refuses a caller'
);
select is(
  private.admit_to_circuit('20000000-0000-4000-8000-000000000001'), null, 'an agent that probes found unhealthy is called'
);
select private.report_success('20000000-0000-4000-8000-000000000001', 9);
select results_eq(
  'select * from pg_temp.state', $$ values ('healthy', 'closed', 0) $$, 'and if that succeeds, it is healthy at once'
);

select private.report_failure('20000000-0000-4000-8000-000000000001') from generate_series(1, 5);
select pg_temp.find('healthy', 3);
select results_eq(
  'select * from pg_temp.state', $$ values ('unhealthy', 'open', 5) $$,
  'a list of models closes no circuit, and does not make healthy what refuses callers'
);
select pg_temp.find('unhealthy', 3, true);
select results_eq('select * from pg_temp.state', $$ values ('unhealthy', 'open', 5) $$, 'a call that fails changes nothing');
select pg_temp.find('healthy', 1, true);
select results_eq('select * from pg_temp.state', $$ values ('healthy', 'closed', 0) $$, 'one that succeeds closes it');
select results_eq(
  $$ select type from public.notifications where user_id = tests.id('eve') order by created_at, type desc limit 1 $$,
  $$ values ('agent_recovered') $$, 'and that is told'
);

select * from finish();
rollback;
