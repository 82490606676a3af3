begin;
select plan(10);

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

select tests.breaks(
  $$ delete from public.service_prices where service_id = 'acme_ai_1' $$, 'ai_interactions_price_id_fkey',
  'a price that a turn was charged at stays'
);
-- The ledger's key or that of its attempts, whichever was made first.
select throws_ok(
  $$ delete from public.vendor_services where id = 'acme_ai_1' $$, '23503', null, 'so does its service'
);
select throws_ok($$ delete from public.vendors where id = 'acme_ai' $$, '23503', null, 'and its vendor');
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
    uuid '20000000-0000-4000-8000-000000000001', null::uuid, 'acme_ai', 'acme_ai_1',
    uuid '70000000-0000-4000-8000-000000000001', 0.5::numeric(20, 10)
  ) $$,
  'an agent that goes leaves its turns what they were'
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

select * from finish();
rollback;
