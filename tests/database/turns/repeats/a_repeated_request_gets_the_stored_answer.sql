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
select pg_temp.settle(turn, '{"state": "succeeded", "content": "yo", "answer": {"id": "chatcmpl-1", "choices": []}}')
from answers;

select is(
  pg_temp.begin('eve', '{"model": "gpt-4o", "idempotency_key": "k1", "fingerprint": "f1"}'),
  (
    select jsonb_build_object(
      'replay', '{"id": "chatcmpl-1", "choices": []}'::jsonb, 'turn_id', turn ->> 'turn_id',
      'session_id', turn ->> 'session_id', 'caller', turn -> 'caller'
    )
    from answers
  ),
  'the answer, its turn and its session'
);
select is((select count(*) from public.ai_interactions), 1::bigint, 'nothing is begun');
select is((select count(*) from public.chat_messages), 2::bigint, 'and nothing stored');

select isnt(
  pg_temp.begin('bob', '{"model": "gpt-4o", "idempotency_key": "k1", "fingerprint": "f1"}') ->> 'messages', null,
  'another person''s key of that name is another key'
);
select isnt(
  pg_temp.begin('eve', '{"model": "gpt-4o", "idempotency_key": "k2", "fingerprint": "f1"}') ->> 'messages', null,
  'as is another key'
);

select * from finish();
rollback;
