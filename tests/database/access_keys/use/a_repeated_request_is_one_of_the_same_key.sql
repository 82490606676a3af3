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
create temporary table answers as
select pg_temp.begin('1', '{"idempotency_key": "k1", "fingerprint": "f1"}') as turn;
select public.settle_chat_turn(
  (turn ->> 'turn_id')::uuid, '{"state": "succeeded", "content": "yo", "answer": {"id": "chatcmpl-1", "choices": []}}'
) from answers;

select is(
  pg_temp.begin('1', '{"idempotency_key": "k1", "fingerprint": "f1"}') -> 'replay' ->> 'id', 'chatcmpl-1', 'the key gets its answer'
);
update private.access_key_secrets set access_key_id = 'a0000000-0000-4000-8000-000000000001' where token_hash = repeat('2', 64);
select is(
  pg_temp.begin('2', '{"idempotency_key": "k1", "fingerprint": "f1"}') -> 'replay' ->> 'id', 'chatcmpl-1', 'by whichever of its secrets'
);
update private.access_key_secrets set access_key_id = 'a0000000-0000-4000-8000-000000000002' where token_hash = repeat('2', 64);
select tests.refused(
  $$ select pg_temp.begin('2', '{"idempotency_key": "k1", "fingerprint": "f1"}') $$, 422, 'idempotency_key_reused',
  'another key of the person does not'
);
select tests.refused(
  $$
    select public.begin_chat_turn(
      jsonb_build_object('user_id', tests.id('carol')),
      '{"request_id": "r", "model": "gpt-4o", "messages": [], "idempotency_key": "k1", "fingerprint": "f1"}'
    )
  $$, 422, 'idempotency_key_reused', 'nor does the person'
);

select * from finish();
rollback;
