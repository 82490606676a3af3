begin;
select plan(40);

insert into public.webhook_endpoints (id, organization_id, name, url_preview, encrypted_url) values
  ('e1000000-0000-4000-8000-000000000001', tests.id('acme'), 'One', 'https://one.example',
    'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA'),
  ('e1000000-0000-4000-8000-000000000002', (
    select id from public.organizations where is_personal and created_by = tests.id('eve')
  ), 'Eve''s', 'https://two.example', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA');
insert into public.webhook_secrets (endpoint_id, encrypted_secret, expires_at) values
  ('e1000000-0000-4000-8000-000000000001', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', null),
  ('e1000000-0000-4000-8000-000000000001', 'v1:k2:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', now() + interval '1 hour'),
  ('e1000000-0000-4000-8000-000000000001', 'v1:k3:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', now() - interval '1 hour');
insert into public.agents (id, name, created_by, organization_id) values
  ('20000000-0000-4000-8000-000000000001', 'Acme''s', tests.id('carol'), tests.id('acme'));
insert into public.workflows (id, agent_id, name) values
  ('c0000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'w'),
  ('c0000000-0000-4000-8000-000000000002', '20000000-0000-4000-8000-000000000001', 'other');

-- Who runs what
select tests.act_as('carol');
select tests.refused(
  'select public.run_workflow(''c0000000-0000-4000-8000-000000000001'')', 409, 'workflow_not_callable', 'without a webhook'
);
select tests.refused(
  $$ update public.workflows set webhook_endpoint_id = 'e1000000-0000-4000-8000-000000000002' $$,
  404, 'webhook_not_found', 'a webhook of another organization is not found'
);
update public.workflows set webhook_endpoint_id = 'e1000000-0000-4000-8000-000000000001'
where id = 'c0000000-0000-4000-8000-000000000001';
create temporary table runs as
select (public.run_workflow('c0000000-0000-4000-8000-000000000001', '{"q": 1, "token": "hush"}')).id;
grant select on runs to public;
select tests.act_as('dave');
select tests.refused(
  'select public.run_workflow(''c0000000-0000-4000-8000-000000000001'')', 404, 'workflow_not_found', 'a viewer runs none'
);
select tests.act_as('eve');
select tests.refused(
  'select public.run_workflow(''c0000000-0000-4000-8000-000000000001'')', 404, 'workflow_not_found', 'nor does a stranger'
);
select tests.refused(
  'select public.run_workflow(gen_random_uuid())', 404, 'workflow_not_found', 'one that does not exist'
);
select tests.reset();
select results_eq(
  'select status, input_data, execution_id from public.workflow_executions join runs using (id)',
  $$ values ('running', '{"q": 1, "token": "[redacted]"}'::jsonb, null::text) $$, 'a run is recorded, redacted'
);
select is(
  (select (payloads.body)::jsonb -> 'data' -> 'input' from private.webhook_payloads payloads),
  '{"q": 1, "token": "hush"}', 'its webhook gets what was given'
);
select is(
  (select (payloads.body)::jsonb -> 'data' ->> 'run_id' from private.webhook_payloads payloads),
  (select id::text from runs), 'and the id to report with'
);

-- Reports with the id of the run, in each order: the id in n8n is bound once.
create function pg_temp.report(report jsonb, workflow text default 'c0000000-0000-4000-8000-000000000001') returns jsonb
language sql as $$
  select public.report_workflow('{"webhook": "e1000000-0000-4000-8000-000000000001"}', workflow::uuid, report)
$$;
create temporary table parts (place integer primary key, report jsonb);
insert into parts values
  (1, '{"status": "running", "started_at": "2026-01-01T00:00:00Z", "input": {"n8n": true}}'),
  (2, '{"status": "waiting"}'),
  (3, '{"thoughts": [
    {"node_id": "b", "parent_node_id": "a", "node_type": "action", "content": "B"},
    {"node_id": "a", "node_type": "input", "content": "A"}
  ]}'),
  (4, '{"status": "success", "completed_at": "2099-01-01T00:00:05Z", "output": {"answer": 42}}');
create function pg_temp.play(places integer[]) returns void language plpgsql as $$
declare
  run uuid := (
    private.start_execution(
      (select workflows from public.workflows where id = 'c0000000-0000-4000-8000-000000000001'), '{"q": 1}', 'manual'
    )
  ).id;
  number integer;
begin
  -- The first report of the workflow names the run; the others may come before it.
  foreach number in array places || places loop
    perform pg_temp.report(
      parts.report || jsonb_build_object('execution_id', places::text)
        || case when number = 1 then jsonb_build_object('run_id', run) else '{}' end
    )
    from parts where parts.place = number;
  end loop;
end
$$;
delete from public.workflow_executions;
select pg_temp.play(array[a, b, c, d])
from generate_series(1, 4) a, generate_series(1, 4) b, generate_series(1, 4) c, generate_series(1, 4) d
where cardinality(array(select distinct unnest(array[a, b, c, d]))) = 4;
select results_eq(
  $$
    select status, input_data, output_data, error_data, completed_at, started_at, count(*)::integer
    from public.workflow_executions group by 1, 2, 3, 4, 5, 6
  $$,
  $$ values (
    'success', '{"q": 1}'::jsonb, '{"answer": 42}'::jsonb, null::jsonb, '2099-01-01T00:00:05Z'::timestamptz,
    '2026-01-01T00:00:00Z'::timestamptz, 24
  ) $$,
  'reports in every order, repeated, give one result'
);
select is(count(*), 48::bigint, 'each thought once') from public.agent_thoughts;
select is(
  (select count(distinct execution_id) from public.workflow_executions), 24::bigint, 'each bound to its id in n8n'
);
select is_empty(
  $$ select from public.webhook_deliveries where status = 'pending' and subject_id in (
       select id from public.workflow_executions
     ) $$,
  'and no call is made of what has ended'
);

-- A retry in n8n is an execution of its own.
create temporary table again as
select (private.start_execution(workflows, '{}', 'manual')).id from public.workflows where name = 'w';
select is(
  pg_temp.report(jsonb_build_object('execution_id', 'e7', 'run_id', id, 'status', 'error')) ->> 'id', id::text, 'the first'
) from again;
select isnt(
  pg_temp.report(jsonb_build_object('execution_id', 'e8', 'run_id', id, 'status', 'success')) ->> 'id', id::text,
  'and its retry'
) from again;

-- Who signs: the webhook that the workflow calls
select is(jsonb_array_length(public.list_report_secrets(workflow => 'c0000000-0000-4000-8000-000000000001')), 2,
  'the current secret and the one it replaced sign');
select is(public.list_report_secrets(workflow => 'c0000000-0000-4000-8000-000000000002'), '[]', 'for its own workflow');
select is(public.list_report_secrets(workflow => gen_random_uuid()), '[]', 'and no unknown one');
select tests.refused(
  $$ select pg_temp.report('{"execution_id": "1"}', 'c0000000-0000-4000-8000-000000000002') $$, 404, 'workflow_not_found',
  'a webhook reports about no workflow that does not call it'
);

-- Cancellation
create temporary table canceled as
select (private.start_execution(workflows, '{}', 'manual')).id from public.workflows where name = 'w';
grant select on canceled to public;
select tests.act_as('dave');
select tests.refused(
  (select format('select public.cancel_execution(%L)', id) from canceled), 404, 'execution_not_found', 'a viewer cancels none'
);
select tests.act_as('carol');
select is((public.cancel_execution(id)).status, 'error', 'an agent manager cancels one') from canceled;
select tests.refused(
  (select format('select public.cancel_execution(%L)', id) from canceled), 409, 'execution_finished', 'once'
);
select tests.reset();
select is(status, 'canceled', 'its call is not made')
from public.webhook_deliveries join canceled on canceled.id = subject_id;
select is(
  pg_temp.report(jsonb_build_object('execution_id', 'c1', 'run_id', id, 'status', 'success')) ->> 'status', 'error',
  'and what is reported later changes nothing'
) from canceled;

-- A webhook that cannot be called
create temporary table dead as
select (private.start_execution(workflows, '{}', 'manual')).id from public.workflows where name = 'w';
update public.webhook_deliveries set status = 'dead', last_error = 'No answer.' where subject_id = (select id from dead);
select results_eq(
  'select status, error_data from public.workflow_executions join dead using (id)',
  $$ values ('error', '{"status": "not_delivered", "message": "No answer."}'::jsonb) $$, 'fails the run'
);
update public.webhook_endpoints set is_active = false where name = 'One';
select is(
  (select error_data from private.start_execution((select workflows from public.workflows where name = 'w'), '{}', 'manual')),
  '{"status": "webhook_disabled"}', 'at once where it is disabled'
);
update public.webhook_endpoints set is_active = true where name = 'One';

-- Time-outs
update public.workflows set timeout_seconds = 60;
create temporary table silent as
select (private.start_execution(workflows, '{}', 'manual')).id from public.workflows where name = 'w';
alter table public.workflow_executions disable trigger update_workflow_executions_updated_at;
update public.workflow_executions set updated_at = now() - interval '61 seconds' where id = (select id from silent);
alter table public.workflow_executions enable trigger update_workflow_executions_updated_at;
select is(tests.work_off('time-out-executions'), 1::bigint, 'one that is silent for too long');
select is(error_data, '{"status": "timed_out"}', 'has failed') from public.workflow_executions join silent using (id);

-- Cron
update public.organizations set timezone = 'Europe/Berlin' where id = tests.id('acme');
select tests.act_as('carol');
update public.workflows set status = 'active', trigger_config = '{"cron": "0 9 * * *"}', next_execution = '2030-01-01'
where name = 'w';
select is(
  next_execution, private.next_cron('0 9 * * *', 'Europe/Berlin', now()), 'the next time is that of the organization''s zone'
) from public.workflows where name = 'w';
select tests.refused(
  $$ update public.workflows set trigger_config = '{"cron": "0 0 30 2 *"}' where name = 'w' $$, 400, 'cron_never_fires',
  'one that never fires is refused'
);
select tests.refused(
  $$ update public.workflows set trigger_config = '{"cron": "often"}' where name = 'w' $$, 400, 'invalid_cron', 'or is none'
);
select tests.refused(
  $$ update public.workflows set trigger_config = '{"cron": "@daily", "timezone": "Mars"}' where name = 'w' $$,
  400, 'invalid_value', 'or has no time zone'
);
select tests.reset();
update public.organizations set timezone = 'Asia/Tokyo' where id = tests.id('acme');
select is(
  next_execution, private.next_cron('0 9 * * *', 'Asia/Tokyo', now()), 'which may change'
) from public.workflows where name = 'w';
select is_empty('select private.workflows_to_run()', 'before it is due nothing runs');
delete from public.workflow_executions;
alter table public.workflows disable trigger schedule_workflow;
update public.workflows set next_execution = now() - interval '3 days' where name = 'w';
alter table public.workflows enable trigger schedule_workflow;
select is(tests.work_off('run-workflows'), 1::bigint, 'when it is due');
select is(tests.work_off('run-workflows'), 0::bigint, 'it runs once');
select results_eq(
  'select input_data ->> ''scheduled_at'' is not null, status from public.workflow_executions', $$ values (true, 'running') $$,
  'what was missed is skipped'
);
select is(
  next_execution, private.next_cron('0 9 * * *', 'Asia/Tokyo', now()), 'and the next time is ahead'
) from public.workflows where name = 'w';
update public.workflows set status = 'paused' where name = 'w';
select is(next_execution, null, 'a paused workflow has none') from public.workflows where name = 'w';
update public.workflows set status = 'active' where name = 'w';
update public.workflows set trigger_config = '{}' where name = 'w';
select is(next_execution, null, 'nor one whose cron expression was removed') from public.workflows where name = 'w';
update public.workflows set trigger_config = '{"cron": "0 9 * * *"}' where name = 'w';
update public.workflows set trigger_config = '{}', next_execution = '2030-01-01T00:00:00Z' where name = 'w';
select is(next_execution, '2030-01-01T00:00:00Z', 'unless n8n has a time of its own') from public.workflows where name = 'w';

select * from finish();
rollback;
