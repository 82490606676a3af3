import type { Sql } from "postgres";

const query = new URL("./describe-database.sql", import.meta.url);

/**
 * Describes the objects that migrations create, one per line: tables, columns, functions, views,
 * triggers, constraints, indexes, policies, types, privileges, comments, publications, roles and,
 * if pg_cron is installed, its jobs.
 */
export async function describeDatabase(sql: Sql): Promise<string[]> {
  const text = await Deno.readTextFile(query);
  return await sql.begin(async (transaction) => {
    await transaction`set local search_path = ''`;
    const rows = await transaction.unsafe<{ line: string }[]>(text);
    const lines = rows.map(({ line }) => line);
    const [cron] = await transaction`select to_regclass('cron.job') as jobs`;
    if (cron?.jobs === null) return lines;
    const jobs = await transaction<{ line: string }[]>`
      select format('cron %s %s %s %s', jobname, schedule, command, active) as line
      from cron.job order by 1`;
    return [...lines, ...jobs.map(({ line }) => line)];
  });
}

/** The rows of each table of the schemas public and private, by name of the table. */
export type Rows = Map<string, string[]>;

/**
 * The rows that migrations insert, without ids and times, which differ between databases.
 */
export async function describeRows(sql: Sql): Promise<Rows> {
  const tables = await sql<{ name: string; columns: string | null }[]>`
    select format('%I.%I', nspname, relname) as name,
      string_agg(quote_ident(attname), ', ' order by attname) as columns
    from pg_class
    join pg_namespace on pg_namespace.oid = relnamespace
    left join pg_attribute on attrelid = pg_class.oid and attnum > 0 and not attisdropped
      and attidentity = '' and atttypid not in ('uuid'::regtype, 'timestamptz'::regtype)
    where nspname in ('public', 'private') and relkind = 'r' and not relispartition
    group by 1 order by 1`;
  const found: Rows = new Map();
  for (const { name, columns } of tables) {
    const rows = await sql.unsafe<{ row: string }[]>(
      `select row(${columns ?? ""})::text as row from ${name} order by 1`,
    );
    found.set(name, rows.map(({ row }) => row));
  }
  return found;
}
