begin;
select plan(10);

insert into public.agents (id, name, vendor_id, created_by, organization_id) values
  ('20000000-0000-4000-8000-000000000001', 'eve''s', 'openai', tests.id('eve'), null),
  ('20000000-0000-4000-8000-000000000002', 'acme''s', 'openai', tests.id('carol'), tests.id('acme')),
  ('20000000-0000-4000-8000-000000000003', 'nobody''s', 'openai', null, null);
insert into private.agent_probes (agent_id, due_at) select id, now() from public.agents where id::text like '20000000-%';
delete from public.notifications;

create function pg_temp.find(status text) returns void language sql as $$
  delete from public.notifications;
  select public.record_agent_probes(jsonb_agg(jsonb_build_object('agent_id', id, 'status', find.status, 'latency_ms', 5)))
  from public.agents where id::text like '20000000-%'
$$;

select pg_temp.find('unhealthy');
select is_empty('select * from public.notifications', 'one probe is no news');
select pg_temp.find('unhealthy');
select results_eq(
  $$ select user_id, type, title, message, priority, data ->> 'agent_id' from public.notifications order by user_id $$,
  $$
    values
      (tests.id('alice'), 'agent_error', 'Agent does not answer',
        'Agent "acme''s" does not answer: its health check failed.', 'high', '20000000-0000-4000-8000-000000000002'),
      (tests.id('bob'), 'agent_error', 'Agent does not answer',
        'Agent "acme''s" does not answer: its health check failed.', 'high', '20000000-0000-4000-8000-000000000002'),
      (tests.id('eve'), 'agent_error', 'Agent does not answer',
        'Agent "eve''s" does not answer: its health check failed.', 'high', '20000000-0000-4000-8000-000000000001')
  $$,
  'two that agree are: to the owner, or to the admins and owners of the organization'
);
select pg_temp.find('unhealthy');
select is_empty('select * from public.notifications', 'a third says nothing new');

-- The circuit opens over what people know already.
select private.report_failure('20000000-0000-4000-8000-000000000001') from generate_series(1, 5);
select is_empty('select * from public.notifications', 'nor do calls that fail as well');
select private.report_success('20000000-0000-4000-8000-000000000001', 5);
select results_eq(
  'select user_id, type, message from public.notifications',
  $$ values (tests.id('eve'), 'agent_recovered', 'Agent "eve''s" answers again.') $$,
  'a call that succeeds is news to whom the probes had told'
);

select pg_temp.find('healthy');
select pg_temp.find('healthy');
select set_eq(
  'select user_id, type from public.notifications',
  $$ values (tests.id('alice'), 'agent_recovered'), (tests.id('bob'), 'agent_recovered') $$,
  'two good probes are news to those who did not hear of it yet'
);
select pg_temp.find('degraded');
select pg_temp.find('degraded');
select set_eq(
  'select user_id, type, priority from public.notifications',
  $$
    values
      (tests.id('alice'), 'agent_degraded', 'medium'), (tests.id('bob'), 'agent_degraded', 'medium'),
      (tests.id('eve'), 'agent_degraded', 'medium')
  $$,
  'an agent that answers badly is less urgent'
);

-- One failed call makes it degraded, of which no one was told.
update public.agent_health set status = 'degraded', is_alerted = false, consecutive_failures = 1;
select pg_temp.find('healthy');
select pg_temp.find('healthy');
select is_empty('select * from public.notifications', 'recovery is no news to those who heard of no outage');


update public.agent_health set status = 'degraded', is_alerted = false, consecutive_failures = 1;
select pg_temp.find('degraded');
select pg_temp.find('degraded');
select is((select count(*) from public.notifications where type = 'agent_degraded'), 3::bigint, 'two probes that agree with the call are');
select pg_temp.find('degraded');
select is_empty('select * from public.notifications', 'once');

select * from finish();
rollback;
