begin;
select plan(4);

update public.plans set platform_credential = 'priced_catalogue', platform_credential_usd = 5;
insert into public.agents (id, name, created_by, vendor_id, service_id) values
  ('20000000-0000-4000-8000-000000000001', 'own', tests.id('eve'), 'openai', 'openai_gpt4o_mini');

create function pg_temp.begin(model text) returns jsonb language sql as $$
  select public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id('eve')),
    jsonb_build_object(
      'request_id', gen_random_uuid(), 'model', begin.model,
      'messages', '[{"role": "user", "content": "hi"}]'::jsonb
    )
  )
$$;

select pg_temp.begin('gpt-4o');
select is_empty('select from public.budgets', 'a platform agent needs no budget');
create temporary table first as select pg_temp.begin('own') as turn;
select is((select turn #>> '{routes,0,credential}' from first), 'platform', 'the first turn of an own agent spends the platform''s credential');
select results_eq(
  $$ select period, limit_usd, reserved_usd > 0 from public.budgets $$,
  $$ values ('month', 5::numeric(20, 10), true) $$,
  'within a monthly budget, in which it reserves what it could cost'
);
insert into public.user_api_keys (user_id, vendor_id, encrypted_key, key_preview) values
  (tests.id('eve'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', '');
delete from public.budget_reservations;
delete from public.budgets;
select pg_temp.begin('own');
select is_empty('select from public.budgets', 'a turn with an own key makes none');

select * from finish();
rollback;
