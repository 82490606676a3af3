begin;
select plan(2);

-- Every field of the definition at its limit, and the configuration of the trigger as well.
create function pg_temp.large() returns jsonb language sql as $$
  select jsonb_build_object('filler', repeat('"', 131058))
$$;
insert into public.webhook_endpoints (id, organization_id, name, url_preview, encrypted_url) values
  ('e1000000-0000-4000-8000-000000000001', tests.id('acme'), 'One', 'https://one.example',
    'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA');
insert into public.agents (
  id, name, created_by, organization_id, system_prompt, config, capabilities, voice_settings, security, speech_processing,
  deployment_config
) values (
  md5('large')::uuid, 'Large', tests.id('carol'), tests.id('acme'), repeat('"', 262144), pg_temp.large(), pg_temp.large(),
  pg_temp.large(), pg_temp.large(), '{}', jsonb_build_object(
    'webhook_endpoint_id', 'e1000000-0000-4000-8000-000000000001', 'filler', repeat('"', 130900)
  )
);
create temporary table made as
select deployed.id, deployed.status, deployed.snapshot from public.deploy_agent(md5('large')::uuid, 'manual', pg_temp.large()) deployed;
select is((select status from made), 'pending', 'an agent whose fields are at their limits is deployed');
select is(
  (select body::jsonb -> 'data' -> 'snapshot' from private.webhook_payloads), (select snapshot from made),
  'and its deployer gets all of it'
);

select * from finish();
rollback;
