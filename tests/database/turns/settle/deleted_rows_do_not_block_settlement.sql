begin;
select plan(5);

create function pg_temp.begin(person text, request jsonb)
returns jsonb
language sql
as $$
  select public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id(person)),
    jsonb_build_object('request_id', gen_random_uuid(), 'messages', '[{"role": "user", "content": "hi"}]'::jsonb)
      || request
  )
$$;
create function pg_temp.settle(turn jsonb, outcome jsonb)
returns jsonb
language sql
as $$ select public.settle_chat_turn((turn ->> 'turn_id')::uuid, outcome) $$;
insert into public.agents (id, name, vendor_id, service_id, created_by, status) values
  ('20000000-0000-4000-8000-000000000001', 'Mine', 'openrouter', 'openrouter_gpt4o', tests.id('eve'), 'active');
insert into public.vendors (id, name, base_url) values ('acme_ai', 'Acme AI', 'https://acme.example/v1');
insert into public.vendor_services (id, vendor_id, service_name, display_name) values ('acme_ai_1', 'acme_ai', 'one', 'One');
insert into public.service_prices (service_id, input_rate) values ('acme_ai_1', 1);
create temporary table answers as select pg_temp.begin('eve', '{"model": "gpt-4o"}') as turn;
update private.running_turns
set agent_id = '20000000-0000-4000-8000-000000000001', prices = prices || private.prices_of_routes('[{"service_id": "acme_ai_1"}]');
delete from public.agents where id = '20000000-0000-4000-8000-000000000001';
delete from public.vendors where id = 'acme_ai';

select is(
  pg_temp.settle(turn, '{
    "state": "succeeded", "content": "a", "vendor_id": "acme_ai", "service_id": "acme_ai_1",
    "usage": {"input_tokens": 1000000, "output_tokens": 0},
    "attempts": [{
      "attempt": 1, "agent_id": "20000000-0000-4000-8000-000000000001", "vendor_id": "acme_ai", "service_id": "acme_ai_1",
      "status": "succeeded", "upstream_status": 999, "usage": {"input_tokens": 1000000, "output_tokens": 0},
      "started_at": "2026-01-01T00:00:00Z"
    }]
  }'),
  '{"settled": true, "total_cost": "1.0000000000"}'::jsonb, 'it costs what it cost when it began'
)
from answers;
select results_eq(
  'select turn_state, agent_id, vendor_id, service_id, price_id, total_cost from public.ai_interactions',
  $$
    values (
      'succeeded', '20000000-0000-4000-8000-000000000001'::uuid, null::text, null::text, null::uuid, 1::numeric(20, 10)
    )
  $$,
  'what is gone is null; whose turn it was stays'
);
select results_eq(
  'select agent_id, vendor_id, service_id, upstream_status, total_cost from public.agent_executions',
  $$ values (null::uuid, null::text, null::text, null::integer, 1::numeric(20, 10)) $$, 'so it is in the attempt'
);
select is_empty($$ select * from public.reprice_interactions('[2020-01-01,)') $$, 'which keeps its cost forever');
select isnt(
  pg_temp.begin('eve', jsonb_build_object('model', 'gpt-4o', 'session_id', turn ->> 'session_id')) ->> 'turn_id', null,
  'and its session goes on'
)
from answers;

select * from finish();
rollback;
