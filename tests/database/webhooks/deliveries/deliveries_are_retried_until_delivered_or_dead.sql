begin;
select plan(34);

create temporary table blobs as select 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA'::text as blob;
grant select on blobs to public;
insert into public.webhook_endpoints (id, organization_id, name, kind, url_preview, encrypted_url) values
  ('e1000000-0000-4000-8000-000000000001', tests.id('acme'), 'One', 'webhook', 'https://one.example', (select blob from blobs)),
  ('e1000000-0000-4000-8000-000000000002', tests.id('acme'), 'Two', 'slack', 'https://two.example', (select blob from blobs)),
  ('e1000000-0000-4000-8000-000000000003', (
    select id from public.organizations where is_personal and created_by = tests.id('eve')
  ), 'Three', 'webhook', 'https://three.example', (select blob from blobs));

-- What became of an attempt, of a delivery that is due again at once.
create function pg_temp.try(id uuid, outcome jsonb) returns text language plpgsql as $$
declare
  claimed jsonb;
begin
  update public.webhook_deliveries set next_attempt_at = now(), locked_until = null
  where webhook_deliveries.id = try.id and status = 'pending';
  update public.webhook_endpoints set paused_until = null;
  select found.value into claimed
  from jsonb_array_elements(public.claim_webhook_deliveries(100)) as found where found.value ->> 'id' = try.id::text;
  return public.record_webhook_delivery(try.id, (claimed ->> 'attempt')::integer, outcome);
end
$$;
create function pg_temp.send(endpoint text) returns uuid language sql as $$
  select private.enqueue_webhook(
    ('e1000000-0000-4000-8000-00000000000' || endpoint)::uuid, 'probe.sent', '{"text": "A <!channel> & b", "n": 1}'
  )
$$;

-- A delivery and its bytes
create temporary table first as select pg_temp.send('1') as id, pg_temp.send('2') as slack;
create temporary table claimed as
select found.value from jsonb_array_elements(public.claim_webhook_deliveries(10)) as found;
select is((select count(*) from claimed), 2::bigint, 'both are claimed');
select is(public.claim_webhook_deliveries(10), '[]'::jsonb, 'and no one else gets them');
select is(
  (select (value ->> 'body')::jsonb - 'timestamp' from claimed where value ->> 'id' = (select id::text from first)),
  '{"type": "probe.sent", "data": {"text": "A <!channel> & b", "n": 1}}', 'a webhook gets type, time and data'
);
select is(
  (select (value ->> 'body')::jsonb from claimed where value ->> 'id' = (select slack::text from first)),
  '{"text": "A &lt;!channel&gt; &amp; b"}', 'Slack gets a text without mentions'
);
select is(
  public.record_webhook_delivery((select slack from first), 1, '{"status_code": 204}'), 'delivered', 'a 2xx delivers'
);
select is_empty(
  'select from private.webhook_payloads join first on slack = delivery_id', 'what was delivered keeps no body'
);
select is(
  public.record_webhook_delivery((select id from first), 2, '{"status_code": 500}'), 'pending',
  'an outcome of another attempt is ignored'
);
select is(
  public.record_webhook_delivery((select id from first), 1, '{"error": "Bearer abcdefgh was refused"}'), 'pending',
  'no answer is tried again'
);
select results_eq(
  $$ select status, attempts, last_error, next_attempt_at between now() + '4 s' and now() + '6.1 s'
     from public.webhook_deliveries join first using (id) $$,
  $$ values ('pending', 1, 'Bearer … was refused', true) $$, 'after about five seconds, with its reason redacted'
);
select is(
  (select paused_until > now() from public.webhook_endpoints where name = 'One'), true, 'until then nothing is sent there'
);
update public.webhook_deliveries set next_attempt_at = now();
select is(public.claim_webhook_deliveries(10), '[]'::jsonb, 'even if it is due');

-- Retries
select is(
  pg_temp.try((select id from first), '{"status_code": 429, "retry_after_ms": 7200000}'), 'pending', '429 is tried again'
);
select cmp_ok(
  (select next_attempt_at from public.webhook_deliveries join first using (id)), '>=', now() + interval '2 hours',
  'when it asked to be'
);
select is(
  (select array_agg(pg_temp.try((select id from first), '{"status_code": 302}')) from generate_series(3, 10)),
  array['pending', 'pending', 'pending', 'pending', 'pending', 'pending', 'pending', 'dead'],
  'the tenth attempt is the last'
);
select is(
  (select count(*) from public.notifications where type = 'webhook_failed'),
  (select count(*) from public.organization_members where organization_id = tests.id('acme') and role in ('owner', 'admin')),
  'the managers are notified'
);
select is_empty(
  $$ select from public.webhook_deliveries where event_type like 'notification.%' $$, 'in the app'
);

-- Dead letters
select tests.act_as('dave');
select tests.refused(
  'select public.replay_webhook_deliveries(''e1000000-0000-4000-8000-000000000001'')', 404, 'webhook_not_found',
  'a viewer replays nothing'
);
select tests.act_as('carol');
select is(
  public.replay_webhook_deliveries('e1000000-0000-4000-8000-000000000001'), 1, 'an agent manager replays what is dead'
);
select is(public.replay_webhook_deliveries('e1000000-0000-4000-8000-000000000001'), 0, 'once');
select tests.reset();
select is(
  pg_temp.try((select id from first), '{"status_code": 200}'), 'delivered', 'under the same id'
);
select is(
  public.record_webhook_delivery((select id from first), 1, '{"status_code": 500}'), 'delivered', 'which stays delivered'
);
select is((select consecutive_failures from public.webhook_endpoints where name = 'One'), 0, 'and forgives the failures');

-- 410 and long failure
create temporary table gone as select pg_temp.send('1') as id, pg_temp.send('1') as other;
select is(pg_temp.try((select id from gone), '{"status_code": 410}'), 'dead', '410 ends a delivery');
select results_eq(
  $$ select is_active, disabled_reason from public.webhook_endpoints where name = 'One' $$, $$ values (false, 'gone') $$,
  'and disables its endpoint'
);
select is(pg_temp.send('1'), null, 'nothing more is written to it');
update public.webhook_deliveries set next_attempt_at = now(), locked_until = null where status = 'pending';
select is(public.claim_webhook_deliveries(10), '[]'::jsonb, 'or sent');
update public.webhook_endpoints set is_active = true where name = 'One';
select is(
  jsonb_path_query_array(public.claim_webhook_deliveries(10), '$[*].id'), jsonb_build_array((select other from gone)),
  'until it is switched on again'
);
create temporary table failing as select pg_temp.send('3') as id;
update public.webhook_endpoints set failing_since = now() - interval '6 days' where name = 'Three';
select is(pg_temp.try((select id from failing), '{}'), 'pending', 'one that fails for days');
select is((select disabled_reason from public.webhook_endpoints where name = 'Three'), 'failing', 'is disabled');

-- Fair shares
delete from public.webhook_deliveries;
update public.webhook_endpoints set is_active = true, paused_until = null;
select pg_temp.send('1') from generate_series(1, 20);
select pg_temp.send('3');
update public.webhook_deliveries set next_attempt_at = now() - interval '1 hour' where organization_id = tests.id('acme');
select set_eq(
  $$ select value ->> 'organization_id' from jsonb_array_elements(public.claim_webhook_deliveries(2)) $$,
  $$ select distinct organization_id::text from public.webhook_deliveries $$, 'no organization waits for another'
);
select is(
  jsonb_array_length(public.claim_webhook_deliveries(100)), 3, 'an endpoint gets four calls at a time'
);

-- States
create function pg_temp.change(old_status text, new_status text) returns text language plpgsql as $$
declare
  refusal text;
begin
  delete from public.webhook_deliveries;
  insert into public.webhook_deliveries (endpoint_id, organization_id, event_type, status, delivered_at) values
    ('e1000000-0000-4000-8000-000000000001', tests.id('acme'), 'probe', old_status, case old_status when 'delivered' then now() end);
  update public.webhook_deliveries set status = new_status, delivered_at = case new_status when 'delivered' then now() end;
  return 'taken';
exception when others then
  get stacked diagnostics refusal = pg_exception_detail;
  return refusal;
end
$$;
select set_eq(
  $$ select old_status, new_status
     from unnest(array['pending', 'delivered', 'dead', 'canceled']) old_status,
       unnest(array['pending', 'delivered', 'dead', 'canceled']) new_status
     where old_status <> new_status and pg_temp.change(old_status, new_status) = 'taken' $$,
  $$ values ('pending', 'delivered'), ('pending', 'dead'), ('pending', 'canceled'), ('dead', 'pending') $$,
  'no other change of a status is made'
);
select is(
  (
    select count(*) from unnest(array['pending', 'delivered', 'dead', 'canceled']) old_status,
      unnest(array['pending', 'delivered', 'dead', 'canceled']) new_status
    where pg_temp.change(old_status, new_status) = 'delivery_transition_refused'
  ), 8::bigint, 'and refused with its code'
);

-- A month later
select pg_temp.change('dead', 'dead');
update public.webhook_deliveries set created_at = now() - interval '31 days';
select private.delete_expired('webhook_deliveries:' || tests.id('acme'));
select is_empty('select from public.webhook_deliveries', 'after a month they are deleted');

select * from finish();
rollback;
