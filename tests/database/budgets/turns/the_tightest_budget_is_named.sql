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
create function pg_temp.named()
returns text
language plpgsql
as $$
declare
  hint text;
begin
  perform pg_temp.begin('eve', '{"model": "gpt-4o", "max_output_tokens": 1000}');
  return null;
exception when sqlstate 'PT402' then
  get stacked diagnostics hint = pg_exception_hint;
  return tests.error_data(hint) ->> 'period';
end
$$;
insert into public.budgets (organization_id, period, limit_usd)
select current_organization_id, unnest(array['day', 'month', 'total']), 1 from public.profiles where id = tests.id('eve');

-- What is left is 0.005, 0.004 and 0.006; what is spent and what is reserved are in another order.
update public.budgets set spent_usd = 0.100, reserved_usd = 0.895 where period = 'day';
update public.budgets set spent_usd = 0.900, reserved_usd = 0.096 where period = 'month';
update public.budgets set spent_usd = 0.500, reserved_usd = 0.494 where period = 'total';
select is(pg_temp.named(), 'month', 'the one with the least left');
update public.budgets set spent_usd = 0.003, reserved_usd = 0.994 where period = 'day';
select is(pg_temp.named(), 'day', 'however it was spent');

select * from finish();
rollback;
