begin;
select plan(16);

-- Carol made the agent, and gets everything at a webhook and nothing in the app.
insert into public.webhook_endpoints (id, organization_id, name, url_preview, encrypted_url) values
  ('e1000000-0000-4000-8000-000000000001', tests.id('acme'), 'Hook', 'https://one.example',
    'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA');
update public.organization_members set role = 'admin' where user_id = tests.id('carol') and organization_id = tests.id('acme');
insert into public.notification_settings (user_id, webhook_endpoint_id)
values (tests.id('carol'), 'e1000000-0000-4000-8000-000000000001');
insert into public.notification_preferences (user_id, type, channel, is_enabled)
select tests.id('carol'), types.id, 'in_app', false from private.notification_types types;
insert into public.agents (id, name, created_by, organization_id, vendor_id, service_id) values
  ('20000000-0000-4000-8000-000000000001', 'Acme''s', tests.id('carol'), tests.id('acme'), 'openai', 'openai_gpt4o');
insert into public.workflows (id, agent_id, name) values
  ('c0000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'w');
create function pg_temp.sent(type text) returns bigint language sql as $$
  select count(*) from public.webhook_deliveries where event_type = 'notification.' || type
$$;

insert into public.workflow_executions (workflow_id, status, error_data, completed_at)
select 'c0000000-0000-4000-8000-000000000001', 'error', '{}', now() from generate_series(1, 5);
select is(pg_temp.sent('workflow_error'), 1::bigint, 'failures of a workflow are sent once an hour');
update public.notifications set sent = '{}';
insert into public.workflow_executions (workflow_id, status, error_data, completed_at)
values ('c0000000-0000-4000-8000-000000000001', 'error', '{}', now());
select is(pg_temp.sent('workflow_error'), 2::bigint, 'and then again');

update public.vendor_services set retired_on = current_date + 10 where id = 'openai_gpt4o';
select tests.work_off('announce-endings');
select tests.work_off('announce-endings');
select is(pg_temp.sent('service_ending'), 1::bigint, 'the end of a model is announced once');

select public.warn_of_rate_limit(60, user_id => tests.id('carol')) from generate_series(1, 3);
select is(pg_temp.sent('rate_limit_warning'), 1::bigint, 'a rate limit is warned of once an hour');

select private.notify(tests.id('carol'), 'agent_error', 'T', 'M', '{"agent_id": "1"}') from generate_series(1, 3);
select is(pg_temp.sent('agent_error'), 1::bigint, 'what is grouped is sent once an hour');

-- An agent that is deployed every minute, and then fails.
create function pg_temp.deploy(status text) returns void language sql as $$
  insert into public.deployments (agent_id, status) values ('20000000-0000-4000-8000-000000000001', 'deploying');
  update public.deployments set status = deploy.status where deployments.status = 'deploying'
$$;
select pg_temp.deploy('deployed') from generate_series(1, 3);
select is(pg_temp.sent('deployment_success'), 1::bigint, 'deployments of an agent are sent once an hour');
select pg_temp.deploy('failed') from generate_series(1, 3);
select is(pg_temp.sent('deployment_failed'), 1::bigint, 'and the first that fails at once');

-- What is read in the app groups no more, and floods no channel.
update public.notification_preferences set is_enabled = true where type = 'agent_degraded';
create function pg_temp.read_and_repeat(type text) returns void language plpgsql as $$
begin
  perform tests.act_as('carol');
  update public.notifications set read_at = now() where notifications.type = read_and_repeat.type;
  perform tests.reset();
  perform private.notify(tests.id('carol'), read_and_repeat.type, 'T', 'M', '{"agent_id": "2"}');
end
$$;
select pg_temp.read_and_repeat('agent_degraded') from generate_series(1, 4);
select is((select count(*) from public.notifications where type = 'agent_degraded'), 4::bigint, 'after it was read, a repeat is a new one');
select is(pg_temp.sent('agent_degraded'), 1::bigint, 'which is sent once an hour all the same');
update public.notifications set sent = jsonb_build_object('agent_degraded', now() - interval '61 minutes') where type = 'agent_degraded';
select pg_temp.read_and_repeat('agent_degraded');
select is(pg_temp.sent('agent_degraded'), 2::bigint, 'and then again');
select private.notify(tests.id('carol'), 'agent_recovered', 'T', 'M', '{"agent_id": "2"}');
select is(pg_temp.sent('agent_recovered'), 1::bigint, 'that it has ended is sent at once');
update public.notification_preferences set is_enabled = false where type = 'agent_degraded' and channel = 'in_app';
delete from public.notifications where data ->> 'agent_id' = '2';

select tests.act_as('carol');
select is_empty('select id from public.notifications', 'the app shows none of it');
-- Back in the app, the next one is shown.
update public.notification_preferences set is_enabled = true where type = 'agent_error' and channel = 'in_app';
select tests.reset();
select private.notify(tests.id('carol'), 'agent_error', 'T', 'M', '{"agent_id": "1"}');
select tests.act_as('carol');
select results_eq(
  'select type from public.notifications', array['agent_error'], 'one that counts in a hidden one is shown, once the app is on'
);
select tests.reset();
select is(
  (select count(*) from public.notifications where expires_at is null), 0::bigint, 'what is hidden expires like the others'
);

-- Two at the same time would both be sent: each would read that none was.
create function pg_temp.locks() returns bigint language sql as $$
  select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()
    and classid = private.lock_namespace('notifications')::oid and granted
$$;
create temporary table locks as select pg_temp.locks() as held;
select private.notify(tests.id('bob'), 'agent_error', 'T', 'M', '{"agent_id": "3"}');
select is(pg_temp.locks(), held, 'one for the app alone waits for no other') from locks;
select private.notify(tests.id('carol'), 'agent_error', 'T', 'M', '{"agent_id": "3"}');
select is(pg_temp.locks(), held + 1, 'one for a webhook waits for others of its topic') from locks;

select * from finish();
rollback;
