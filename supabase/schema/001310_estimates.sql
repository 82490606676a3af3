-- The current state of what 001310_estimates.sql creates, to be read and compared, not run.
-- Written by `npm run generate` from a database with all migrations. Do not edit.

-- Views ------------------------------------------------------------------------------------------

create view private.statistics_columns with (security_invoker=true) as
 SELECT relations.oid AS table_id,
    columns.attnum AS number,
    ((columns.attname)::text COLLATE "default") AS name,
    ((types.typcategory = ANY (ARRAY['B'::"char", 'D'::"char"])) OR ((types.typname = 'uuid'::name) AND (columns.attname <> 'content_fingerprint'::name)) OR (EXISTS ( SELECT
           FROM (pg_constraint rules
             JOIN pg_attribute ruled ON (((ruled.attrelid = rules.conrelid) AND (ruled.attname = columns.attname))))
          WHERE ((rules.conrelid = ANY (ARRAY[relations.oid, parents.oid])) AND (ruled.attnum = ANY (rules.conkey)) AND (types.typcategory = 'S'::"char") AND ((rules.contype = 'f'::"char") OR (pg_get_constraintdef(rules.oid) ~ format('^CHECK \(\(%s = ANY \(ARRAY\[[^\]]*\]\)\)\)$'::text, columns.attname))))))) AS is_kept,
    (COALESCE((columns.attstattarget)::integer, '-1'::integer) <> 0) AS is_collected
   FROM (((((pg_class relations
     JOIN pg_namespace schemas ON ((schemas.oid = relations.relnamespace)))
     LEFT JOIN pg_inherits ON ((pg_inherits.inhrelid = relations.oid)))
     LEFT JOIN pg_class parents ON ((parents.oid = pg_inherits.inhparent)))
     JOIN pg_attribute columns ON (((columns.attrelid = relations.oid) AND (columns.attnum > 0) AND (NOT columns.attisdropped))))
     JOIN pg_type types ON ((types.oid = columns.atttypid)))
  WHERE ((schemas.nspname = ANY (ARRAY['public'::name, 'partitions'::name])) AND (relations.relkind = ANY (ARRAY['r'::"char", 'p'::"char"])) AND (NOT (EXISTS ( SELECT
           FROM pg_policy policies
          WHERE ((policies.polrelid = ANY (ARRAY[relations.oid, parents.oid])) AND (policies.polcmd = ANY (ARRAY['r'::"char", '*'::"char"])) AND policies.polpermissive AND (pg_get_expr(policies.polqual, policies.polrelid) = 'true'::text))))));

-- Functions --------------------------------------------------------------------------------------

create function private.check_request()
returns void
language plpgsql stable security invoker
set search_path=""
as $body$
declare
  headers jsonb := nullif(current_setting('request.headers', true), '')::jsonb;
begin
  if current_user = 'service_role' then
    return;
  end if;
  if headers ->> 'prefer' ~* 'count\s*=\s*"?(planned|estimated)' then
    perform private.refuse(
      'estimated_count_refused',
      'Cannot count by estimate: an estimate reveals the number of rows that you may not see.',
      'Send "Prefer: count=exact".'
    );
  end if;
  if headers ->> 'accept' ~* 'vnd\.pgrst\.plan' then
    perform private.refuse(
      'plan_refused',
      'Cannot show the plan of a query: its estimates reveal the number of rows that you may not '
      'see.'
    );
  end if;
end
$body$;
grant execute on function private.check_request() to anon, authenticated, service_role;

create function private.clear_statistics(table_id regclass, name text, number smallint)
returns boolean
language plpgsql volatile security invoker
set search_path=""
as $body$
begin
  if exists (select from pg_catalog.pg_roles where rolname = current_user and rolsuper) then
    delete from pg_catalog.pg_statistic
    where starelid = clear_statistics.table_id and staattnum = clear_statistics.number;
    return true;
  end if;
  -- The same type again: the rows stay as they are, and Postgres drops the statistics.
  execute format(
    'alter table %s alter column %I type %s', table_id, clear_statistics.name,
    (
      select pg_catalog.format_type(columns.atttypid, columns.atttypmod)
      from pg_catalog.pg_attribute columns
      where columns.attrelid = clear_statistics.table_id
        and columns.attnum = clear_statistics.number
    )
  );
  return true;
exception when feature_not_supported then
  -- A view, a policy or a trigger names the column.
  return false;
end
$body$;

create function private.hide_statistics()
returns SETOF text
language plpgsql volatile security invoker
set search_path=""
as $body$
declare
  hidden record;
begin
  for hidden in
    select columns.table_id::regclass as relation, columns.*
    from private.statistics_columns columns
    where not columns.is_kept
  loop
    if hidden.is_collected then
      execute format(
        'alter table only %s alter column %I set statistics 0', hidden.relation, hidden.name
      );
    end if;
    if exists (
      select from pg_catalog.pg_stats found
      where format('%I.%I', found.schemaname, found.tablename)::regclass = hidden.relation
        and found.attname = hidden.name
    ) and not private.clear_statistics(hidden.relation, hidden.name, hidden.number) then
      return next format('%s.%I', hidden.relation, hidden.name);
    end if;
  end loop;
  -- An index on an expression has statistics of its own. Recreated it has none.
  for hidden in
    select
      indexes.indexrelid::regclass as relation, columns.attnum as number
    from pg_catalog.pg_index indexes
    join pg_catalog.pg_attribute columns on columns.attrelid = indexes.indexrelid
    where indexes.indexprs is not null
      and indexes.indkey[columns.attnum - 1] = 0
      and indexes.indrelid in (select tables.table_id from private.statistics_columns tables)
      and coalesce(columns.attstattarget, -1) <> 0
  loop
    execute format(
      'drop index %1$s; %2$s; alter index %1$s alter column %3$s set statistics 0',
      hidden.relation, pg_catalog.pg_get_indexdef(hidden.relation), hidden.number
    );
  end loop;
end
$body$;
