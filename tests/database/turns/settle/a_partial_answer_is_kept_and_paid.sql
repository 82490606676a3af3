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
create temporary table answers as select pg_temp.begin('eve', '{"model": "gpt-4o"}') as turn;
select is(
  pg_temp.settle(turn, '{
    "state": "partial", "content": "Once upon", "usage": {"input_tokens": 100, "output_tokens": 10, "estimated": true},
    "error": {"code": "client_gone", "message": "The client went away."}
  }') ->> 'total_cost',
  '0.0003500000', 'what was made is paid for'
)
from answers;
select results_eq(
  'select turn_state, status, usage_is_estimated, error_code, error_message from public.ai_interactions',
  $$ values ('partial', 'completed', true, 'client_gone', 'The client went away.') $$,
  'the ledger says why it ended, and that the tokens are an estimate'
);
select results_eq(
  'select role, content, status from public.chat_messages order by seq',
  $$ values ('user', 'hi', 'complete'), ('assistant', 'Once upon', 'partial') $$,
  'and the conversation goes on from there'
);

select * from finish();
rollback;
