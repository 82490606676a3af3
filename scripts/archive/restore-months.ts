import { createReadStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import type { Sql } from "postgres";
import { z } from "zod";
import { CommandError } from "../common/command-error.ts";
import { type ArchivedMonth, checkMonth, readManifest } from "./manifest.ts";

const outcome = z.object({ restored: z.number(), present: z.number(), left_out: z.number() });

/**
 * Brings the interactions of an archive back into the ledger, a month a transaction. What is there
 * already is left alone, so it can be repeated after a break.
 *
 * @throws {CommandError} when the folder is no archive, or a file of it is not what was written.
 */
export async function restoreMonths(
  sql: Sql,
  folder: string,
  report: (line: string) => void,
): Promise<void> {
  const { months } = await readManifest(folder);
  if (months.length === 0) {
    throw new CommandError(`Cannot restore "${folder}": there is no archive. Choose its folder.`);
  }
  // All of them first: half an archive is found out before anything is written.
  for (const month of months) await checkMonth(folder, month);
  for (const [index, month] of months.entries()) {
    const { restored, present, left_out } = await restoreMonth(sql, folder, month);
    const rest = [
      present > 0 ? `${present} were there` : "",
      left_out > 0 ? `${left_out} left out: organization, person, agent or vendor are gone` : "",
    ].filter((part) => part !== "");
    report(
      [`${index + 1}/${months.length}  ${month.month}  ${restored} restored`, ...rest].join(", "),
    );
  }
}

async function restoreMonth(sql: Sql, folder: string, { file, columns, rows }: ArchivedMonth) {
  return await sql.begin(async (transaction) => {
    const target = await transaction.unsafe(`
      copy private.archived_interactions (${columns.join(", ")})
      from stdin with (format csv, header)`).writable();
    await pipeline(createReadStream(join(folder, file)), createGunzip(), target);
    const [found] = await transaction<{ rows: number }[]>`
      select count(*)::integer as rows from private.archived_interactions`;
    if (found?.rows !== rows) {
      throw new CommandError(
        `Cannot restore "${file}": it has ${found?.rows} interactions, and the manifest says ${rows}.`,
      );
    }
    const [row] = await transaction`select private.restore_interactions() as outcome`;
    return outcome.parse(row?.outcome);
  });
}
