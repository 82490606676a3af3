begin;
select plan(2);

select results_eq(
  $$
    select tablename::text collate "C" from pg_publication_tables
    where pubname = 'supabase_realtime' and schemaname = 'public' order by 1
  $$,
  $$
    values
      ('agent_health' collate "C"), ('agent_thoughts'), ('agents'), ('chat_messages'), ('deployments'),
      ('notifications'), ('workflow_executions')
  $$,
  'the seven, and no other'
);
select is_empty(
  $$ select schemaname, tablename from pg_publication_tables where pubname = 'supabase_realtime' and schemaname <> 'public' $$, 'none of another schema'
);

select * from finish();
rollback;
