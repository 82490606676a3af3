begin;
select plan(10);

select is(
  private.estimated_cost(
    (select jsonb_agg(jsonb_build_object('service_id', service)) from unnest(services) as service), input, output
  ),
  cost, reason
)
from (values
  ('{openai_gpt4o}'::text[], 1000, 500, 0.0075000000, 'prompt and answer'),
  ('{openai_gpt4o}', 1000, 0, 0.0025000000, 'an embedding makes no answer'),
  ('{anthropic_claude35_sonnet}', 1000000, 1000000, 18.7500000000, 'a prompt may be written to the vendor''s cache'),
  ('{perplexity_sonar}', 0, 0, 0.0050000000, 'a call has its price'),
  ('{google_gemini_15_pro}', 128001, 0, 0.3200025000, 'at the tier that the prompt reaches'),
  ('{openai_gpt4o,openai_gpt4,openai_gpt4o_mini}', 1000, 500, 0.0600000000, 'by the dearest of several routes'),
  ('{openai_gpt4o,openai_whisper}', 1000, 500, 0.0075000000, 'as far as prices are known'),
  ('{openai_whisper}', 1000, 500, 0, 'what has no price is taken to be free'),
  ('{null}', 1000, 500, 0, 'as is what has no service')
) as examples (services, input, output, cost, reason);
update public.service_prices set reasoning_rate = 20 where service_id = 'openai_gpt4o';
select is(
  private.estimated_cost('[{"service_id": "openai_gpt4o"}]', 1000, 500), 0.0125000000, 'an answer may be all reasoning'
);

select * from finish();
rollback;
