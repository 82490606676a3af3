begin;
select plan(23);

insert into public.agents (id, name, vendor_id, created_by) values
  ('20000000-0000-4000-8000-000000000001', 'one', 'openai', tests.id('eve'));

create function pg_temp.after(was text, before text, before_age interval, finding text) returns text language plpgsql as $$
begin
  update public.agent_health set status = was, latency_ms = null, last_check = null
  where agent_id = '20000000-0000-4000-8000-000000000001';
  insert into private.agent_probes (agent_id, due_at, finding, found_at)
  values ('20000000-0000-4000-8000-000000000001', now(), before, case when before is not null then now() - before_age end)
  on conflict (agent_id) do update set finding = excluded.finding, found_at = excluded.found_at;
  perform public.record_agent_probes(jsonb_build_array(jsonb_build_object(
    'agent_id', '20000000-0000-4000-8000-000000000001', 'status', finding, 'latency_ms', 12
  )));
  return (select status from public.agent_health where agent_id = '20000000-0000-4000-8000-000000000001');
end
$$;

select is(
  pg_temp.after(was, before, age::interval, finding), wanted,
  format('%s, then %s (%s ago) and now %s: %s', was, coalesce(before, 'nothing'), age, finding, wanted)
)
from (values
  ('healthy', null, '0', 'unhealthy', 'healthy'),
  ('healthy', 'healthy', '5 minutes', 'unhealthy', 'healthy'),
  ('healthy', 'unhealthy', '5 minutes', 'unhealthy', 'unhealthy'),
  ('healthy', 'unhealthy', '23 hours', 'unhealthy', 'unhealthy'),
  ('healthy', 'unhealthy', '25 hours', 'unhealthy', 'healthy'),
  ('healthy', 'degraded', '5 minutes', 'degraded', 'degraded'),
  ('healthy', 'degraded', '5 minutes', 'unhealthy', 'degraded'),
  ('healthy', 'unhealthy', '5 minutes', 'degraded', 'degraded'),
  ('healthy', 'unhealthy', '5 minutes', 'healthy', 'healthy'),
  ('degraded', null, '0', 'healthy', 'degraded'),
  ('degraded', 'degraded', '5 minutes', 'healthy', 'degraded'),
  ('degraded', 'healthy', '5 minutes', 'healthy', 'healthy'),
  ('degraded', 'degraded', '5 minutes', 'unhealthy', 'degraded'),
  ('degraded', 'unhealthy', '5 minutes', 'unhealthy', 'unhealthy'),
  ('unhealthy', 'unhealthy', '5 minutes', 'healthy', 'unhealthy'),
  ('unhealthy', 'healthy', '5 minutes', 'healthy', 'healthy'),
  ('unhealthy', 'healthy', '25 hours', 'healthy', 'unhealthy'),
  ('unhealthy', 'degraded', '5 minutes', 'degraded', 'degraded')
) as probes (was, before, age, finding, wanted);

select results_eq(
  $$ select finding, found_at from private.agent_probes where agent_id = '20000000-0000-4000-8000-000000000001' $$,
  $$ values ('degraded', now()) $$, 'the last finding is kept for the next'
);
select results_eq(
  $$ select latency_ms, last_check from public.agent_health where agent_id = '20000000-0000-4000-8000-000000000001' $$,
  $$ values (12, now()) $$, 'every probe is a check, whether it changes anything or not'
);
select is(
  (select count(*) from public.agent_health_checks where agent_id = '20000000-0000-4000-8000-000000000001'), 18::bigint,
  'and is in the history'
);

insert into public.ai_interactions (id, user_id, organization_id, title)
values ('30000000-0000-4000-8000-000000000001', tests.id('carol'), tests.id('acme'), 'x');
insert into public.agent_executions (interaction_id, agent_id, status, started_at) values (
  '30000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'succeeded', now() - interval '4 minutes'
);
select is(
  pg_temp.after('healthy', 'unhealthy', interval '5 minutes', 'unhealthy'), 'healthy',
  'what was found before a call succeeded agrees with nothing'
);
select is(
  pg_temp.after('healthy', 'unhealthy', interval '3 minutes', 'unhealthy'), 'unhealthy', 'what was found after it does'
);

select * from finish();
rollback;
