begin;
select plan(9);

select is(
  private.estimated_cost(jsonb_build_object('service_id', service, 'max_output_tokens', most), messages::jsonb, max_tokens),
  cost, reason
)
from (values
  ('openai_gpt4o', 16384, '"' || repeat('x', 3998) || '"', 500, 0.0075000000, 'prompt and limit'),
  ('openai_gpt4o', 16384, '"' || repeat('x', 3998) || '"', null, 0.0127400000, 'without a limit 1,024 tokens'),
  ('openai_gpt4o', 100, '"' || repeat('x', 3998) || '"', null, 0.0035000000, 'or as many as the model makes'),
  ('openai_gpt4o', null, '"' || repeat('x', 3998) || '"', null, 0.0127400000, 'where that is known'),
  ('openai_gpt4o', null, '"' || repeat('x', 3998) || '"', 0, 0.0025000000, 'an embedding makes none'),
  ('openai_gpt4o', null, '"' || repeat('é', 1999) || '"', 0, 0.0025000000, 'bytes are counted'),
  ('openai_whisper', null, '"' || repeat('x', 3998) || '"', 500, 0, 'what has no price is taken to be free'),
  (null, null, '"' || repeat('x', 3998) || '"', 500, 0, 'as is what has no service'),
  ('google_gemini_15_pro', null, '"' || repeat('x', 512002) || '"', 0, 0.3200025000, 'at the tier that the prompt reaches')
) as examples (service, most, messages, max_tokens, cost, reason);

select * from finish();
rollback;
