begin;
select plan(1);

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
create temporary table before as select agent_id, xmin::text as version from public.agent_health;
select pg_temp.settle(pg_temp.begin('eve', '{"model": "gpt-4o"}'), '{
  "state": "succeeded", "content": "a",
  "attempts": [{"attempt": 1, "status": "succeeded", "latency_ms": 77, "started_at": "2026-01-01T00:00:00Z"}]
}');
select is_empty(
  'select * from public.agent_health health join before using (agent_id) where health.xmin::text <> before.version',
  'a healthy agent''s row is not touched by its turns'
);

select * from finish();
rollback;
