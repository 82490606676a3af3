begin;
select plan(20);

insert into public.vendors (id, name) values ('acme_ai', 'Acme AI');
insert into public.vendor_services (id, vendor_id, service_name, display_name)
values ('acme_ai_1', 'acme_ai', 'one', 'One');
insert into public.service_prices (id, service_id) values ('70000000-0000-4000-8000-000000000001', 'acme_ai_1');
insert into public.agents (id, name, organization_id) values
  ('20000000-0000-4000-8000-000000000001', 'One', tests.id('acme'));
insert into public.models (id, agent_id, name) values
  ('21000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'm');
insert into public.ai_interactions (
  id, organization_id, title, agent_id, model_id, vendor_id, service_id, price_id, total_cost, source, turn_state,
  started_at
) values (
  '30000000-0000-4000-8000-000000000001', tests.id('acme'), 'kept', '20000000-0000-4000-8000-000000000001',
  '21000000-0000-4000-8000-000000000001', 'acme_ai', 'acme_ai_1', '70000000-0000-4000-8000-000000000001', 0.5,
  'chat', 'succeeded', '2026-05-05 12:00+00'
);
insert into public.agent_executions (interaction_id, agent_id, vendor_id, service_id, status) values (
  '30000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'acme_ai', 'acme_ai_1', 'succeeded'
);

select set_eq(
  $$
    select objid::bigint from pg_locks
    where locktype = 'advisory' and mode = 'ShareLock' and classid = private.lock_namespace('named_rows')::oid
  $$,
  $$
    select hashtext(name)::bigint & 4294967295
    from unnest(array['acme_ai', 'acme_ai_1', '70000000-0000-4000-8000-000000000001', 'conversation']) as name
  $$,
  'who deletes what a turn names waits until the turn is committed'
);
select tests.breaks(
  $$ delete from public.service_prices where service_id = 'acme_ai_1' $$, 'ai_interactions_price_id_fkey',
  'a price that a turn was charged at stays'
);
select tests.breaks(
  $$ delete from public.vendor_services where id = 'acme_ai_1' $$, 'ai_interactions_service_id_fkey',
  'so does its service'
);
select tests.breaks(
  $$ delete from public.vendors where id = 'acme_ai' $$, 'ai_interactions_vendor_id_fkey', 'and its vendor'
);
select throws_ok(
  $$ update public.interaction_types set id = 'talk' where id = 'conversation' $$, '23503',
  'update or delete on table "interaction_types" violates foreign key constraint '
    '"ai_interactions_interaction_type_id_fkey" on table "ai_interactions"', 'and their ids'
);
insert into public.vendors (id, name) values ('fresh_ai', 'Fresh AI');
select lives_ok(
  $$ update public.vendors set id = 'other_ai', name = 'Other AI' where id = 'fresh_ai' $$,
  'what no turn names may have another id'
);
select lives_ok($$ delete from public.vendors where id = 'other_ai' $$, 'and may go');
select is(
  (select count(*) from pg_locks where locktype = 'advisory' and mode = 'ExclusiveLock'
    and classid = private.lock_namespace('named_rows')::oid and objid::bigint = hashtext('other_ai')::bigint & 4294967295),
  1::bigint, 'while turns that would name it wait'
);
select tests.changes(
  $$ update public.vendors set is_active = false where id = 'acme_ai' $$, 1, 'which is taken out of use instead'
);
select tests.breaks(
  $$ delete from public.interaction_types where id = 'conversation' $$, 'ai_interactions_interaction_type_id_fkey',
  'a kind that is in use stays'
);

delete from public.agents where id = '20000000-0000-4000-8000-000000000001';
select results_eq(
  'select agent_id, model_id, vendor_id, service_id, price_id, total_cost from public.ai_interactions',
  $$ values (
    uuid '20000000-0000-4000-8000-000000000001', uuid '21000000-0000-4000-8000-000000000001', 'acme_ai', 'acme_ai_1',
    uuid '70000000-0000-4000-8000-000000000001', 0.5::numeric(20, 10)
  ) $$,
  'an agent that goes leaves its turns what they were'
);
select is(
  (select agent_id from public.agent_executions), '20000000-0000-4000-8000-000000000001', 'and their attempts'
);
select tests.changes(
  $$ update public.ai_interactions set price_id = null $$, 1, 'which may still be corrected when their model is gone'
);
select results_eq(
  $$
    select public.vendors(turns), public.vendors(attempts)
    from public.ai_interactions turns join public.agent_executions attempts on attempts.interaction_id = turns.id
  $$,
  $$ select vendors, vendors from public.vendors where id = 'acme_ai' $$, 'the Data API joins what they name'
);
select results_eq(
  $$ select key, total_cost from public.get_usage('agent', '2026-05-01', '2026-05-31', tests.id('acme')) $$,
  $$ values ('20000000-0000-4000-8000-000000000001', 0.5::numeric) $$, 'and in the figures'
);
select lives_ok(
  $$ select public.record_agent_metrics('2026-05-05') $$, 'of which nothing is measured any more, which is no error'
);
select tests.refused(
  $$
    insert into public.ai_interactions (organization_id, agent_id, title)
    values (tests.id('acme'), gen_random_uuid(), 'x')
  $$,
  404, 'agent_not_found', 'an agent that was never there is none to begin with'
);
select tests.refused(
  $$ update public.ai_interactions set agent_id = gen_random_uuid() $$, 404, 'agent_not_found',
  'nor is one to attribute it to'
);

-- What this transaction has found is looked for again once it is deleted, or its finding is undone.
insert into public.vendors (id, name) values ('brief_ai', 'Brief AI');
insert into public.ai_interactions (id, organization_id, title, vendor_id)
values ('30000000-0000-4000-8000-000000000002', tests.id('acme'), 'x', 'brief_ai');
delete from public.ai_interactions where id = '30000000-0000-4000-8000-000000000002';
delete from public.vendors where id = 'brief_ai';
select tests.breaks(
  $$
    insert into public.agent_executions (interaction_id, attempt, vendor_id, status)
    values ('30000000-0000-4000-8000-000000000001', 2, 'brief_ai', 'failed')
  $$,
  'agent_executions_vendor_id_fkey', 'an attempt names no vendor that this transaction has deleted'
);
do $$
begin
  insert into public.vendors (id, name) values ('undone_ai', 'Undone AI');
  insert into public.ai_interactions (organization_id, title, vendor_id) values (tests.id('acme'), 'x', 'undone_ai');
  raise sqlstate 'P0001';
exception when sqlstate 'P0001' then
  null;
end
$$;
select tests.breaks(
  $$
    insert into public.agent_executions (interaction_id, attempt, vendor_id, status)
    values ('30000000-0000-4000-8000-000000000001', 2, 'undone_ai', 'failed')
  $$,
  'agent_executions_vendor_id_fkey', 'nor one whose insertion was rolled back'
);

select * from finish();
rollback;
