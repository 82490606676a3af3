import type { Sql } from "postgres";
import { z } from "zod";
import { CommandError } from "../../common/command-error.ts";
import { type ArchivedMonth, checkMonth, readManifest } from "./manifest.ts";
import { readMonth } from "./read-month.ts";

const outcome = z.object({
  restored: z.number(),
  present: z.number(),
  left_out: z.number(),
  unknown: z.array(z.uuid()),
});

/** Number of ids that are listed for one month. */
const mostIds = 20;

/**
 * Restores the interactions of an archive into the ledger, one month per transaction. Rows that exist
 * already are skipped, so it can be repeated after an interruption. Rows that changed between archiving
 * and removal are skipped and listed: they would change the figures.
 *
 * @throws {CommandError} if the folder has no archive, or a file of it was changed.
 */
export async function restoreMonths(
  sql: Sql,
  folder: string,
  report: (line: string) => void,
): Promise<void> {
  const { months } = await readManifest(folder);
  if (months.length === 0) {
    throw new CommandError(
      `Cannot restore "${folder}": it contains no archive. Choose another folder.`,
    );
  }
  // All of them first: an incomplete archive is refused before anything is written.
  for (const month of months) await checkMonth(folder, month);
  for (const [index, month] of months.entries()) {
    const { restored, present, left_out, unknown } = await restoreMonth(sql, folder, month);
    const rest = [
      present > 0 ? `${present} existed already` : "",
      left_out > 0
        ? `${left_out} skipped: their organization, user, agent, vendor or access key was deleted`
        : "",
      unknown.length > 0 ? `${unknown.length} skipped: ${notRemovedHere(unknown)}` : "",
    ].filter((part) => part !== "");
    report(
      [`${index + 1}/${months.length}  ${month.month}  ${restored} restored`, ...rest].join(", "),
    );
  }
}

function notRemovedHere(ids: string[]): string {
  const more = ids.length > mostIds ? ` and ${ids.length - mostIds} more` : "";
  return `this database did not remove them, or not in the archived state: ${
    ids.slice(0, mostIds).join(", ")
  }${more}`;
}

async function restoreMonth(sql: Sql, folder: string, month: ArchivedMonth) {
  return await sql.begin(async (transaction) => {
    await readMonth(transaction, folder, month, "private.archived_interactions");
    const [row] = await transaction`select private.restore_interactions() as outcome`;
    return outcome.parse(row?.outcome);
  });
}
