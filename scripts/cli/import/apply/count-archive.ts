import type { TransactionSql } from "postgres";
import { quoteName } from "../design/expression.ts";

/**
 * Adds imported sums of usage in usage_archive_rollup to the rollups (sign 1), or subtracts sums
 * that the import is about to remove (-1).
 *
 * @param condition Selects the rows, as "archived".
 */
export async function countArchive(
  sql: TransactionSql,
  condition: string,
  sign: 1 | -1,
): Promise<void> {
  const columns = await sql<{ name: string; isMeasure: boolean }[]>`
    select deltas.attname as name,
      deltas.atttypid in ('bigint'::regtype, 'numeric'::regtype) as "isMeasure"
    from pg_attribute deltas
    join pg_attribute archived
      on archived.attrelid = 'public.usage_archive_rollup'::regclass
      and archived.attname = deltas.attname
    where deltas.attrelid = 'public.usage_deltas'::regclass and deltas.attnum > 0
      and not deltas.attisdropped and deltas.attname not in ('id', 'created_at')`;
  const names = columns.map(({ name }) => quoteName(name));
  const values = columns.map(({ name, isMeasure }) =>
    `${isMeasure ? `${sign} * ` : ""}archived.${quoteName(name)}`
  );
  await sql.unsafe(`
    insert into public.usage_deltas (${names.join(", ")})
    select ${values.join(", ")} from public.usage_archive_rollup archived where ${condition}`);
}
