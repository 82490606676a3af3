/**
 * `npm run archive`: archives old interactions by month, and restores them.
 */
import postgres from "postgres";
import { archiveHelp, type ArchiveOptions, parseArchiveOptions } from "./options.ts";
import { restoreMonths } from "./restore-months.ts";
import { writeMonths } from "./write-months.ts";
import { runMain } from "../../common/run-main.ts";
import { databaseUrl } from "../../stack/folder/database-url.ts";

await runMain({ help: archiveHelp, parse: parseArchiveOptions, run: archive });

async function archive(options: ArchiveOptions): Promise<void> {
  const sql = postgres(await databaseUrl("archive"), { max: 1, onnotice: () => {} });
  try {
    const report = console.log;
    if (options.restore) await restoreMonths(sql, options.folder, report);
    else await writeMonths(sql, { ...options, report });
  } finally {
    await sql.end();
  }
}
