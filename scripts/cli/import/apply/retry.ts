import type { Sql, TransactionSql } from "postgres";
import type { BoundTable } from "../design/bind.ts";
import type { Recognised } from "../design/recognise.ts";
import { drainStatement } from "../follow/follow-function.ts";
import { countMessages } from "./count-messages.ts";
import { importChunk, importCorrected } from "./run-chunk.ts";
import { patient, withRetries } from "./with-retries.ts";

/** The result of a retry. */
export interface RetryResult {
  tried: number;
  imported: number;
}

/**
 * Imports the rows in the quarantine again, parents first: as an operator has corrected them there,
 * else with their current values.
 */
export async function retryQuarantine(
  sql: Sql,
  { schema, tables }: Recognised,
): Promise<RetryResult> {
  const result = { tried: 0, imported: 0 };
  for (const bound of tables) {
    const followed = await retryFollowed(sql, bound);
    result.tried += followed.tried;
    result.imported += followed.imported;
    const held = await sql<{ n: number; is_corrected: boolean }[]>`
      select n::float, bool_or(corrected_row is not null) as is_corrected from agentbase_import.quarantine
      where source = ${schema} and mapping = ${bound.name} and not is_imported
        and (n > 0 or corrected_row is not null)
      group by n order by n`;
    for (const { n, is_corrected: isCorrected } of held) {
      result.tried++;
      const isImported = await withRetries(
        sql,
        patient,
        (transaction) => retryRow(transaction, bound, { n, isCorrected }),
      );
      if (isImported) result.imported++;
    }
  }
  await countMessages(sql, schema);
  return result;
}

/**
 * Retries rows that a trigger could not write, with their current values. They have no number: n is
 * 0.
 */
async function retryFollowed(sql: Sql, bound: BoundTable): Promise<RetryResult> {
  const held = sql`source = ${bound.source.schema} and mapping = ${bound.name} and n = 0
    and corrected_row is null and not is_imported`;
  // The quarantine redacts a key that is a secret, so its row cannot be found and stays there.
  const found = sql`${held} and not key @? '$.* ? (@ == "[redacted]")'`;
  return await withRetries(sql, patient, async (transaction) => {
    const count = async () => {
      const [row] = await transaction<{ rows: number }[]>`
        select count(*)::integer as rows from agentbase_import.quarantine where ${held}`;
      return row?.rows ?? 0;
    };
    const tried = await count();
    if (tried === 0) return { tried, imported: 0 };
    await transaction`
      with taken as (delete from agentbase_import.quarantine where ${found} returning key, row)
      insert into agentbase_import.changes (source, mapping, row)
      select ${bound.source.schema}, ${bound.name}, agentbase_import.restored(row, null) || key
      from taken`;
    await transaction.unsafe(drainStatement(bound));
    return { tried, imported: tried - await count() };
  });
}

async function retryRow(
  sql: TransactionSql,
  bound: BoundTable,
  { n, isCorrected }: { n: number; isCorrected: boolean },
): Promise<boolean> {
  const place = sql`source = ${bound.source.schema} and mapping = ${bound.name} and n = ${n}`;
  const [numbered] = await sql<{ base: number | null }[]>`
    select sequence_base::float as base from agentbase_import.chunks
    where source = ${bound.source.schema} and mapping = ${bound.name} and ${n} between first and last`;
  const chunk = { number: 0, first: n, last: n, sequenceBase: numbered?.base ?? null };
  const [before] = await sql<{ id: number }[]>`
    select coalesce(max(id), 0)::float as id from agentbase_import.quarantine where ${place}`;
  const { rowsBad } = isCorrected
    ? await importCorrected(sql, bound, chunk)
    : await importChunk(sql, bound, chunk);
  const last = before?.id ?? 0;
  if (rowsBad === 0) {
    // A corrected row stays, marked as imported, since --verify compares with it. Rows without a
    // number stay, too.
    await sql`
      delete from agentbase_import.quarantine
      where ${place} and n > 0 and id <= ${last} and corrected_row is null and not is_imported`;
    await sql`
      update agentbase_import.quarantine set is_imported = true
      where ${place} and corrected_row is not null`;
    return true;
  }
  if (!isCorrected) {
    await sql`
      delete from agentbase_import.quarantine
      where ${place} and id <= ${last} and not is_imported`;
    return false;
  }
  // The reason of this attempt replaces that of the corrected row.
  await sql`
    update agentbase_import.quarantine held set reason = latest.reason, sqlstate = latest.sqlstate
    from (
      select reason, sqlstate from agentbase_import.quarantine where ${place} and id > ${last}
      order by id limit 1
    ) latest
    where ${place} and held.corrected_row is not null`;
  await sql`delete from agentbase_import.quarantine where ${place} and id > ${last}`;
  return false;
}
