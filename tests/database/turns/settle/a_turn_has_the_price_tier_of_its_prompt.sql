begin;
select plan(2);

insert into public.user_api_keys (user_id, vendor_id, encrypted_key, key_preview)
values (tests.id('eve'), 'openai', 'v1:k1:AAAAAAAAAAAAAAAA:AAAAAAAAAAAAAAAAAAAAAAAA', '');
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
    pg_temp.begin('eve', '{"model": "openai/gpt-6.2-sol"}'),
    jsonb_build_object(
      'state', 'succeeded', 'content', 'a', 'usage', jsonb_build_object('input_tokens', tokens, 'output_tokens', 0)
    )
  ) ->> 'total_cost',
  cost, tokens || ' tokens'
)
from (values (272000, '0.5440000000'), (272001, '1.0880040000')) as prompts (tokens, cost);

select * from finish();
rollback;
