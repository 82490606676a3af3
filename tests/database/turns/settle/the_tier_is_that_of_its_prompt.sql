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
    pg_temp.begin('eve', '{"model": "gemini-1.5-pro"}'),
    jsonb_build_object(
      'state', 'succeeded', 'content', 'a', 'usage', jsonb_build_object('input_tokens', tokens, 'output_tokens', 0)
    )
  ) ->> 'total_cost',
  cost, tokens || ' tokens'
)
from (values (128000, '0.1600000000'), (128001, '0.3200025000')) as prompts (tokens, cost);

select * from finish();
rollback;
