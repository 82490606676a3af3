begin;
select plan(1);

select results_eq(
  $$ select id, max_tokens_field from public.vendors where max_tokens_field <> 'max_tokens' order by id $$,
  $$ values ('azure_openai', 'max_completion_tokens'), ('openai', 'max_completion_tokens') $$,
  'their reasoning models refuse max_tokens; everyone else''s take it'
);

select * from finish();
rollback;
