begin;
select plan(12);

update public.profiles set current_organization_id = tests.id('acme') where id = tests.id('carol');
insert into public.access_keys (id, organization_id, user_id, name, prefix, last_four) values
  ('a0000000-0000-4000-8000-000000000001', tests.id('acme'), tests.id('carol'), 'One', 'agb_1111', '1111'),
  ('a0000000-0000-4000-8000-000000000002', tests.id('acme'), tests.id('carol'), 'Two', 'agb_2222', '2222');
insert into private.access_key_secrets (token_hash, access_key_id) values
  (repeat('1', 64), 'a0000000-0000-4000-8000-000000000001'), (repeat('2', 64), 'a0000000-0000-4000-8000-000000000002');
create function pg_temp.begin(key text, request jsonb default '{}')
returns jsonb
language sql
as $$
  select public.begin_chat_turn(
    jsonb_build_object('access_key', repeat(key, 64)),
    jsonb_build_object('request_id', gen_random_uuid(), 'model', 'gpt-4o', 'messages', '[{"role": "user", "content": "hi"}]'::jsonb)
      || request
  )
$$;
create function pg_temp.ask(key text)
returns jsonb
language sql
as $$ select pg_temp.begin(key, '{"max_output_tokens": 1000}') $$;
-- Two of a cent, and something.
insert into public.budgets (organization_id, access_key_id, period, limit_usd) values
  (tests.id('acme'), 'a0000000-0000-4000-8000-000000000001', 'month', 0.0253);
create temporary table answers as select pg_temp.ask('1') as turn union all select pg_temp.ask('1');
select tests.refused($$ select pg_temp.ask('1') $$, 402, 'budget_exceeded', 'the third could cost more than its budget leaves');
select isnt(pg_temp.ask('2'), null, 'which is none of another key''s concern');
create function pg_temp.refusal()
returns table (message text, data jsonb)
language plpgsql
as $$
declare
  text_of_hint text;
begin
  perform pg_temp.ask('1');
exception when sqlstate 'PT402' then
  get stacked diagnostics message = message_text, text_of_hint = pg_exception_hint;
  data := tests.error_data(text_of_hint);
  return next;
end
$$;
select results_eq(
  'select message, data - ''resets_at'' from pg_temp.refusal()',
  $$ values (
    'Cannot run the request: it could cost more than is left of the access key''s monthly budget.',
    '{"budget_scope": "access_key", "period": "month", "limit_usd": "0.0253"}'::jsonb
  ) $$,
  'it says that it is the key''s'
);
select results_eq(
  'select reserved_usd, spent_usd from public.budgets', $$ values (0.020175::numeric(20, 10), 0::numeric(20, 10)) $$,
  'what both could cost is reserved'
);
select public.settle_chat_turn(
  (turn ->> 'turn_id')::uuid, '{"state": "succeeded", "content": "yo", "usage": {"input_tokens": 1000, "output_tokens": 100}}'
) from answers;
select results_eq(
  'select reserved_usd, spent_usd from public.budgets', $$ values (0::numeric(20, 10), 0.007::numeric(20, 10)) $$,
  'what both cost is spent'
);
insert into public.budgets (organization_id, access_key_id, period, limit_usd) values
  (tests.id('acme'), 'a0000000-0000-4000-8000-000000000001', 'total', 1);
select is((select spent_usd from public.budgets where period = 'total'), 0.007::numeric(20, 10), 'a new one knows what its key cost before');

select tests.breaks(
  $$
    insert into public.budgets (organization_id, access_key_id, period, limit_usd)
    select id, 'a0000000-0000-4000-8000-000000000001', 'day', 1 from public.organizations where created_by = tests.id('carol') and is_personal
  $$,
  'budget_is_for_an_access_key_of_the_organization', 'it is one of the organization that pays'
);
select tests.breaks(
  $$
    insert into public.budgets (organization_id, access_key_id, user_id, period, limit_usd)
    values (tests.id('acme'), 'a0000000-0000-4000-8000-000000000001', tests.id('carol'), 'day', 1)
  $$,
  'budget_is_for_one_person_agent_or_key', 'for the key and no one else'
);
select tests.breaks(
  $$
    insert into public.budgets (organization_id, access_key_id, period, limit_usd)
    values (tests.id('acme'), 'a0000000-0000-4000-8000-000000000001', 'month', 1)
  $$,
  'one_budget_per_scope_and_period', 'once per period'
);
select lives_ok(
  $$
    insert into public.budgets (organization_id, access_key_id, period, limit_usd) values
      (tests.id('acme'), 'a0000000-0000-4000-8000-000000000002', 'month', 1), (tests.id('acme'), null, 'month', 1)
  $$,
  'for each key'
);
delete from public.access_keys where name = 'Two';
select is((select count(*) from public.budgets), 3::bigint, 'it goes with its key');
select is(
  (select count(*) from tests.turns where organization_id = tests.id('acme')), 3::bigint, 'and the ledger stays'
);

select * from finish();
rollback;
