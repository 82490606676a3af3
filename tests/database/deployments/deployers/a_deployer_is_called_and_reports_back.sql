begin;
select plan(38);

insert into public.webhook_endpoints (id, organization_id, name, url_preview, encrypted_url) values
  ('e1000000-0000-4000-8000-000000000001', tests.id('acme'), 'One', 'https://one.example',
    'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA'),
  ('e1000000-0000-4000-8000-000000000002', (
    select id from public.organizations where is_personal and created_by = tests.id('eve')
  ), 'Eve''s', 'https://two.example', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA');
insert into public.agents (id, name, created_by, organization_id, deployment_config) values
  ('20000000-0000-4000-8000-000000000001', 'Acme''s', tests.id('carol'), tests.id('acme'),
    '{"webhook_endpoint_id": "e1000000-0000-4000-8000-000000000001"}'),
  ('20000000-0000-4000-8000-000000000002', 'By workflow', tests.id('carol'), tests.id('acme'),
    '{"workflow_id": "c0000000-0000-4000-8000-000000000001"}'),
  ('20000000-0000-4000-8000-000000000003', 'Elsewhere', tests.id('carol'), tests.id('acme'),
    '{"webhook_endpoint_id": "e1000000-0000-4000-8000-000000000002"}');
insert into public.workflows (id, agent_id, name, webhook_endpoint_id) values
  ('c0000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'w', 'e1000000-0000-4000-8000-000000000001');

create function pg_temp.report(deployment uuid, report jsonb, caller jsonb default '{"webhook": "e1000000-0000-4000-8000-000000000001"}')
returns text language sql as $$
  select public.record_deployment_report(caller, deployment, report) ->> 'status'
$$;
create function pg_temp.deploy(agent text, trigger text default 'manual', config jsonb default '{}') returns uuid
language sql as $$
  select (public.deploy_agent(('20000000-0000-4000-8000-00000000000' || agent)::uuid, trigger, config)).id
$$;

-- Called, taken, progress, deployed
select tests.act_as('carol');
create temporary table one as select (public.deploy_agent('20000000-0000-4000-8000-000000000001')).id;
grant select on one to public;
select tests.reset();
select results_eq(
  $$ select payloads.body::jsonb ->> 'type', payloads.body::jsonb -> 'data' ->> 'deployment_id',
       payloads.body::jsonb -> 'data' -> 'snapshot' ? 'model_name'
     from private.webhook_payloads payloads $$,
  $$ select 'deployment.requested', id::text, true from one $$, 'the deployer receives what to deploy'
);
select is(pg_temp.report((select id from one), '{"progress_percent": 10}'), 'pending', 'it may report before its call is recorded');
select public.record_webhook_delivery(
  (claimed.value ->> 'id')::uuid, (claimed.value ->> 'attempt')::integer, '{"status_code": 202}'
) from jsonb_array_elements(public.claim_webhook_deliveries(10)) as claimed;
select is(status, 'deploying', 'once it has taken it, it deploys') from public.deployments join one using (id);
select is(
  pg_temp.report((select id from one), '{"progress_percent": 60, "progress_message": "with Bearer abcdefghijklmnopqrstuvwx"}'),
  'deploying', 'progress'
);
select results_eq(
  'select progress_percent, progress_message from public.deployments join one using (id)',
  $$ values (60, 'with [redacted]') $$, 'is kept, without secrets'
);
select is(
  pg_temp.report((select id from one), '{"status": "deployed", "deployment_url": "https://agent.example"}'), 'deployed', 'the end'
);
select is(
  pg_temp.report((select id from one), format('{"status": %s}', repeated)::jsonb), 'deployed', repeated || ' after it changes nothing'
) from unnest(array['"deployed"', '"deploying"']) repeated;
select tests.refused(
  (select format('select pg_temp.report(%L, ''{"status": "failed"}'')', id) from one), 409, 'deployment_transition_refused',
  'what is deployed does not fail'
);
select results_eq(
  $$ select agents.status, deployment_url from public.deployments join one using (id) join public.agents on agents.id = agent_id $$,
  $$ values ('active', 'https://agent.example') $$, 'the agent follows'
);

-- Who may report
select tests.refused(
  (select format('select pg_temp.report(%L, ''{}'', %L)', one.id, caller) from one), 404, 'deployment_not_found', what
) from (values
  ('{"webhook": "e1000000-0000-4000-8000-000000000002"}', 'no other webhook'),
  (format('{"user_id": "%s"}', tests.id('dave')), 'no viewer'), (format('{"user_id": "%s"}', tests.id('eve')), 'no stranger')
) as others (caller, what);
select is(pg_temp.report(one.id, '{}', jsonb_build_object('user_id', tests.id('carol'))), 'deployed', 'an agent manager may')
from one;
select is(public.list_report_secrets(deployment => one.id), '[]', 'a webhook without a secret signs nothing') from one;
select tests.reset();

-- A deployed report that overtakes the record of the call
create temporary table two as select pg_temp.deploy('2') as id;
select is(webhook_endpoint_id, 'e1000000-0000-4000-8000-000000000001', 'a workflow''s webhook deploys, too')
from public.deployments join two using (id);
select is(pg_temp.report((select id from two), '{"status": "deployed"}'), 'deployed', 'a fast deployer');
select is(status, 'canceled', 'whose call is not repeated') from public.webhook_deliveries join two on two.id = subject_id;

-- Deployers that cannot be called, or are silent
select pg_temp.deploy('3');
select is(status, 'failed', 'a webhook of another organization is not called')
from public.deployments where agent_id = '20000000-0000-4000-8000-000000000003';
create temporary table three as select pg_temp.deploy('1') as id;
update public.webhook_deliveries set status = 'dead', last_error = 'No answer.' where subject_id = (select id from three);
select results_eq(
  'select status, error_message from public.deployments join three using (id)',
  $$ values ('failed', 'The deployer could not be called. No answer.') $$, 'nor does one that does not answer deploy'
);
select is(status, 'active', 'what runs goes on') from public.agents where name = 'Acme''s';
create temporary table four as select pg_temp.deploy('1') as id;
alter table public.deployments disable trigger update_deployments_updated_at;
update public.deployments set updated_at = now() - interval '61 minutes' where id = (select id from four);
alter table public.deployments enable trigger update_deployments_updated_at;
select is(tests.work_off('time-out-deployments'), 1::bigint, 'one that is silent for an hour');
select is(status, 'failed', 'has failed') from public.deployments join four using (id);

-- Scheduled
create temporary table later as
select pg_temp.deploy('1', 'scheduled', jsonb_build_object('at', now() + interval '1 day')) as id;
select is_empty('select from public.webhook_deliveries join later on later.id = subject_id', 'one for later is not called');
select tests.refused(
  $$ select pg_temp.deploy('1', 'scheduled', '{"at": "2099-01-01T00:00:00Z"}') $$, 409, 'deployment_in_progress', 'nor a second'
);
select tests.refused(
  format('select pg_temp.deploy(''2'', ''scheduled'', %L)', config), 400, 'invalid_value', 'nor for no time: ' || config
)
from unnest(array['{"at": "soon"}', '{"at": "infinity"}', '{"at": "9999-01-01"}', '{"at": null}', '{"time": "2099-01-01"}', '{}']) config;
create temporary table now_and as select pg_temp.deploy('1') as id;
select is(status, 'pending', 'another is deployed in the meantime') from public.deployments join now_and using (id);
alter table public.deployments disable trigger update_deployments_updated_at;
update public.deployments set scheduled_at = now() - interval '1 minute', updated_at = now() - interval '3 days'
where id = (select id from later);
alter table public.deployments enable trigger update_deployments_updated_at;
select is(tests.work_off('time-out-deployments'), 0::bigint, 'its silence counts from the time that it was scheduled for');
select is(tests.work_off('start-deployments'), 0::bigint, 'which it waits for when it is due');
update public.deployments set status = 'stopped' where id = (select id from now_and);
select is(tests.work_off('start-deployments'), 1::bigint, 'and then');
select is(tests.work_off('start-deployments'), 0::bigint, 'it begins once');
select is(event_type, 'deployment.requested', 'with a call') from public.webhook_deliveries join later on later.id = subject_id;

insert into public.deployments (id, agent_id, scheduled_at)
values ('d0000000-0000-4000-8000-0000000000ff', '20000000-0000-4000-8000-000000000001', now() + interval '1 day');
update public.deployments set webhook_endpoint_id = 'e1000000-0000-4000-8000-000000000001'
where id = 'd0000000-0000-4000-8000-0000000000ff';
select pg_temp.report(
  'd0000000-0000-4000-8000-0000000000ff', jsonb_build_object('status', 'failed', 'error_message', 'Refused: Bearer ' || repeat('b', 20))
);
select is(error_message, 'Refused: [redacted]', 'the reason that it reports is redacted')
from public.deployments where id = 'd0000000-0000-4000-8000-0000000000ff';

select * from finish();
rollback;
