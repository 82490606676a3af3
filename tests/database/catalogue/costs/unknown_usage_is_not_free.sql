begin;
select plan(6);

select is(private.cost_of(null, '{"input_tokens": 5}'), null, 'without a price there is no cost');
select is(
  private.cost_of(private.price_at('openai_gpt4o', now(), 0), null), null, 'nor without a report of what was used'
);
select is(private.total_cost(null), null, 'and no total');
select is(
  private.cost_of(private.price_at('openai_gpt4o', now(), 0), '{}'), '{}'::jsonb, 'a report of no tokens has no lines'
);
select is(private.total_cost('{}'), 0::numeric, 'and costs nothing');
select is(
  private.cost_of(private.price_at('perplexity_sonar', now(), 0), '{"input_tokens": 0}'), '{"request": 0.005}'::jsonb,
  'a price per call is due with no token at all'
);

select * from finish();
rollback;
