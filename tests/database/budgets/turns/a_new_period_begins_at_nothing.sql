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
insert into public.budgets (organization_id, period, limit_usd)
select current_organization_id, unnest(array['day', 'month', 'total']), 1 from public.profiles where id = tests.id('eve');
create temporary table answers as select pg_temp.begin('eve', '{"model": "gpt-4o"}') as turn;
-- Yesterday, and last month: what was spent then is history, what was begun then counts there.
update public.budgets set spent_usd = 1, period_started_at = period_started_at - interval '40 days' where period <> 'total';
update public.budgets set spent_usd = 0.5 where period = 'total';
update private.running_turns set created_at = now() - interval '40 days';

select isnt(pg_temp.begin('eve', '{"model": "gpt-4o"}') ->> 'turn_id', null, 'a spent budget is new the next day');
select results_eq(
  $$
    select period, spent_usd, period_started_at from public.budgets order by period
  $$,
  $$
    values
      ('day', 0::numeric(20, 10), date_trunc('day', now(), 'UTC')), ('month', 0, date_trunc('month', now(), 'UTC')),
      ('total', 0.5, '-infinity')
  $$,
  'spending begins at nothing, but for the whole time'
);

select pg_temp.settle(turn, '{"state": "succeeded", "content": "a", "usage": {"input_tokens": 100000, "output_tokens": 0}}')
from answers;
select results_eq(
  'select period, spent_usd from public.budgets order by period',
  $$ values ('day', 0::numeric(20, 10)), ('month', 0), ('total', 0.75) $$,
  'a turn that began before is not paid from the new period'
);
select is(
  (select count(*) from public.budget_reservations), 3::bigint, 'but what was reserved for it is released everywhere'
);
select is(
  (select count(distinct reserved_usd) from public.budgets), 1::bigint, 'and what is reserved for the other one stays'
);

select * from finish();
rollback;
