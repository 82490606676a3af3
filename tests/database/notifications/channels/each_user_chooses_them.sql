begin;
select plan(38);

insert into public.webhook_endpoints (id, organization_id, name, kind, url_preview, encrypted_url) values
  ('e1000000-0000-4000-8000-000000000001', tests.id('acme'), 'Hook', 'webhook', 'https://one.example',
    'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA'),
  ('e1000000-0000-4000-8000-000000000002', tests.id('acme'), 'Chat', 'slack', 'https://two.example',
    'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA');
create function pg_temp.tell(type text, data jsonb default '{}', priority text default null) returns void language sql as $$
  select private.notify(tests.id('carol'), type, 'Title', 'Message <!here>', data, priority)
$$;
create function pg_temp.sent() returns text language plpgsql as $$
declare
  events text;
begin
  select string_agg(endpoints.name || ' ' || event_type, ', ' order by endpoints.name) into events
  from public.webhook_deliveries deliveries join public.webhook_endpoints endpoints on endpoints.id = endpoint_id;
  delete from public.webhook_deliveries;
  return events;
end
$$;

select pg_temp.tell('workflow_error');
select is(pg_temp.sent(), null, 'without settings a notification stays in the app');
select tests.act_as('carol');
insert into public.notification_settings (webhook_endpoint_id, slack_endpoint_id) values
  ('e1000000-0000-4000-8000-000000000001', 'e1000000-0000-4000-8000-000000000002');
select tests.refused(
  $$ update public.notification_settings set slack_endpoint_id = 'e1000000-0000-4000-8000-000000000001' $$,
  404, 'webhook_not_found', 'a webhook is not Slack'
);
select tests.act_as('dave');
select tests.refused(
  $$ insert into public.notification_settings (webhook_endpoint_id) values ('e1000000-0000-4000-8000-000000000001') $$,
  404, 'webhook_not_found', 'only a manager of a webhook may name it'
);
select tests.reset();
select pg_temp.tell('workflow_error');
select is(
  (select body::jsonb from private.webhook_payloads join public.webhook_deliveries on id = delivery_id
   where endpoint_id = 'e1000000-0000-4000-8000-000000000002'),
  '{"text": "Title: Message &lt;!here&gt;"}', 'Slack gets one line'
);
select is(
  (select body::jsonb -> 'data' ->> 'title' from private.webhook_payloads join public.webhook_deliveries on id = delivery_id
   where endpoint_id = 'e1000000-0000-4000-8000-000000000001'),
  'Title', 'a webhook gets the notification'
);
select is(
  pg_temp.sent(), 'Chat notification.workflow_error, Hook notification.workflow_error', 'both get it'
);

-- Preferences, by type and channel
select tests.act_as('carol');
select lives_ok(
  $$ insert into public.notification_preferences (type, channel, is_enabled) values
       ('workflow_error', 'slack', false), ('deployment_failed', 'in_app', false)
     on conflict (user_id, type, channel) do update set is_enabled = excluded.is_enabled $$, 'preferences are upserted'
);
select throws_ok(
  $$ insert into public.notification_preferences (type, channel, is_enabled) values ('unknown', 'slack', false) $$,
  '23503', null, 'of known types'
);
select tests.breaks(
  $$ insert into public.notification_preferences (type, channel, is_enabled) values ('agent_error', 'fax', false) $$,
  'notification_channel_is_known', 'and known channels'
);
select results_eq(
  $$ select type, in_app, webhook, slack from public.list_notification_types() where type in ('workflow_error', 'deployment_failed') $$,
  $$ values ('deployment_failed', false, true, true), ('workflow_error', true, true, false) $$, 'and listed with their types'
);
select tests.reset();
delete from public.notifications;
select pg_temp.tell('workflow_error');
select is(pg_temp.sent(), 'Hook notification.workflow_error', 'a channel that is off gets nothing');
select pg_temp.tell('deployment_failed');
select is(
  pg_temp.sent(), 'Chat notification.deployment_failed, Hook notification.deployment_failed', 'the others do'
);
select tests.act_as('carol');
select is_empty($$ select from public.notifications where type = 'deployment_failed' $$, 'nor does the app');
select is(
  public.count_unread_notifications(), (select count(*)::integer from public.notifications where read_at is null),
  'which does not count it either'
);
select is_empty($$ delete from public.notifications where type = 'deployment_failed' returning id $$, 'and deletes none');
select lives_ok(
  $$ insert into public.notifications (type, title, message) values ('deployment_failed', 'A note', 'To myself.') $$,
  'notes to oneself are kept all the same'
);
select tests.reset();
select is(pg_temp.sent(), null, 'and sent nowhere');

-- Repeats
create function pg_temp.pass(amount interval) returns void language sql as $$
  update public.notifications set sent = (
    select coalesce(jsonb_object_agg(key, value::timestamptz - amount), '{}') from jsonb_each_text(sent)
  )
$$;
select pg_temp.tell('agent_error', '{"agent_id": "1"}'), pg_temp.tell('agent_error', '{"agent_id": "1"}');
select is(pg_temp.sent(), 'Chat notification.agent_error, Hook notification.agent_error', 'a repeat is sent once');
-- Every 40 minutes: more often than once an hour.
create function pg_temp.sent_later() returns text language plpgsql as $$
begin
  perform pg_temp.pass('40 minutes');
  perform pg_temp.tell('agent_error', '{"agent_id": "1"}');
  return left(pg_temp.sent(), 4);
end
$$;
select results_eq(
  'select pg_temp.sent_later() from generate_series(1, 4)',
  array[null, 'Chat', null, 'Chat'], 'and again after an hour, however often it repeats in between'
);
select is(occurrences, 6, 'in the app it is one row') from public.notifications where type = 'agent_error';
select pg_temp.tell('agent_recovered', '{"agent_id": "1"}'), pg_temp.tell('agent_recovered', '{"agent_id": "1"}');
select is(
  pg_temp.sent(), 'Chat notification.agent_recovered, Hook notification.agent_recovered',
  'that it has ended is no repeat'
);
update public.notification_preferences set is_enabled = true where channel = 'slack';
update public.webhook_endpoints set is_active = false, disabled_reason = 'gone';
select pg_temp.tell('workflow_error', '{"workflow_id": "1"}');
update public.webhook_endpoints set is_active = true, disabled_reason = null;
select pg_temp.tell('workflow_error', '{"workflow_id": "1"}');
select is(
  pg_temp.sent(), 'Chat notification.workflow_error, Hook notification.workflow_error',
  'one that reached no channel was not sent'
);
select pg_temp.tell('webhook_failed', '{"webhook_endpoint_id": "1"}');
select is(pg_temp.sent(), null, 'no webhook is notified of a webhook that fails');

-- Quiet hours in the user's time zone
select is(
  private.quiet_until(jsonb_populate_record(null::public.notification_settings, quiet::jsonb), at::timestamptz),
  wanted::timestamptz, format('%s at %s', quiet, at)
)
from (values
  ('{"quiet_from": "22:00", "quiet_until": "07:00", "timezone": "Europe/Berlin"}', '2026-07-01T21:00:00Z', '2026-07-02T05:00:00Z'),
  ('{"quiet_from": "22:00", "quiet_until": "07:00", "timezone": "Europe/Berlin"}', '2026-07-01T04:59:00Z', '2026-07-01T05:00:00Z'),
  ('{"quiet_from": "22:00", "quiet_until": "07:00", "timezone": "Europe/Berlin"}', '2026-07-01T05:00:00Z', null),
  ('{"quiet_from": "12:00", "quiet_until": "13:00", "timezone": "Asia/Tokyo"}', '2026-07-01T03:30:00Z', '2026-07-01T04:00:00Z'),
  -- A night in which clocks go forward, and an end that these skip
  ('{"quiet_from": "22:00", "quiet_until": "07:00", "timezone": "Europe/Berlin"}', '2026-03-28T22:00:00Z', '2026-03-29T05:00:00Z'),
  ('{"quiet_from": "22:00", "quiet_until": "02:30", "timezone": "Europe/Berlin"}', '2026-03-28T22:00:00Z', '2026-03-29T01:00:00Z'),
  -- One in which they go back, and an end that occurs twice
  ('{"quiet_from": "22:00", "quiet_until": "02:30", "timezone": "Europe/Berlin"}', '2026-10-24T21:00:00Z', '2026-10-25T00:30:00Z'),
  ('{"quiet_from": "22:00", "quiet_until": "02:30", "timezone": "Europe/Berlin"}', '2026-10-25T01:15:00Z', '2026-10-25T01:30:00Z'),
  ('{"quiet_from": "22:00", "quiet_until": "01:45", "timezone": "Australia/Lord_Howe"}', '2026-04-04T14:00:00Z', '2026-04-04T14:45:00Z'),
  ('{"quiet_from": "22:00", "quiet_until": "07:00", "timezone": "Europe/Berlin"}', '2026-10-24T21:00:00Z', '2026-10-25T06:00:00Z'),
  ('{"quiet_from": "23:59", "quiet_until": "00:00", "timezone": "Pacific/Kiritimati"}', '2026-07-01T09:59:30Z', '2026-07-01T10:00:00Z'),
  ('{}', '2026-07-01T09:59:30Z', null)
) as moments (quiet, at, wanted);
update public.notification_settings
set quiet_from = to_char(now() - interval '1 hour', 'HH24:MI'), quiet_until = to_char(now() + interval '1 hour', 'HH24:MI'), timezone = current_setting('TimeZone');
select pg_temp.tell('workflow_error', '{}', 'critical'), pg_temp.tell('workflow_error');
select results_eq(
  'select next_attempt_at <= now(), count(*)::integer from public.webhook_deliveries group by 1 order by 1',
  'values (false, 2), (true, 2)', 'all but critical ones wait for their end'
);
delete from public.webhook_deliveries;
select pg_temp.tell('agent_error', '{"agent_id": "2"}'), pg_temp.tell('agent_error', '{"agent_id": "2"}');
select pg_temp.pass('-1 hours');
select pg_temp.tell('agent_error', '{"agent_id": "2"}', 'critical');
select results_eq(
  'select next_attempt_at <= now(), count(*)::integer from public.webhook_deliveries group by 1 order by 1',
  'values (false, 2), (true, 2)', 'what waits is sent once, and holds up no critical one'
);
delete from public.webhook_deliveries;
update public.organization_members set role = 'viewer' where user_id = tests.id('carol');
select pg_temp.tell('workflow_error');
select is(pg_temp.sent(), null, 'a former manager of a webhook gets nothing there');

select * from finish();
rollback;
