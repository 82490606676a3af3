import type postgres from "postgres";
import { z } from "zod";
import type { ValueType } from "./json-values.ts";

/** A column of a table. */
export interface TableColumn {
  name: string;
  type: ValueType;
  /** How the type is written in a cast. */
  sqlType: string;
}

/** What the server needs to know of a table. */
export interface Table {
  /** `pg_class.oid`. */
  id: string;
  schema: string;
  name: string;
  /** By name, in the order of the table. */
  columns: Map<string, TableColumn>;
  /** Columns of the primary key; none where there is no key. */
  key: string[];
  hasRowSecurity: boolean;
}

const typeSchema = z.object({ name: z.string(), element: z.string().nullable() });
const rowSchema = z.object({
  id: z.string(),
  has_row_security: z.boolean(),
  key: z.array(z.string()),
  columns: z.array(z.object({ name: z.string(), type: typeSchema, sql_type: z.string() })),
});

/** The publication that clients follow. */
export const publication = "supabase_realtime";

/** Descriptions of tables and of who reads which column, kept until {@link Catalogue.forget}. */
export class Catalogue {
  readonly #sql: postgres.Sql;
  readonly #tables = new Map<string, Promise<Table | null>>();
  readonly #readable = new Map<string, Promise<Set<string>>>();

  constructor(sql: postgres.Sql) {
    this.#sql = sql;
  }

  /** After a change of the schema everything is read again. */
  forget(): void {
    this.#tables.clear();
    this.#readable.clear();
  }

  /** The table of that name; null where there is none. */
  table(schema: string, name: string): Promise<Table | null> {
    return remembered(this.#tables, `${schema}.${name}`, () => this.#readTable(schema, name));
  }

  /** Names of the columns that a role may read. */
  readableColumns(role: string, { id }: Table): Promise<Set<string>> {
    return remembered(this.#readable, `${role} ${id}`, async () => {
      const rows = await this.#sql<{ name: string }[]>`
        select attname as name from pg_catalog.pg_attribute
        where attrelid = ${id} and attnum > 0 and not attisdropped
          and pg_catalog.has_column_privilege(${role}::name, attrelid, attnum, 'select')`;
      return new Set(rows.map(({ name }) => name));
    });
  }

  /** Whether changes of a table, or of any of a schema, are published; `*` stands for any. */
  async isPublished(schema: string, table: string): Promise<boolean> {
    const rows = await this.#sql`
      select from pg_catalog.pg_publication_tables
      where pubname = ${publication} and ${schema}::text in (schemaname, '*')
        and ${table}::text in (tablename, '*')
      limit 1`;
    return rows.length > 0;
  }

  async #readTable(schema: string, name: string): Promise<Table | null> {
    const [found] = await this.#sql`
      select tables.oid::text as id, tables.relrowsecurity as has_row_security,
        coalesce((
          select json_agg(columns.attname order by columns.attnum)
          from pg_catalog.pg_index keys
          join pg_catalog.pg_attribute columns
            on columns.attrelid = tables.oid and columns.attnum = any (keys.indkey)
          where keys.indrelid = tables.oid and keys.indisprimary
        ), '[]') as key,
        json_agg(json_build_object(
          'name', columns.attname,
          'type', json_build_object('name', types.typname, 'element', elements.typname),
          'sql_type', pg_catalog.format_type(columns.atttypid, null)
        ) order by columns.attnum) as columns
      from pg_catalog.pg_class tables
      join pg_catalog.pg_attribute columns
        on columns.attrelid = tables.oid and columns.attnum > 0 and not columns.attisdropped
      join pg_catalog.pg_type types on types.oid = columns.atttypid
      left join pg_catalog.pg_type elements
        on elements.oid = types.typelem and types.typcategory = 'A'
      where tables.relname = ${name} and tables.relnamespace::regnamespace::text = ${schema}::text
      group by tables.oid`;
    if (found === undefined) return null;
    const { id, has_row_security, key, columns } = rowSchema.parse(found);
    const described = columns.map(({ name, type, sql_type }) => ({
      name,
      type: { name: type.name, element: type.element === null ? null : leaf(type.element) },
      sqlType: sql_type,
    }));
    return {
      id,
      schema,
      name,
      columns: new Map(described.map((column) => [column.name, column])),
      key,
      hasRowSecurity: has_row_security,
    };
  }
}

function leaf(name: string): ValueType {
  return { name, element: null };
}

/** A value that is read once; one that could not be read is read again. */
function remembered<Value>(
  kept: Map<string, Promise<Value>>,
  key: string,
  read: () => Promise<Value>,
): Promise<Value> {
  const known = kept.get(key);
  if (known !== undefined) return known;
  const reading = read();
  kept.set(key, reading);
  reading.catch(() => kept.delete(key));
  return reading;
}
