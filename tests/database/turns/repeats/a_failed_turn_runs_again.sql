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
create function pg_temp.settle(turn jsonb, outcome jsonb)
returns jsonb
language sql
as $$ select public.settle_chat_turn((turn ->> 'turn_id')::uuid, outcome) $$;
create function pg_temp.again()
returns jsonb
language sql
as $$ select pg_temp.begin('eve', '{"model": "gpt-4o", "idempotency_key": "k1", "fingerprint": "f1"}') $$;

create temporary table answers as select 1 as place, pg_temp.again() as turn;
select pg_temp.settle(turn, '{"state": "failed"}') from answers where place = 1;
insert into answers select 2, pg_temp.again();
select pg_temp.settle(turn, '{"state": "partial", "content": "ha"}') from answers where place = 2;
insert into answers select 3, pg_temp.again();
select pg_temp.settle(turn, '{"state": "succeeded", "content": "ha"}') from answers where place = 3;
insert into answers select 4, pg_temp.again();
update private.running_turns set lease_expires_at = now() - interval '1 second';
insert into answers select 5, pg_temp.again();
select pg_temp.settle(turn, '{"state": "succeeded", "content": "ha", "answer": {"a": 5}}') from answers where place = 5;

select is((select count(distinct turn ->> 'turn_id') from answers), 5::bigint, 'each time a new turn');
select results_eq(
  $$
    select place, turn_state, idempotency_key, fingerprint, error_code from public.ai_interactions i
    join answers on i.id = (turn ->> 'turn_id')::uuid
    left join private.stored_answers a on a.interaction_id = i.id order by place
  $$,
  $$
    values
      (1, 'failed', null, null, null), (2, 'partial', null, null, null), (3, 'succeeded', null, null, null),
      (4, 'failed', null, null, 'abandoned'), (5, 'succeeded', 'k1', 'f1', null)
  $$,
  'after a failure, a cut, a success that left no answer, and a lease that had ended; the key is the last one''s'
);
select is(pg_temp.again() -> 'replay', '{"a": 5}'::jsonb, 'then it is repeated');

select * from finish();
rollback;
