begin;
select plan(1);

select results_eq(
  'select id, usage_path from public.vendors where usage_path is not null',
  $$ values ('openrouter', '/generation?id={id}') $$, 'it does, and no one else'
);

select * from finish();
rollback;
