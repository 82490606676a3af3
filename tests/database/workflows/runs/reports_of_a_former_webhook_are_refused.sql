begin;
select plan(8);

insert into public.webhook_endpoints (id, organization_id, name, url_preview, encrypted_url) values
  ('e1000000-0000-4000-8000-000000000001', tests.id('acme'), 'One', 'https://one.example',
    'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA');
insert into public.webhook_secrets (endpoint_id, encrypted_secret)
values ('e1000000-0000-4000-8000-000000000001', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA');
insert into public.agents (id, name, created_by, organization_id, deployment_config) values
  ('20000000-0000-4000-8000-000000000001', 'Acme''s', tests.id('carol'), tests.id('acme'),
    '{"webhook_endpoint_id": "e1000000-0000-4000-8000-000000000001"}');
insert into public.workflows (id, agent_id, name, webhook_endpoint_id) values
  ('c0000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'w', 'e1000000-0000-4000-8000-000000000001');
create temporary table deployed as select (public.deploy_agent('20000000-0000-4000-8000-000000000001')).id;
create function pg_temp.report() returns jsonb language sql as $$
  select public.report_workflow(
    '{"webhook": "e1000000-0000-4000-8000-000000000001"}', 'c0000000-0000-4000-8000-000000000001', '{"execution_id": "1"}'
  )
$$;
create function pg_temp.report_deployment() returns jsonb language sql as $$
  select public.record_deployment_report('{"webhook": "e1000000-0000-4000-8000-000000000001"}', id, '{"status": "deploying"}')
  from deployed
$$;

select is(jsonb_array_length(public.list_report_secrets(workflow => 'c0000000-0000-4000-8000-000000000001')), 1, 'its webhook signs');
select is(jsonb_array_length(public.list_report_secrets(deployment => id)), 1, 'and the deployer''s') from deployed;
select lives_ok('select pg_temp.report()', 'and reports');
select lives_ok('select pg_temp.report_deployment()', 'of both');

-- The agent moves to Eve's organization.
update public.agents set organization_id = (
  select id from public.organizations where is_personal and created_by = tests.id('eve')
) where id = '20000000-0000-4000-8000-000000000001';
select is(
  public.list_report_secrets(workflow => 'c0000000-0000-4000-8000-000000000001'), '[]',
  'a webhook of the organization that the agent left signs nothing'
);
select is(public.list_report_secrets(deployment => id), '[]', 'about deployments neither') from deployed;
select tests.refused('select pg_temp.report()', 404, 'workflow_not_found', 'nor is a report of it accepted');
select tests.refused('select pg_temp.report_deployment()', 404, 'deployment_not_found', 'about either');

select * from finish();
rollback;
