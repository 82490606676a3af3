-- A deleted row is checked against no policy: Realtime sends its primary key to each subscriber
-- whose filter matches the replica identity. So that is ids, and nothing else; for agents it is the
-- row, because a replica identity may not contain created_by, which can be null.
begin;
select plan(5);

create temporary view findings as
select
  tables.relname as name,
  case tables.relreplident
    when 'd' then 'primary key'
    when 'i' then 'index'
    when 'f' then 'full'
    else 'nothing'
  end as identity,
  string_agg(columns.attname, ', ' order by columns.attname) collate "C" as columns,
  bool_and(columns.atttypid = 'uuid'::regtype) as are_ids
from pg_publication_tables published
join pg_class tables on tables.oid = format('%I.%I', published.schemaname, published.tablename)::regclass
left join pg_index keys
  on keys.indrelid = tables.oid
  and (tables.relreplident = 'd' and keys.indisprimary or tables.relreplident = 'i' and keys.indisreplident)
left join pg_attribute columns on columns.attrelid = tables.oid and columns.attnum = any (keys.indkey)
where published.pubname = 'supabase_realtime'
group by tables.oid;

select results_eq(
  $$ select concat_ws(': ', name, identity, columns) collate "C" from findings order by 1 $$,
  $$ values
    ('agent_health: primary key: id' collate "C"),
    ('agent_thoughts: primary key: id'),
    ('agents: full'),
    ('chat_messages: primary key: id'),
    ('deployments: index: agent_id, id'),
    ('notifications: index: id, user_id'),
    ('workflow_executions: index: id, workflow_id') $$,
  'the replica identity of each table is the least that its subscriptions filter by'
);
select is_empty(
  $$ select name, columns from findings where are_ids is false $$, 'an identity consists of UUIDs'
);
select col_is_null('public', 'agents', 'created_by', 'agents need the full identity: the column of the filter can be null');

create table public.planted_name (id uuid primary key, name text not null, unique (id, name));
alter table public.planted_name replica identity using index planted_name_id_name_key;
create table public.planted_id (id uuid primary key, said text);
alter publication supabase_realtime add table public.planted_name, public.planted_id;
select results_eq(
  $$ select name::text collate "C" from findings where are_ids is false $$, $$ values ('planted_name' collate "C") $$,
  'one that tells more is reported'
);
select is_empty('select private.unpublished_tables()', 'what is wanted is so');

select * from finish();
rollback;
