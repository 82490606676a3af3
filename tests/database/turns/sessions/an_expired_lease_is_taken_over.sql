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
create temporary table answers as
select pg_temp.begin('eve', '{"model": "droid", "messages": [{"role": "user", "content": "lost"}]}') as turn;
update private.running_turns set lease_expires_at = now();
select tests.refused(
  format('select pg_temp.begin(''eve'', ''{"model": "droid", "session_id": "%s"}'')', turn ->> 'session_id'),
  409, 'session_busy', 'to its last moment the turn holds the session'
)
from answers;

update private.running_turns set lease_expires_at = now() - interval '1 microsecond';
select is(
  (
    select pg_temp.begin('eve', jsonb_build_object('model', 'droid', 'session_id', turn ->> 'session_id')) -> 'messages'
    from answers
  ),
  '[{"role": "user", "content": "hi"}]'::jsonb, 'then the next goes on without what no one answered'
);
select results_eq(
  'select turn_state, error_code, total_cost from tests.turns order by turn_state',
  $$ values ('failed', 'abandoned', 1.28002::numeric), ('running', null, null) $$,
  'and the turn before is settled as abandoned, at what it may have sold'
);
select is(
  (select public.settle_chat_turn((turn ->> 'turn_id')::uuid, '{"state": "succeeded", "content": "late"}') from answers),
  '{"settled": false, "total_cost": null}'::jsonb, 'its process comes too late'
);

select * from finish();
rollback;
