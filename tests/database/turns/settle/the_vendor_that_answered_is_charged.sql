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
select pg_temp.settle(
  pg_temp.begin('eve', jsonb_build_object('model', 'gpt-4o', 'request_id', 'r' || place)), outcome
)
from (values
  (1, '{"state": "succeeded", "content": "a", "usage": {"input_tokens": 1000000, "output_tokens": 0},
    "vendor_id": "anthropic", "service_id": "anthropic_claude3_opus", "model_used": "claude-3-opus-20240229"}'::jsonb),
  (2, '{"state": "succeeded", "content": "a", "usage": {"input_tokens": 1000000, "output_tokens": 0},
    "vendor_id": "openai", "service_id": null}'),
  (3, '{"state": "succeeded", "content": "a", "usage": {"input_tokens": 1000000, "output_tokens": 0}}')
) as outcomes (place, outcome);

select results_eq(
  'select vendor_id, service_id, model_name, total_cost from public.ai_interactions order by request_id',
  $$
    values
      ('anthropic', 'anthropic_claude3_opus', 'claude-3-opus-20240229', 15::numeric(20, 10)),
      ('openai', null, 'openai/gpt-4o', null), ('openrouter', 'openrouter_gpt4o', 'openai/gpt-4o', 2.5)
  $$,
  'a fallback at its own price, or at none where it has no service; else the first route at its'
);

select * from finish();
rollback;
