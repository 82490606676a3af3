begin;
select plan(7);

update public.vendor_services set context_window = 1000, max_output_tokens = 500 where id = 'openrouter_gpt4o';
insert into public.chat_sessions (id, session_id, user_id, org_id)
select '90000000-0000-4000-8000-000000000001', 'sess_long_0000001', id, current_organization_id
from public.profiles where id = tests.id('eve');
insert into public.chat_messages (session_id, role, content)
select '90000000-0000-4000-8000-000000000001', 'user', repeat('x', 366)
from generate_series(1, 20) as n;
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
create function pg_temp.sent(request jsonb)
returns integer
language plpgsql
as $$
declare
  answer jsonb := pg_temp.begin('eve', request || '{"model": "gpt-4o", "session_id": "sess_long_0000001"}');
begin
  perform public.settle_chat_turn((answer ->> 'turn_id')::uuid, '{"state": "failed"}');
  return jsonb_array_length(answer -> 'messages') - 1;
end
$$;

-- Twenty exchanges of 100 tokens; the question is eight.
select is(pg_temp.sent('{"max_output_tokens": 500}'), 4, '1,000 less 500 for the answer, less the question');
select is(pg_temp.sent('{"max_output_tokens": 100}'), 8, 'a shorter answer leaves more room');
select is(pg_temp.sent('{}'), 0, 'an answer without a limit is taken to be 1,024');
select is(
  pg_temp.sent(jsonb_build_object(
    'max_output_tokens', 500, 'messages', jsonb_build_array(jsonb_build_object('role', 'user', 'content', repeat('x', 1200)))
  )),
  1, 'a longer question less'
);
select is(
  pg_temp.sent('{"max_output_tokens": 990, "messages": [{"role": "tool", "tool_call_id": "c", "content": "x"}]}'), 1,
  'the result of a tool keeps the exchange that asked for it'
);
select is(
  pg_temp.sent(jsonb_build_object(
    'max_output_tokens', 2147483647, 'messages', jsonb_build_array(jsonb_build_object('role', 'user', 'content', repeat('x', 12000000)))
  )),
  0, 'the longest answer and a long question leave nothing, and are no error'
);
update public.vendor_services set context_window = null where id = 'openrouter_gpt4o';
select is(pg_temp.sent('{}'), 20, 'a model without a known window gets all');

select * from finish();
rollback;
