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
insert into public.budgets (organization_id, period, limit_usd)
select current_organization_id, 'day', 1 from public.profiles where id = tests.id('eve');
select pg_temp.begin('eve', '{"model": "gpt-4o"}');
update private.running_turns set lease_expires_at = now() - interval '1 second';
select is((select reserved_usd > 0 from public.budgets), true, 'a turn that runs holds something');
select is(public.sweep_chat_turns(), 1, 'it is swept');
select results_eq(
  'select spent_usd, reserved_usd from public.budgets', 'values (0.1638625::numeric(20, 10), 0::numeric(20, 10))',
  'and costs what it may have sold'
);

select * from finish();
rollback;
