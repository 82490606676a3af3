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
create temporary table answers as
select pg_temp.begin('eve', '{"model": "gpt-4o", "idempotency_key": "k1", "fingerprint": "f1"}') as turn;

select tests.refused(
  $$ select pg_temp.begin('eve', '{"model": "gpt-4o", "idempotency_key": "k1", "fingerprint": "f1"}') $$,
  409, 'request_in_progress', 'while the first runs, the second waits'
);
select tests.refused(
  $$ select pg_temp.begin('eve', '{"model": "gpt-4o", "idempotency_key": "k1", "fingerprint": "f2"}') $$,
  422, 'idempotency_key_reused', 'another body is refused'
);
update private.running_turns set lease_expires_at = now();
select tests.refused(
  $$ select pg_temp.begin('eve', '{"model": "gpt-4o", "idempotency_key": "k1", "fingerprint": "f1"}') $$,
  409, 'request_in_progress', 'to the last moment of its lease'
);
select pg_temp.settle(turn, '{"state": "succeeded", "content": "yo", "answer": {"a": 1}}') from answers;
select tests.refused(
  $$ select pg_temp.begin('eve', '{"model": "gpt-4o", "idempotency_key": "k1", "fingerprint": "f2"}') $$,
  422, 'idempotency_key_reused', 'also when the first is done'
);
select tests.refused(
  $$
    select pg_temp.begin(
      'eve', '{"model": "gpt-4o", "idempotency_key": "k1", "fingerprint": "f1", "session_id": "sess_another_one"}'
    )
  $$,
  422, 'idempotency_key_reused', 'as is another session'
);

select * from finish();
rollback;
