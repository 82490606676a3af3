begin;
select plan(4);

insert into public.vendors (id, name) values ('acme_ai', 'Acme AI');
insert into public.vendor_services (id, vendor_id, service_name, display_name)
values ('acme_ai_1', 'acme_ai', 'one', 'One');
insert into public.service_prices (id, service_id) values ('70000000-0000-4000-8000-000000000001', 'acme_ai_1');
insert into public.agents (id, name, created_by) values
  ('20000000-0000-4000-8000-000000000001', 'One', tests.id('eve'));
insert into public.models (id, agent_id, name) values
  ('21000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'm');
insert into public.ai_interactions (
  id, organization_id, title, agent_id, model_id, vendor_id, service_id, price_id, total_cost
) values (
  '30000000-0000-4000-8000-000000000001', tests.id('acme'), 'kept', '20000000-0000-4000-8000-000000000001',
  '21000000-0000-4000-8000-000000000001', 'acme_ai', 'acme_ai_1', '70000000-0000-4000-8000-000000000001', 0.5
);
insert into public.agent_executions (interaction_id, agent_id, vendor_id, service_id, status) values (
  '30000000-0000-4000-8000-000000000001', '20000000-0000-4000-8000-000000000001', 'acme_ai', 'acme_ai_1', 'succeeded'
);

delete from public.models where id = '21000000-0000-4000-8000-000000000001';
-- One by one: rows that this very transaction wrote are checked again at every step of a cascade.
delete from public.service_prices where service_id = 'acme_ai_1';
delete from public.vendor_services where id = 'acme_ai_1';
delete from public.vendors where id = 'acme_ai';
select results_eq(
  'select model_id, vendor_id, service_id, price_id, total_cost from public.ai_interactions',
  $$ values (null::uuid, null::text, null::text, null::uuid, 0.5::numeric(20, 10)) $$,
  'model, vendor, service and price go, the cost stays'
);
select results_eq(
  'select vendor_id, service_id from public.agent_executions', $$ values (null::text, null::text) $$,
  'and so do the attempts'
);
select tests.breaks(
  $$ delete from public.interaction_types where id = 'conversation' $$, 'ai_interactions_interaction_type_id_fkey',
  'a kind that is in use stays'
);

delete from public.agents where id = '20000000-0000-4000-8000-000000000001';
select results_eq(
  'select i.agent_id, e.agent_id from public.ai_interactions i, public.agent_executions e where e.interaction_id = i.id',
  'values (null::uuid, null::uuid)', 'the agent goes too'
);

select * from finish();
rollback;
