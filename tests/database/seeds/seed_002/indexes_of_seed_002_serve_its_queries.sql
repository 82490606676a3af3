-- Seed 002, section 6: for each index that it names or asks for, one that leads with the same columns.
-- Where one index serves two names it bears one of them; docs/seeds.md says which.
begin;
select plan(2);

create temporary table asked (name text, relation text, columns text[], method text);
insert into asked values
  ('idx_ai_agents_user_id', 'agents', '{created_by}', 'btree'),
  ('idx_ai_interactions_user_id', 'ai_interactions', '{user_id}', 'btree'),
  ('idx_ai_agents_activity_score', 'agents', '{activity_score}', 'btree'),
  ('idx_ai_agents_last_used', 'agents', '{last_used_at}', 'btree'),
  ('GIN on tags of agents', 'agents', '{tags}', 'gin'),
  ('GIN on tags of interactions', 'ai_interactions', '{tags}', 'gin'),
  ('GIN on keywords', 'ai_interactions', '{keywords}', 'gin'),
  -- Features are rows here, and not an array.
  ('search by feature', 'agent_feature_mappings', '{feature_id}', 'btree'),
  ('idx_ai_interactions_created_at', 'ai_interactions', '{created_at}', 'btree'),
  -- ai_usage_stats is a view of what is counted here.
  ('idx_ai_usage_stats_user_date', 'usage_daily_rollup', '{user_id,date}', 'btree'),
  ('idx_ai_interactions_cost', 'ai_interactions', '{total_cost}', 'btree'),
  ('idx_ai_agents_vendor', 'agents', '{vendor_id}', 'btree'),
  ('idx_user_api_keys_vendor', 'user_api_keys', '{vendor_id}', 'btree'),
  ('GIN on configuration', 'agents', '{config}', 'gin'),
  ('GIN on capabilities', 'agents', '{capabilities}', 'gin'),
  ('GIN on external_metadata', 'ai_interactions', '{external_metadata}', 'gin');

create temporary view unserved as
select asked.name
from asked
where not exists (
  select from pg_index
  join pg_class indexes on indexes.oid = pg_index.indexrelid
  join pg_am methods on methods.oid = indexes.relam
  where pg_index.indrelid = to_regclass('public.' || asked.relation)
    and pg_index.indpred is null
    and pg_index.indisvalid
    and methods.amname = asked.method
    and asked.columns = (
      select array_agg(columns.attname::text order by keys.position)
      from unnest(pg_index.indkey::smallint[]) with ordinality as keys (number, position)
      join pg_attribute columns on columns.attrelid = pg_index.indrelid and columns.attnum = keys.number
      where keys.position <= cardinality(asked.columns)
    )
);

select is_empty('select name from unserved', 'there is an index for each');
insert into asked values ('reversed', 'usage_daily_rollup', '{date,user_id}', 'btree'), ('unordered', 'agents', '{activity_score}', 'gin');
select set_eq(
  'select name from unserved', array['reversed', 'unordered'], 'columns in another order, or another kind, are no such index'
);

select * from finish();
rollback;
