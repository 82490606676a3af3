/**
 * `npm run import`: imports the data of an old database, and reverts the import.
 */
import postgres, { type Sql } from "postgres";
import { runMain } from "../../common/run-main.ts";
import { databaseUrl } from "../../stack/folder/database-url.ts";
import { explainUncaught } from "./explain-failure.ts";
import { importHelp, type ImportOptions, parseImportOptions } from "./options.ts";
import { runImport } from "./run-import.ts";

globalThis.addEventListener("error", explainUncaught);
await runMain({ help: importHelp, parse: parseImportOptions, run: main });

async function main(options: ImportOptions): Promise<number> {
  const url = await databaseUrl("import");
  const sql: Sql = postgres(url, { max: options.workers + 2, onnotice: () => {} });
  try {
    return await runImport(sql, {
      ...options,
      url,
      environment: Deno.env.toObject(),
      report: console.log,
    });
  } finally {
    await sql.end();
  }
}
