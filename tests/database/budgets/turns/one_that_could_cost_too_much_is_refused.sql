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
insert into public.budgets (organization_id, period, limit_usd)
select current_organization_id, 'day', 0.0253 from public.profiles where id = tests.id('eve');
create function pg_temp.ask()
returns jsonb
language sql
as $$ select pg_temp.begin('eve', '{"model": "gpt-4o", "max_output_tokens": 1000}') $$;
select isnt(pg_temp.ask() ->> 'turn_id', null, 'the first may cost a cent');
select isnt(pg_temp.ask() ->> 'turn_id', null, 'and the second');
select tests.refused('select pg_temp.ask()', 402, 'budget_exceeded', 'the third could cost more than is left');
select is((select count(*) from private.running_turns), 2::bigint, 'and is not begun');
select is((select count(*) from public.chat_sessions), 2::bigint, 'nor its session');
select isnt(
  pg_temp.begin('eve', '{"model": "gpt-4o", "max_output_tokens": 100}') ->> 'turn_id', null, 'a smaller one fits'
);

update public.budgets set limit_usd = spent_usd + reserved_usd + 0.0100875;
select isnt(pg_temp.ask() ->> 'turn_id', null, 'one that fills it exactly fits');
update public.budgets set limit_usd = spent_usd + reserved_usd + 0.0100874999;
select tests.refused('select pg_temp.ask()', 402, 'budget_exceeded', 'a ten-billionth less does not');

-- With the caller's own key, which is not asked for a price.
insert into public.user_api_keys (user_id, vendor_id, encrypted_key, key_preview)
values (tests.id('eve'), 'openrouter', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', '');
create or replace function pg_temp.ask()
returns jsonb
language sql
as $$ select pg_temp.begin('eve', '{"model": "openrouter/openai/gpt-4o", "max_output_tokens": 1000}') $$;
delete from public.service_prices where service_id = 'openrouter_gpt4o';
select isnt(pg_temp.ask() ->> 'turn_id', null, 'what has no price cannot cost too much');
update public.budgets set spent_usd = limit_usd, reserved_usd = 0;
select tests.refused('select pg_temp.ask()', 402, 'budget_exceeded', 'but a budget that is spent stops even that');
update public.budgets set is_active = false;
select isnt(pg_temp.ask() ->> 'turn_id', null, 'one that is switched off stops nothing');

select * from finish();
rollback;
