begin;
select plan(3);

insert into public.webhook_endpoints (id, organization_id, name, url_preview, encrypted_url) values
  ('e1000000-0000-4000-8000-000000000001', tests.id('acme'), 'Deployer', 'https://one.example',
    'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA');

-- Progress, start and end, in each of their orders, the whole twice: of an agent each.
create temporary table parts (place integer primary key, report jsonb);
insert into parts values
  (1, '{"progress_percent": 20, "progress_message": "Building"}'),
  (2, '{"progress_percent": 80, "progress_message": "Starting"}'),
  (3, '{"status": "deploying"}'),
  (4, '{"status": "deployed", "deployment_url": "https://agent.example"}');
create temporary table orders as
select gen_random_uuid() as agent_id, array[a, b, c, d] as places
from generate_series(1, 4) a, generate_series(1, 4) b, generate_series(1, 4) c, generate_series(1, 4) d
where cardinality(array(select distinct unnest(array[a, b, c, d]))) = 4;
insert into public.agents (id, name, created_by, organization_id, deployment_config)
select agent_id, places::text, tests.id('carol'), tests.id('acme'),
  '{"webhook_endpoint_id": "e1000000-0000-4000-8000-000000000001"}'
from orders;
grant select on orders to public;
select tests.act_as('carol');
create temporary table deployed as
select orders.agent_id, (public.deploy_agent(orders.agent_id)).id from orders;
select tests.reset();
select lives_ok(
  $$
    select public.record_deployment_report(
      '{"webhook": "e1000000-0000-4000-8000-000000000001"}', deployed.id, parts.report
    )
    from orders
    join deployed using (agent_id)
    cross join lateral unnest(orders.places || orders.places) with ordinality as steps (place, step)
    join parts on parts.place = steps.place
    order by orders.agent_id, steps.step
  $$,
  'reports are taken in every order'
);
select results_eq(
  $$
    select status, deployment_url, progress_percent, progress_message, count(*)::integer
    from public.deployments join deployed using (id) group by 1, 2, 3, 4
  $$,
  $$ values ('deployed', 'https://agent.example', 80, 'Starting', 24) $$, 'and give one result'
);
select results_eq(
  $$ select status, count(*)::integer from public.agents where id in (select agent_id from orders) group by 1 $$,
  $$ values ('active', 24) $$, 'the agents follow'
);

select * from finish();
rollback;
