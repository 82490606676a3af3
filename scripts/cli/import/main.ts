/**
 * `npm run import`: brings the data of an old database into Agentbase, and takes them out again.
 */
import postgres, { type Sql } from "postgres";
import { CommandError } from "../../common/command-error.ts";
import { runMain } from "../../common/run-main.ts";
import { readEnvironment } from "../../stack/folder/environment-file.ts";
import { readSettings } from "../../stack/folder/settings.ts";
import { importHelp, type ImportOptions, parseImportOptions } from "./options.ts";
import { runImport } from "./run-import.ts";

await runMain({ help: importHelp, parse: parseImportOptions, run: main });

async function main(options: ImportOptions): Promise<number> {
  const url = await databaseUrl();
  const sql: Sql = postgres(url, { max: options.workers + 2, onnotice: () => {} });
  try {
    return await runImport(sql, { ...options, url, report: console.log });
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
    `Cannot import into "${folderName}": no stack is running there. Start one with "npm start", or name a database with DB_URL.`,
  );
}
