begin;
select plan(3);

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
select current_organization_id, unnest(array['day', 'total']), 1 from public.profiles where id = tests.id('eve');
create temporary table answers as
select place, pg_temp.begin('eve', '{"model": "gpt-4o", "max_output_tokens": 1000}') as turn
from generate_series(1, 4) as place;
select is(
  (select count(*) from public.budgets where reserved_usd = (select sum(amount_usd) / 2 from public.budget_reservations)),
  2::bigint, 'four turns are reserved for'
);

select pg_temp.settle(turn, '{"state": "succeeded", "content": "a", "usage": {"input_tokens": 1000, "output_tokens": 100}}')
from answers where place = 1;
select pg_temp.settle(turn, '{"state": "partial", "content": "a", "usage": {"input_tokens": 1000, "output_tokens": 0}}')
from answers where place = 2;
select pg_temp.settle(turn, '{"state": "failed"}') from answers where place = 3;
select pg_temp.settle(turn, '{"state": "succeeded", "content": "a"}') from answers where place = 4;
select pg_temp.settle(turn, '{"state": "succeeded", "content": "a", "usage": {"input_tokens": 9999, "output_tokens": 0}}')
from answers;

select results_eq(
  'select period, spent_usd, reserved_usd from public.budgets order by period',
  $$ values ('day', 0.0060325::numeric(20, 10), 0::numeric(20, 10)), ('total', 0.0060325, 0) $$,
  'once, whatever came of it; what was sold and not counted, by its estimate'
);
select is_empty('select id from public.budget_reservations', 'and nothing stays reserved');

select * from finish();
rollback;
