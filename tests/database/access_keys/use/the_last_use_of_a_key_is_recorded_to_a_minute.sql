begin;
select plan(4);

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
select pg_temp.begin('1');
select is((select last_used_at from public.access_keys where name = 'One'), now(), 'a call marks it');
select is((select last_used_at from public.access_keys where name = 'Two'), null, 'and no other');
update public.access_keys set last_used_at = now() - interval '59 seconds' where name = 'One';
select pg_temp.begin('1');
select is(
  (select last_used_at from public.access_keys where name = 'One'), now() - interval '59 seconds', 'within a minute it is not marked again'
);
update public.access_keys set last_used_at = now() - interval '61 seconds' where name = 'One';
select public.list_chat_models(jsonb_build_object('access_key', repeat('1', 64)));
select is((select last_used_at from public.access_keys where name = 'One'), now(), 'after it is');

select * from finish();
rollback;
