import type { Sql, TransactionSql } from "postgres";
import { quoteName, type SourceColumn } from "../design/expression.ts";

/** A table of a database. */
export interface Table {
  schema: string;
  name: string;
  columns: SourceColumn[];
  /** The columns of its primary key, else of a unique constraint; empty if it has neither. */
  key: string[];
  /** Its size in bytes, including out-of-line storage, without indexes. */
  bytes: number;
}

/** A column of a table of Agentbase. */
export interface TargetColumn extends SourceColumn {
  isRequired: boolean;
  /** The expression of its default. */
  default: string | null;
  /** Whether it is an identity column. */
  isIdentity: boolean;
  isGenerated: boolean;
  /** Whether an import added it to keep a column of the source. */
  isKept: boolean;
}

/** The tables of a schema, by name. A partition is part of its table. */
export async function readTables(sql: Sql | TransactionSql, schema: string): Promise<Table[]> {
  return await sql<Table[]>`
    select
      namespaces.nspname as schema, classes.relname as name,
      (
        select coalesce(json_agg(json_build_object(
          'name', attname, 'type', format_type(atttypid, atttypmod),
          'isGenerated', attgenerated <> '' or attidentity = 'a'
        ) order by attnum), '[]')
        from pg_attribute where attrelid = classes.oid and attnum > 0 and not attisdropped
      ) as columns,
      coalesce(
        (
          select json_agg(attributes.attname order by places.place)
          from (
            select indkey from pg_index
            where indrelid = classes.oid and indisunique and indpred is null and indexprs is null
              and indisvalid
              and (indisprimary or not exists (
                select from pg_attribute where attrelid = classes.oid
                  and attnum = any (indkey) and not attnotnull
              ))
            order by indisprimary desc, indexrelid limit 1
          ) best
          cross join unnest(best.indkey) with ordinality as places (number, place)
          join pg_attribute attributes
            on attributes.attrelid = classes.oid and attributes.attnum = places.number
        ),
        '[]'
      ) as key,
      pg_table_size(classes.oid)::float as bytes
    from pg_class classes
    join pg_namespace namespaces on namespaces.oid = classes.relnamespace
    where namespaces.nspname = ${schema} and classes.relkind in ('r', 'p', 'f')
      and not classes.relispartition
    order by classes.relname`;
}

/** The views of a schema that have one of these names, as tables without a key. */
export async function readViews(
  sql: Sql | TransactionSql,
  schema: string,
  names: readonly string[],
): Promise<Table[]> {
  return await sql<Table[]>`
    select
      ${schema}::text as schema, relname as name, '[]'::json as key, 0::float as bytes,
      (
        select json_agg(json_build_object(
          'name', attname, 'type', format_type(atttypid, atttypmod)
        ) order by attnum)
        from pg_attribute where attrelid = pg_class.oid and attnum > 0 and not attisdropped
      ) as columns
    from pg_class
    where relnamespace = to_regnamespace(quote_ident(${schema})) and relkind in ('v', 'm')
      and relname = any (${[...names]})
    order by relname`;
}

/** The columns of a table of Agentbase; none where there is no such table. */
export async function readTargetColumns(sql: Sql, table: string): Promise<TargetColumn[]> {
  return await sql<TargetColumn[]>`
    select
      attributes.attname as name, format_type(attributes.atttypid, attributes.atttypmod) as type,
      attributes.attnotnull as "isRequired",
      attributes.attidentity <> '' as "isIdentity", attributes.attgenerated <> '' as "isGenerated",
      coalesce(
        col_description(attributes.attrelid, attributes.attnum) like 'Kept from %', false
      ) as "isKept",
      case when attributes.attgenerated = '' then pg_get_expr(defaults.adbin, defaults.adrelid) end
        as default
    from pg_attribute attributes
    left join pg_attrdef defaults
      on defaults.adrelid = attributes.attrelid and defaults.adnum = attributes.attnum
    where attributes.attrelid = to_regclass(${
    table.includes(".") ? table : `public.${quoteName(table)}`
  })
      and attributes.attnum > 0 and not attributes.attisdropped
    order by attributes.attnum`;
}
