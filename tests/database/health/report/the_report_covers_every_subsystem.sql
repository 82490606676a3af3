begin;
select plan(20);

-- A machine on which all is well: every job has just run.
insert into private.job_runs (job_name, outcome, started_at, finished_at)
select name, 'succeeded', now() - interval '1 second', now() from private.jobs;
insert into public.agents (id, name, vendor_id, enabled, created_by) values
  ('20000000-0000-4000-8000-000000000001', 'eve''s', 'openai', true, tests.id('eve')),
  ('20000000-0000-4000-8000-000000000002', 'off', 'openai', false, null);

create function pg_temp.report(path text) returns text language sql as $$
  select public.health_report() #>> path::text[]
$$;
create function pg_temp.verdict() returns text language sql as $$
  select concat_ws(': ', pg_temp.report('{status}'), pg_temp.report('{problems}'))
$$;

select is(pg_temp.verdict(), 'ok: []', 'all is well');
select is(pg_temp.report('{upstreams,unproved}'), '3', 'agents that are on are counted, also those of which nothing is known');
update public.agent_health set last_check = now() - interval '1 hour' where agent_id = '20000000-0000-4000-8000-000000000001';
insert into public.ai_interactions (id, user_id, organization_id, title)
values ('30000000-0000-4000-8000-000000000001', tests.id('carol'), tests.id('acme'), 'x');
insert into public.agent_executions (interaction_id, agent_id, status)
select '30000000-0000-4000-8000-000000000001', id, 'succeeded' from public.agents where name = 'droid';
select is(
  row(pg_temp.report('{upstreams,healthy}'), pg_temp.report('{upstreams,unproved}'))::text, '(2,1)',
  'a probe and a call prove two of them'
);
select is(
  pg_temp.report('{upstreams,platform}')::jsonb #> '{1}' ->> 'name', 'droid', 'the platform''s are named'
);
select is(jsonb_array_length(pg_temp.report('{upstreams,platform}')::jsonb), 2, 'those that are on');
select tests.act_as_service();
select ok((public.health_report() #>> '{database,connections}')::integer >= 1, 'connections of every role are counted');
select tests.reset();

update public.agent_health set status = 'unhealthy' where agent_id = '20000000-0000-4000-8000-000000000001';
select is(pg_temp.verdict(), 'ok: []', 'a person''s agent is the person''s affair');
select is(pg_temp.report('{upstreams,unhealthy}'), '1', 'and is counted');
update public.agent_health set status = 'unhealthy'
where agent_id = (select id from public.agents where name = 'droid' and is_platform);
select is(pg_temp.verdict(), 'degraded: ["upstreams_unhealthy"]', 'one of the platform''s is not');
update public.agent_health set status = 'degraded' where status = 'unhealthy';
select is(pg_temp.verdict(), 'ok: []', 'one that is slow still answers');

insert into public.agent_executions (interaction_id, attempt, agent_id, status, error_code, started_at)
select '30000000-0000-4000-8000-000000000001', 1 + row_number() over (), id, 'failed', 'upstream_credential_rejected', now() + interval '1 second'
from public.agents where name in ('droid', 'eve''s');
select is(
  pg_temp.verdict(), 'degraded: ["credentials_refused"]', 'a vendor refuses the platform''s credential: that is the operator''s affair'
);
insert into public.agent_executions (interaction_id, attempt, agent_id, status, started_at)
select '30000000-0000-4000-8000-000000000001', 4, id, 'succeeded', now() + interval '2 seconds' from public.agents where name = 'droid';
select is(pg_temp.verdict(), 'ok: []', 'until it takes it again');

insert into private.running_turns (user_id, organization_id, title, source, lease_expires_at)
select tests.id('eve'), current_organization_id, 'a turn', 'chat', now() - interval '1 minute'
from public.profiles where id = tests.id('eve');
select is(
  pg_temp.verdict() || pg_temp.report('{turns,running}') || pg_temp.report('{turns,unsettled}'), 'ok: []10',
  'a turn whose lease has just ended is swept soon'
);
update private.running_turns set lease_expires_at = now() - interval '3 minutes';
select is(pg_temp.verdict(), 'degraded: ["turns_unsettled"]', 'one that was not swept is a problem');
delete from private.running_turns;

update private.job_runs set started_at = now() - interval '1 hour', finished_at = now() - interval '1 hour'
where job_name = 'probe-agents';
insert into private.job_runs (job_name, outcome, started_at, finished_at, error_message)
select 'sweep-turns', 'failed', now(), now(), 'x' from generate_series(1, 3);
select is(
  pg_temp.verdict() || pg_temp.report('{jobs}'),
  'degraded: ["jobs_late", "jobs_failing"]{"late": ["probe-agents"], "behind": [], "failing": ["sweep-turns"], "backlogs": [], "failing_items": []}',
  'jobs that are late, or failed three times, are named'
);
delete from private.job_runs where outcome = 'failed';
update private.job_runs set started_at = now(), finished_at = now();

insert into private.function_call_outbox (path, outcome, finished_at, created_at) values
  ('/health/probe', 'failed', now() - interval '10 minutes', now() - interval '10 minutes'),
  ('/health/probe', 'succeeded', now() - interval '5 minutes', now() - interval '5 minutes'),
  ('/health/probe', 'sent', null, now());
select is(pg_temp.verdict() || pg_temp.report('{function_calls,failed}'), 'ok: []1', 'a single failed call is no problem');
insert into private.function_call_outbox (path, outcome, finished_at, created_at) values
  ('/health/probe', 'failed', now(), now() - interval '1 minute');
select is(pg_temp.verdict(), 'degraded: ["function_call_failed"]', 'one that failed last is not');

delete from private.function_call_outbox;

select ok(pg_temp.report('{partitions,months_ahead}')::integer >= 1, 'months are made ahead');
do $$
declare
  partition record;
begin
  for partition in select partition_name from private.partitions where starts_at > now() loop
    execute format('drop table partitions.%I', partition.partition_name);
  end loop;
end
$$;
select is(pg_temp.verdict(), 'degraded: ["partitions_missing"]', 'unless the job that makes them does not work');

select tests.act_as('alice');
select tests.denied('select public.health_report()', 'people do not read it');

select * from finish();
rollback;
