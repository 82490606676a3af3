begin;
select plan(2);

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
select is(
  pg_temp.settle(
    pg_temp.begin('eve', '{"model": "gpt-4o"}'),
    '{"state": "failed", "usage": {"input_tokens": 100, "output_tokens": 10}, "error": {"code": "x", "message": "y"}}'
  ) ->> 'total_cost',
  '0.0003500000', 'the vendor bills what it reported'
);
select results_eq(
  $$ select role, content, status, tokens_in from public.chat_messages order by seq $$,
  $$ values ('user', 'hi', 'error', null::integer), ('assistant', '', 'error', 100) $$,
  'with an answer that is none'
);

select * from finish();
rollback;
