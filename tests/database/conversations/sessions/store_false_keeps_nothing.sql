begin;
select plan(10);

create function pg_temp.begin(request jsonb)
returns jsonb
language sql
as $$
  select public.begin_chat_turn(
    jsonb_build_object('user_id', tests.id('eve')),
    jsonb_build_object('request_id', gen_random_uuid(), 'model', 'gpt-4o', 'store', false) || request
  )
$$;
create function pg_temp.settle(turn jsonb, content text, body jsonb default null)
returns jsonb
language sql
as $$
  select public.settle_chat_turn((turn ->> 'turn_id')::uuid, jsonb_build_object(
    'state', 'succeeded', 'content', content, 'answer', body, 'vendor_id', 'openrouter', 'service_id', 'openrouter_gpt4o',
    'usage', '{"input_tokens": 1000000, "output_tokens": 0}'::jsonb
  ))
$$;
create temporary table said as
select pg_temp.begin('{"messages": [{"role": "user", "content": "Between us."}], "title": "Secret"}') as turn;
select is(turn -> 'session_id', 'null', 'there is no session') from said;
select isnt(pg_temp.settle(turn, 'Yes.') ->> 'total_cost', null, 'the turn has its cost') from said;
select is((select count(*) from public.chat_sessions) + (select count(*) from public.chat_messages), 0::bigint, 'and no text');
select results_eq(
  $$ select turn_state, input_tokens, session_id from public.ai_interactions $$,
  $$ values ('succeeded', 1000000::bigint, null::uuid) $$, 'in the ledger it is a turn as any other'
);

-- In a session.
truncate said;
insert into said select pg_temp.begin('{"store": true, "messages": [{"role": "user", "content": "u1"}]}');
select pg_temp.settle(turn, 'a1') from said;
create temporary table asides as
select pg_temp.begin(jsonb_build_object('session_id', turn ->> 'session_id', 'messages', '[{"role": "user", "content": "aside"}]'::jsonb)) as turn
from said;
select is(
  (select string_agg(message ->> 'content', ' ') from asides, jsonb_array_elements(turn -> 'messages') as message), 'u1 a1 aside',
  'a session is read'
);
select pg_temp.settle(turn, 'aside answer') from asides;
select is(
  (select string_agg(content, ' ' order by seq) from public.chat_messages), 'u1 a1', 'and not written'
);
select is(
  (select jsonb_array_length(pg_temp.begin(jsonb_build_object('continues_turn', turn ->> 'turn_id', 'messages', '[{"role": "user", "content": "u2"}]'::jsonb)) -> 'messages') from said),
  3, 'as is an earlier turn'
);
select tests.refused(
  format($$ select pg_temp.begin('{"continues_turn": "%s", "messages": []}') $$, turn ->> 'turn_id'), 404, 'turn_not_found',
  'one that was not stored cannot be continued'
)
from asides;

-- With an idempotency key the client asks for the answer to be kept, for this key and a day.
select pg_temp.settle(
  pg_temp.begin('{"messages": [{"role": "user", "content": "k"}], "idempotency_key": "k1", "fingerprint": "f1"}'), 'kept', '{"a": 1}'
);
select is(
  pg_temp.begin('{"messages": [{"role": "user", "content": "k"}], "idempotency_key": "k1", "fingerprint": "f1"}') -> 'replay',
  '{"a": 1}', 'an answer is repeated for its key'
);
select is(
  (select count(*) from public.chat_messages where content in ('k', 'kept')), 0::bigint, 'and is kept nowhere else'
);

select * from finish();
rollback;
