/**
 * `npm run archive`: writes old interactions down, month by month, and brings them back.
 */
import postgres from "postgres";
import { archiveHelp, type ArchiveOptions, parseArchiveOptions } from "./options.ts";
import { restoreMonths } from "./restore-months.ts";
import { writeMonths } from "./write-months.ts";
import { CommandError } from "../../common/command-error.ts";
import { runMain } from "../../common/run-main.ts";
import { readEnvironment } from "../../stack/folder/environment-file.ts";
import { readSettings } from "../../stack/folder/settings.ts";

await runMain({ help: archiveHelp, parse: parseArchiveOptions, run: archive });

async function archive(options: ArchiveOptions): Promise<void> {
  const sql = postgres(await databaseUrl(), { max: 1, onnotice: () => {} });
  try {
    const report = console.log;
    if (options.restore) await restoreMonths(sql, options.folder, report);
    else await writeMonths(sql, { ...options, report });
  } finally {
    await sql.end();
  }
}

/** The database that the environment names, else that of the stack that runs here. */
async function databaseUrl(): Promise<string> {
  const environment = Deno.env.toObject();
  if (environment.DB_URL) return environment.DB_URL;
  const { folder, folderName } = readSettings(environment);
  const stack = await readEnvironment(folder);
  if (stack !== null) return stack.DB_URL;
  throw new CommandError(
    `Cannot archive "${folderName}": no stack is running there. Start one with "npm start", or name a database with DB_URL.`,
  );
}
