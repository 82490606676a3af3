import type { IntrospectResult } from "@supabase/lite";
import type postgres from "postgres";

/**
 * Primary keys of the views in schema `public`: those of the table behind each, where the view shows the
 * columns. PostgREST finds them so for an upsert, and the library knows keys of tables only.
 */
export async function viewKeys(sql: postgres.Sql): Promise<IntrospectResult["primary_keys"]> {
  return await sql<IntrospectResult["primary_keys"]>`
    select views.relname as table, 'public' as schema, array_agg(shown.attname order by shown.attnum) as columns,
      count(*)::integer as field_count
    from pg_catalog.pg_class views
    join pg_catalog.pg_rewrite rules on rules.ev_class = views.oid
    join pg_catalog.pg_depend used
      on used.classid = 'pg_rewrite'::regclass and used.objid = rules.oid
      and used.refclassid = 'pg_class'::regclass and used.refobjid <> views.oid
    join pg_catalog.pg_index keys
      on keys.indrelid = used.refobjid and keys.indisprimary and used.refobjsubid = any (keys.indkey::int2[])
    join pg_catalog.pg_attribute columns
      on columns.attrelid = used.refobjid and columns.attnum = used.refobjsubid
    join pg_catalog.pg_attribute shown on shown.attrelid = views.oid and shown.attname = columns.attname
    where views.relkind = 'v'
      and views.relnamespace = 'public'::regnamespace
      and pg_catalog.pg_relation_is_updatable(views.oid, true) & 8 = 8
      -- Of several tables' rows PostgREST knows no key either.
      and pg_catalog.pg_get_viewdef(views.oid) not like '%UNION%'
    group by views.oid, views.relname, keys.indexrelid, keys.indnkeyatts
    having count(*) = keys.indnkeyatts`;
}
