begin;
select plan(4);

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
select pg_temp.settle(turn, '{"state": "succeeded", "content": "yo", "answer": {"a": 1}}') from answers;
select results_eq(
  'select expires_at - created_at from private.stored_answers', $$ values (interval '24 hours') $$, 'a day'
);

update private.stored_answers set expires_at = now();
select is(
  pg_temp.begin('eve', '{"model": "gpt-4o", "idempotency_key": "k1", "fingerprint": "f1"}') -> 'replay',
  '{"a": 1}'::jsonb, 'to its last moment'
);
update private.stored_answers set expires_at = now() - interval '1 microsecond';
select isnt(
  pg_temp.begin('eve', '{"model": "gpt-4o", "idempotency_key": "k1", "fingerprint": "f2"}') ->> 'messages', null,
  'after that the key is for a new request, whatever its body'
);
select results_eq(
  $$
    select idempotency_key, fingerprint, 'running' from private.running_turns
    union all
    select idempotency_key, fingerprint, turn_state from public.ai_interactions i
    left join private.stored_answers a on a.interaction_id = i.id
  $$,
  $$ values ('k1', 'f2', 'running'), (null, null, 'succeeded') $$, 'and the old turn lets it go'
);

select * from finish();
rollback;
