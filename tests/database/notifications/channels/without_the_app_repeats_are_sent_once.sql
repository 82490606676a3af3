begin;
select plan(8);

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

select * from finish();
rollback;
