begin;
select plan(3);

-- Three are not: two vendors charge by the second, and one was an experiment that ended.
select results_eq(
  $$
    select id from public.vendor_services
    where service_kind in ('chat', 'search')
      and private.price_at(id, now(), 1000) is null
    order by id collate "C"
  $$,
  $$ values ('huggingface_llama31_8b'), ('replicate_llama3_70b'), ('vertex_gemini_20_pro') $$,
  'those without a price are known'
);

select is_empty(
  $$ select id from public.service_prices where source is null or verified_on is null or verified_on > current_date $$,
  'every price says where it was read and on which past day it was true'
);

select results_eq(
  $$
    select private.total_cost(private.cost_of(
      private.price_at(service, now(), tokens), jsonb_build_object('input_tokens', tokens, 'output_tokens', 1000)
    ))
    from (values
      (1, 'openai_gpt4o', 1000000), (2, 'anthropic_claude3_opus', 1000), (3, 'google_gemini_15_pro', 128000),
      (4, 'google_gemini_15_pro', 128001), (5, 'perplexity_sonar', 1000)
    ) as calls (place, service, tokens)
    order by place
  $$,
  $$ values (2.5100000000), (0.0900000000), (0.1650000000), (0.3300025000), (0.0070000000) $$,
  'calls cost what the price lists say, per tier and per call'
);

select * from finish();
rollback;
