begin;
select plan(11);

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
create temporary table answers (turn jsonb);
create function pg_temp.again()
returns boolean
language sql
as $$ select public.reserve_attempt((turn ->> 'turn_id')::uuid) from answers $$;

insert into answers select pg_temp.begin('eve', '{"model": "gpt-4o", "max_output_tokens": 1000}');
select is((select turn -> 'has_budget' from answers), 'false', 'a turn that no budget concerns says so');
select is(pg_temp.again(), true, 'and may be called again');

insert into public.budgets (organization_id, period, limit_usd)
select current_organization_id, unnest(array['day', 'total']), 0.035 from public.profiles where id = tests.id('eve');
update answers set turn = pg_temp.begin('eve', '{"model": "gpt-4o", "max_output_tokens": 1000}');
select is((select turn -> 'has_budget' from answers), 'true', 'one that has a budget says so');
select results_eq('select distinct reserved_usd from public.budgets', 'values (0.0100875)', 'its first call is reserved');
select is(pg_temp.again(), true, 'a second one is taken');
select results_eq('select distinct reserved_usd from public.budgets', 'values (0.020175)', 'and reserved too');
select is(pg_temp.again(), true, 'and a third');
select is(pg_temp.again(), false, 'not one that the budget does not hold');
select results_eq(
  'select distinct reserved_usd, amount_usd, attempts from public.budgets join public.budget_reservations on budget_id = budgets.id',
  'values (0.0302625, 0.0302625, 3)', 'for which nothing is reserved'
);
select public.settle_chat_turn((turn ->> 'turn_id')::uuid, '{"state": "failed"}') from answers;
select results_eq('select distinct reserved_usd from public.budgets', 'values (0::numeric(20, 10))', 'all of it is released');
select is(pg_temp.again(), false, 'a turn that is settled is not called again');

select * from finish();
rollback;
