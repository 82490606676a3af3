/** `npm run export`: writes what people have here as JSON lines. */
import postgres from "postgres";
import { CommandError } from "../../common/command-error.ts";
import { runMain } from "../../common/run-main.ts";
import { readEnvironment } from "../../stack/folder/environment-file.ts";
import { readSettings } from "../../stack/folder/settings.ts";
import { exportHelp, type ExportOptions, parseExportOptions } from "./options.ts";
import { writeExport } from "./write-export.ts";

await runMain({ help: exportHelp, parse: parseExportOptions, run: main });

async function main(options: ExportOptions): Promise<void> {
  const sql = postgres(await databaseUrl(), { max: 1, onnotice: () => {} });
  try {
    await writeExport(sql, { ...options, report: console.log });
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
    `Cannot export "${folderName}": no stack is running there. Start one with "npm start", or name a database with DB_URL.`,
  );
}
