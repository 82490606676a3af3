begin;
select plan(1);

select is_empty(
  $$
    select column_name from information_schema.columns
    where table_schema = 'public' and table_name in ('ai_interactions', 'agent_executions')
      and column_name ~ 'fingerprint|hash|idempotency'
  $$,
  'co-members read the ledger: they could guess short prompts by them, and keys are often the numbers of orders'
);

select * from finish();
rollback;
