begin;
select plan(6);

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
create temporary table answers as select pg_temp.begin('eve', '{"model": "gpt-4o"}') as turn;
select pg_temp.settle(turn, '{"state": "succeeded", "content": "first", "usage": {"input_tokens": 10, "output_tokens": 1}}')
from answers;
create temporary table before as
select to_jsonb(i) as interaction, (select jsonb_agg(to_jsonb(m) order by m.seq) from public.chat_messages m) as messages
from public.ai_interactions i;

select is(
  pg_temp.settle(turn, outcome), '{"settled": false, "total_cost": null}'::jsonb, 'again: ' || (outcome ->> 'state')
)
from answers, (values
  ('{"state": "succeeded", "content": "second", "usage": {"input_tokens": 99, "output_tokens": 99}}'::jsonb),
  (
    '{
      "state": "failed", "error": {"code": "x", "message": "y"},
      "attempts": [{"attempt": 1, "status": "failed", "started_at": "2026-01-01T00:00:00Z"}]
    }'
  )
) as outcomes (outcome);

select is((select to_jsonb(i) from public.ai_interactions i), (select interaction from before), 'the ledger is as before');
select is(
  (select jsonb_agg(to_jsonb(m) order by m.seq) from public.chat_messages m), (select messages from before),
  'and so is the conversation'
);
select is_empty('select id from public.agent_executions', 'and no attempt was added');
select is(
  public.settle_chat_turn(gen_random_uuid(), '{"state": "failed"}'), '{"settled": false, "total_cost": null}'::jsonb,
  'a turn that never was is not settled'
);

select * from finish();
rollback;
