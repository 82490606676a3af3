begin;
select plan(254);

insert into public.agents (id, name, created_by) values
  ('20000000-0000-4000-8000-000000000001', 'One', tests.id('eve'));
insert into public.workflows (id, agent_id, name) values
  ('c0000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'w');
insert into public.webhook_endpoints (id, organization_id, name, url_preview, encrypted_url)
select
  'e1000000-0000-4000-8000-000000000001', private.home_organization(null, tests.id('eve')), 'Hook', 'https://one.example',
  'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA';
-- What is planted stays as it is planted.
alter table public.deployments disable trigger call_deployer_of_new;
update public.workflows set webhook_endpoint_id = 'e1000000-0000-4000-8000-000000000001';

create function pg_temp.row_of(subject text) returns uuid language sql as $$
  select case row_of.subject
    when 'deployments' then 'd0000000-0000-4000-8000-000000000001'
    when 'workflow_executions' then 'd0000000-0000-4000-8000-000000000002'
    else 'd0000000-0000-4000-8000-000000000003' end::uuid
$$;
-- One row of a table with a status.
create function pg_temp.plant(subject text, status text) returns void language plpgsql as $$
begin
  delete from public.webhook_deliveries;
  delete from public.deployments;
  delete from public.workflow_executions;
  delete from private.rate_limits;
  if plant.subject = 'deployments' then
    insert into public.deployments (id, agent_id, status, deployed_at, webhook_endpoint_id, updated_at)
    values (
      pg_temp.row_of(plant.subject), '20000000-0000-4000-8000-000000000001', plant.status,
      case when plant.status in ('deployed', 'stopped') then now() - interval '1 day' end,
      'e1000000-0000-4000-8000-000000000001', now() - interval '1 year'
    );
  elsif plant.subject = 'workflow_executions' then
    insert into public.workflow_executions (id, workflow_id, execution_id, status, started_at, updated_at)
    values (
      pg_temp.row_of(plant.subject), 'c0000000-0000-4000-8000-000000000001', '1', plant.status,
      now() - interval '1 year', now() - interval '1 year'
    );
  else
    insert into public.webhook_deliveries (id, endpoint_id, organization_id, event_type, status, delivered_at)
    select
      pg_temp.row_of(plant.subject), endpoints.id, endpoints.organization_id, 'probe.sent', plant.status,
      case plant.status when 'delivered' then now() end
    from public.webhook_endpoints endpoints where endpoints.id = 'e1000000-0000-4000-8000-000000000001';
  end if;
end
$$;
-- The statement by which someone asks for a status; jobs and RPCs that know one status only ask for it.
create function pg_temp.ask(subject text, way text, status text) returns text language sql as $$
  select case way
    when 'update' then format(
      'update public.%I set status = %L%s where id = %L', subject, status,
      case when subject = 'webhook_deliveries' then
        format(', delivered_at = %s', case status when 'delivered' then 'now()' else 'null' end) end,
      pg_temp.row_of(subject)
    )
    when 'report_deployment' then format('select public.report_deployment(%L, %L)', pg_temp.row_of(subject), status)
    when 'record_deployment_report' then format(
      'select public.record_deployment_report(%L, %L, %L)', '{"webhook": "e1000000-0000-4000-8000-000000000001"}',
      pg_temp.row_of(subject), jsonb_build_object('status', status)
    )
    when 'report_workflow' then format(
      'select public.report_workflow(%L, %L, %L)', '{"webhook": "e1000000-0000-4000-8000-000000000001"}',
      'c0000000-0000-4000-8000-000000000001', jsonb_build_object('execution_id', '1', 'status', status)
    )
    when 'cancel_execution' then format('select public.cancel_execution(%L)', pg_temp.row_of(subject))
    when 'time_out_deployment' then format('select private.time_out_deployment(%L)', pg_temp.row_of(subject))
    when 'time_out_executions' then 'select private.time_out_executions(''c0000000-0000-4000-8000-000000000001'')'
    when 'replay' then format(
      'select public.replay_webhook_deliveries(''e1000000-0000-4000-8000-000000000001'', %L)', pg_temp.row_of(subject)
    )
  end
$$;
create function pg_temp.status_after(subject text, old_status text, way text, caller text, new_status text)
returns text
language plpgsql
as $$
declare
  status text;
  statement text := pg_temp.ask(
    status_after.subject, status_after.way, status_after.new_status
  );
begin
  perform pg_temp.plant(status_after.subject, status_after.old_status);
  if status_after.caller = 'owner' then
    perform tests.act_as('eve');
  elsif status_after.caller = 'service' then
    perform tests.act_as_service();
  end if;
  begin
    execute statement;
  exception when sqlstate 'PT400' or sqlstate 'PT409' or insufficient_privilege then
    null;
  end;
  perform tests.reset();
  execute format('select status from public.%I where id = $1', status_after.subject)
  into status using pg_temp.row_of(status_after.subject);
  return status;
end
$$;

create table pg_temp.statuses (subject text, status text);
insert into pg_temp.statuses
select 'deployments', unnest(array['pending', 'deploying', 'deployed', 'failed', 'stopped'])
union all select 'workflow_executions', unnest(array['running', 'waiting', 'success', 'error'])
union all select 'webhook_deliveries', unnest(array['pending', 'delivered', 'dead', 'canceled']);
create table pg_temp.legal (subject text, old_status text, new_status text);
insert into pg_temp.legal values
  ('deployments', 'pending', 'deploying'), ('deployments', 'pending', 'failed'), ('deployments', 'pending', 'stopped'),
  ('deployments', 'deploying', 'deployed'), ('deployments', 'deploying', 'failed'), ('deployments', 'deploying', 'stopped'),
  ('deployments', 'deployed', 'stopped'), ('deployments', 'failed', 'stopped'),
  ('workflow_executions', 'running', 'waiting'), ('workflow_executions', 'waiting', 'running'),
  ('workflow_executions', 'running', 'success'), ('workflow_executions', 'running', 'error'),
  ('workflow_executions', 'waiting', 'success'), ('workflow_executions', 'waiting', 'error'),
  ('webhook_deliveries', 'pending', 'delivered'), ('webhook_deliveries', 'pending', 'dead'),
  ('webhook_deliveries', 'pending', 'canceled'), ('webhook_deliveries', 'dead', 'pending');
-- Who asks how; only: the one status that a way asks for, or that its caller may.
create table pg_temp.ways (subject text, way text, caller text, only_status text);
insert into pg_temp.ways values
  ('deployments', 'update', 'owner', null), ('deployments', 'update', 'service', null), ('deployments', 'update', 'job', null),
  ('deployments', 'report_deployment', 'owner', null), ('deployments', 'record_deployment_report', 'service', null),
  ('deployments', 'time_out_deployment', 'job', 'failed'),
  ('workflow_executions', 'update', 'owner', null), ('workflow_executions', 'update', 'service', null),
  ('workflow_executions', 'update', 'job', null), ('workflow_executions', 'report_workflow', 'service', null),
  ('workflow_executions', 'cancel_execution', 'owner', 'error'), ('workflow_executions', 'time_out_executions', 'job', 'error'),
  ('webhook_deliveries', 'update', 'owner', 'none'), ('webhook_deliveries', 'update', 'service', null),
  ('webhook_deliveries', 'update', 'job', null), ('webhook_deliveries', 'replay', 'owner', 'pending');

select is(
  pg_temp.status_after(ways.subject, old.status, ways.way, ways.caller, new.status),
  case
    -- A deployer that is done before its call is recorded has deployed in between.
    when ways.way = 'record_deployment_report' and (old.status, new.status) = ('pending', 'deployed') then 'deployed'
    when ways.only_status = 'none' then old.status
    -- An execution that waits is waited for.
    when ways.way = 'time_out_executions' and old.status = 'waiting' then old.status
    when ways.way = 'time_out_deployment' and old.status not in ('pending', 'deploying') then old.status
    when legal.new_status is not null then new.status
    else old.status
  end,
  format('%s: %s by %s, %s to %s', ways.subject, ways.way, ways.caller, old.status, new.status)
)
from pg_temp.ways
join pg_temp.statuses old on old.subject = ways.subject
join pg_temp.statuses new
  on new.subject = ways.subject and new.status = coalesce(nullif(ways.only_status, 'none'), new.status)
left join pg_temp.legal
  on legal.subject = ways.subject and (legal.old_status, legal.new_status) = (old.status, new.status);

select * from finish();
rollback;
