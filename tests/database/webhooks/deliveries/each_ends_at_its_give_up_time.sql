begin;
select plan(12);

insert into public.webhook_endpoints (id, organization_id, name, url_preview, encrypted_url) values
  ('e1000000-0000-4000-8000-000000000001', tests.id('acme'), 'One', 'https://one.example',
    'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA'),
  ('e1000000-0000-4000-8000-000000000002', tests.id('acme'), 'Off', 'https://two.example',
    'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA');
insert into public.agents (id, name, created_by, organization_id) values
  ('20000000-0000-4000-8000-000000000001', 'Acme''s', tests.id('carol'), tests.id('acme'));
insert into public.workflows (id, agent_id, name, webhook_endpoint_id) values
  ('c0000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'w', 'e1000000-0000-4000-8000-000000000001');
create temporary table runs as select (public.run_workflow('c0000000-0000-4000-8000-000000000001')).id;
create temporary table lost as select private.enqueue_webhook('e1000000-0000-4000-8000-000000000001', 'probe.sent', '{}') as id;
create temporary table waiting as select private.enqueue_webhook('e1000000-0000-4000-8000-000000000002', 'probe.sent', '{}') as id;
update public.webhook_endpoints set is_active = false where name = 'Off';

-- A sender that takes it and never reports, ten times.
create function pg_temp.take() returns bigint language plpgsql as $$
declare
  taken bigint;
begin
  update public.webhook_deliveries set next_attempt_at = now(), locked_until = null where status = 'pending';
  select count(*) into taken from jsonb_array_elements(public.claim_webhook_deliveries(100)) as claimed
  where claimed ->> 'id' = (select id::text from lost);
  return taken;
end
$$;
select is((select sum(pg_temp.take()) from generate_series(1, 9)), 9::numeric, 'a delivery whose result is not reported is due again');
select is(tests.work_off('delete-expired'), 0::bigint, 'while attempts are left it is not given up');
select is(pg_temp.take(), 1::bigint, 'the tenth attempt is the last');
select cmp_ok(
  (select give_up_at from public.webhook_deliveries join lost using (id)), '<=', now() + interval '2 minutes',
  'and is waited for as long as any'
);
-- Time passes.
update public.webhook_deliveries set give_up_at = now() - interval '1 second', locked_until = now() - interval '1 second';
select is(pg_temp.take(), 0::bigint, 'one that is past it is not sent');
select cmp_ok(tests.work_off('delete-expired'), '>=', 3::bigint, 'the job gives such deliveries up');
select results_eq(
  'select status, last_error from public.webhook_deliveries join lost using (id)',
  $$ values ('dead', 'The result of the last attempt is not known.') $$, 'what no sender reported'
);
select results_eq(
  'select status, last_error from public.webhook_deliveries join waiting using (id)',
  $$ values ('dead', 'It was not sent in time.') $$, 'what a disabled webhook keeps waiting'
);
select results_eq(
  'select status, error_data ->> ''status'' from public.workflow_executions join runs using (id)',
  $$ values ('error', 'not_delivered') $$, 'and the execution that waits for it has failed'
);
select isnt_empty($$ select from public.notifications where type = 'webhook_failed' $$, 'the managers are notified');
update public.webhook_deliveries set created_at = now() - interval '31 days';
select tests.work_off('delete-expired');
select is_empty('select id from public.webhook_deliveries', 'a month later nothing is left');
select is_empty('select delivery_id from private.webhook_payloads', 'nor a body');

select * from finish();
rollback;
