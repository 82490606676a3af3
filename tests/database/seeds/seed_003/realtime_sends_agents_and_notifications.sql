-- Seed 003, "Real-time Subscriptions Setup": its two channels, by table, event and filter column.
begin;
select plan(4);

select set_has(
  $$ select tablename::text from pg_publication_tables where pubname = 'supabase_realtime' and schemaname = 'public' $$,
  $$ values ('agents'), ('notifications') $$,
  'both tables are published'
);
select set_eq(
  $$ select tablename::text from pg_publication_tables where pubname = 'supabase_realtime' and schemaname = 'public' $$,
  array[
    'agents', 'agent_health', 'agent_thoughts', 'chat_messages', 'deployments', 'notifications', 'workflow_executions'
  ],
  'and what else a screen follows'
);
select results_eq(
  $$ select pubinsert, pubupdate, pubdelete from pg_publication where pubname = 'supabase_realtime' $$,
  $$ values (true, true, true) $$,
  'with every event'
);
select set_eq(
  $$
    select tablename::text, filters.name
    from pg_publication_tables
    join (values ('agents', 'created_by'), ('notifications', 'user_id')) as filters (relation, name)
      on filters.relation = tablename and filters.name = any (attnames)
    where pubname = 'supabase_realtime'
  $$,
  $$ values ('agents', 'created_by'), ('notifications', 'user_id') $$,
  'and with the columns that the channels filter by'
);

select * from finish();
rollback;
