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
create temporary table answers as select pg_temp.begin('eve', '{"model": "droid"}') as turn;

select tests.refused(
  format('select pg_temp.begin(''eve'', ''{"model": "droid", "session_id": "%s"}'')', turn ->> 'session_id'),
  409, 'session_busy', 'while a turn runs the next is refused'
)
from answers;
select is((select count(*) from public.chat_messages), 1::bigint, 'and leaves nothing behind');

select public.settle_chat_turn((turn ->> 'turn_id')::uuid, '{"state": "succeeded", "content": "yo"}') from answers;
select isnt(
  (
    select pg_temp.begin('eve', jsonb_build_object('model', 'droid', 'session_id', turn ->> 'session_id')) ->> 'turn_id'
    from answers
  ),
  null, 'once it is settled the next may come'
);

select * from finish();
rollback;
