begin;
select plan(2);

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
update public.profiles set current_organization_id = tests.id('acme') where id = tests.id('carol');
insert into public.budgets (organization_id, user_id, period, limit_usd) values
  (tests.id('acme'), tests.id('carol'), 'day', 1), (tests.id('acme'), tests.id('bob'), 'day', 1);
insert into public.budgets (organization_id, period, limit_usd)
select id, 'day', 1 from public.organizations where created_by = tests.id('carol') and is_personal;
update public.budgets set spent_usd = 0.5, period_started_at = now() - interval '40 days';

create temporary table answers as select pg_temp.begin('carol', '{"model": "gpt-4o", "max_output_tokens": 1000}') as turn;
select results_eq(
  $$
    select user_id, reserved_usd, spent_usd, period_started_at < now() - interval '39 days'
    from public.budgets order by user_id
  $$,
  $$
    values
      (tests.id('bob'), 0::numeric(20, 10), 0::numeric(20, 10), false), (tests.id('carol'), 0.0100875, 0, false),
      (null, 0, 0.5, true)
  $$,
  'nothing is reserved in a colleague''s, and another organization''s is left as it was'
);
select pg_temp.settle(turn, '{"state": "succeeded", "content": "a", "usage": {"input_tokens": 1000, "output_tokens": 0}}')
from answers;
select results_eq(
  'select user_id, reserved_usd, spent_usd from public.budgets order by user_id',
  $$
    values (tests.id('bob'), 0::numeric(20, 10), 0::numeric(20, 10)), (tests.id('carol'), 0, 0.0025), (null, 0, 0.5)
  $$,
  'and nothing is charged there'
);

select * from finish();
rollback;
