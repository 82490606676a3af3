import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Sql, TransactionSql } from "postgres";

/**
 * Runs a COPY … FROM STDIN with these rows. The driver's stream ends when the server confirms the
 * last row, and would wait forever if the server refuses a row after all have been sent: here that
 * is an error.
 *
 * @throws {PostgresError} when the server refuses a row.
 */
export async function copyInto(
  sql: Sql | TransactionSql,
  statement: string,
  rows: AsyncIterable<string | Uint8Array>,
): Promise<void> {
  const query = sql.unsafe(statement);
  const target = await query.writable();
  // SAFETY: the driver's queries have this function, which it calls with the server's error; its types
  // do not state it. A query that has given its stream does nothing with the error.
  const failing = query as unknown as { reject(error: Error): void };
  failing.reject = (error) => void target.destroy(error);
  await pipeline(rows instanceof Readable ? rows : Readable.from(rows), target);
}
