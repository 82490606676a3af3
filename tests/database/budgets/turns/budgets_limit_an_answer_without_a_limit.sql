begin;
select plan(15);

create function pg_temp.begin(request jsonb)
returns jsonb
language sql
as $$
  select public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id('eve')),
    jsonb_build_object('request_id', gen_random_uuid(), 'messages', '[{"role": "user", "content": "hi"}]'::jsonb)
      || request
  )
$$;
-- What the turn may be answered with, and what was reserved for it.
create function pg_temp.ask(request jsonb, out tokens integer, out amount numeric)
language plpgsql
as $$
declare
  turn jsonb := pg_temp.begin('{"model": "gpt-4o"}' || request);
begin
  tokens := (turn ->> 'max_output_tokens')::integer;
  select max(amount_usd) into amount from public.budget_reservations where interaction_id = (turn ->> 'turn_id')::uuid;
end
$$;
insert into public.user_api_keys (user_id, vendor_id, encrypted_key, key_preview)
values (tests.id('eve'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', '');
select is((select tokens from pg_temp.ask('{}')), null, 'none where there is no budget');
insert into public.budgets (organization_id, period, limit_usd)
select current_organization_id, 'day', 100 from public.profiles where id = tests.id('eve');

-- 35 bytes of messages are 35 tokens at most: 0.0000875 dollars.
select results_eq(
  $$ select * from pg_temp.ask('{}') $$, $$ values (16384, 0.1639275::numeric) $$, 'the model''s own, where it is affordable'
);
select results_eq(
  $$ select * from pg_temp.ask('{"max_output_tokens": 500}') $$, $$ values (null::integer, 0.0050875::numeric) $$,
  'none beside the caller''s'
);
select results_eq(
  $$ select * from pg_temp.ask('{"max_output_tokens": 500, "other_bytes": 4000}') $$,
  $$ values (null::integer, 0.0150875::numeric) $$, 'what the model reads besides its messages counts'
);
update public.organizations set settings = '{"max_tokens": 300}' where created_by = tests.id('eve') and is_personal;
select results_eq(
  $$ select * from pg_temp.ask('{}') $$, $$ values (300, 0.0030875::numeric) $$, 'the organization''s'
);
update public.organizations set settings = '{}' where created_by = tests.id('eve') and is_personal;

update public.budgets set limit_usd = spent_usd + reserved_usd + 0.2;
select results_eq(
  $$ select * from pg_temp.ask('{}') $$, $$ values (4991, 0.0499975::numeric) $$,
  'a quarter of what is left, so that others are answered too'
);
update public.budgets set limit_usd = spent_usd + reserved_usd + 0.02;
select results_eq(
  $$ select * from pg_temp.ask('{}') $$, $$ values (1024, 0.0103275::numeric) $$, 'a thousand tokens at least'
);
select tests.refused($$ select pg_temp.begin('{"model": "gpt-4o"}') $$, 402, 'budget_exceeded', 'or none at all');

update public.budgets set limit_usd = spent_usd + reserved_usd + 100;
insert into public.budgets (organization_id, agent_id, period, limit_usd)
select current_organization_id, agents.id, 'day', 0.12 from public.profiles, public.agents
where profiles.id = tests.id('eve') and agents.name = 'droid';
update public.budgets set spent_usd = 0 where agent_id is not null;
select is((select tokens from pg_temp.ask('{}')), 2991, 'by the budget of which least is left');
update public.budgets set is_active = false where agent_id is not null;
select is((select tokens from pg_temp.ask('{}')), 16384, 'one that is switched off says nothing');
update public.budgets set is_active = false;
select is((select tokens from pg_temp.ask('{}')), null, 'nor do all of them');
update public.budgets set is_active = true where agent_id is null;

update public.vendor_services set max_output_tokens = null where id = 'openrouter_gpt4o';
select is((select tokens from pg_temp.ask('{}')), 4096, 'where the model''s own is not known, four thousand');
update public.service_prices set output_rate = 0 where service_id = 'openrouter_gpt4o';
update public.budgets set limit_usd = spent_usd + reserved_usd + 0.0001;
select is((select tokens from pg_temp.ask('{}')), 4096, 'what costs nothing is not shortened');
delete from public.service_prices where service_id = 'openrouter_gpt4o';
insert into public.user_api_keys (user_id, vendor_id, encrypted_key, key_preview)
values (tests.id('eve'), 'openrouter', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', '');
select is(
  (select tokens from pg_temp.ask('{"model": "openrouter/openai/gpt-4o"}')), null, 'what has no price is not limited'
);
select is(
  pg_temp.begin('{"model": "openai/text-embedding-3-small", "kind": "embedding"}') ->> 'max_output_tokens', null, 'nor is an embedding'
);

select * from finish();
rollback;
