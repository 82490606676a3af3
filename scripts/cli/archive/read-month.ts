import { createReadStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import type { TransactionSql } from "postgres";
import { CommandError } from "../../common/command-error.ts";
import type { ArchivedMonth } from "./manifest.ts";

/**
 * Reads a month of an archive into an empty table of the database.
 *
 * @throws {CommandError} if its number of interactions differs from the manifest.
 */
export async function readMonth(
  sql: TransactionSql,
  folder: string,
  { file, columns, rows }: ArchivedMonth,
  table: string,
): Promise<void> {
  const target = await sql.unsafe(`
    copy ${table} (${columns.join(", ")}) from stdin with (format csv, header)`).writable();
  await pipeline(createReadStream(join(folder, file)), createGunzip(), target);
  const [found] = await sql.unsafe<{ rows: number }[]>(
    `select count(*)::integer as rows from ${table}`,
  );
  if (found?.rows === rows) return;
  throw new CommandError(
    `Cannot read "${file}": it has ${found?.rows} interactions, but the manifest lists ${rows}.`,
  );
}
