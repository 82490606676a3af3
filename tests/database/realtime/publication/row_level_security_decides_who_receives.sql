begin;
select plan(3);

select is_empty(
  $$
    select tables.tablename from pg_publication_tables tables
    join pg_class on pg_class.oid = format('%I.%I', tables.schemaname, tables.tablename)::regclass
    where tables.pubname = 'supabase_realtime'
      and not (
        pg_class.relrowsecurity
        and exists (select from pg_policy where polrelid = pg_class.oid and polcmd = 'r')
      )
  $$,
  'every published table has it, and a policy for reading'
);
select is_empty(
  $$
    select tables.tablename from pg_publication_tables tables
    where not exists (
      select from pg_index where indrelid = format('%I.%I', tables.schemaname, tables.tablename)::regclass and indisprimary
    )
  $$,
  'and a primary key, by which a change is found'
);
select results_eq(
  $$
    select pubinsert, pubupdate, pubdelete from pg_publication where pubname = 'supabase_realtime'
  $$,
  'values (true, true, true)', 'inserts, updates and deletes are told'
);

select * from finish();
rollback;
