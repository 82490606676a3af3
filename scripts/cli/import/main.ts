/**
 * `npm run import`: imports the data of an old database, and reverts the import.
 */
import postgres, { type Sql } from "postgres";
import { runMain } from "../../common/run-main.ts";
import { databaseUrl } from "../../stack/folder/database-url.ts";
import { explainFailure, explainSilence, explainUncaught } from "./explain-failure.ts";
import { importHelp, type ImportOptions, parseImportOptions } from "./options.ts";
import { runImport } from "./run-import.ts";

globalThis.addEventListener("error", (event) => explainUncaught(event, event.error));
globalThis.addEventListener("unhandledrejection", (event) => explainUncaught(event, event.reason));
globalThis.addEventListener("beforeunload", explainSilence);
// Not awaited, so that the event loop can run empty, which fires beforeunload.
void runMain({ help: importHelp, parse: parseImportOptions, run: main });

async function main(options: ImportOptions): Promise<number> {
  const url = await databaseUrl("import");
  const sql = await connect(url, options.workers + 2);
  try {
    return await runImport(sql, {
      ...options,
      url,
      environment: Deno.env.toObject(),
      report: console.log,
    });
  } finally {
    // A lost connection may never report that it has ended.
    await sql.end({ timeout: 5 });
  }
}

/** Connects without a statement timeout, which the role may have: the size of chunks is bounded. */
async function connect(url: string, max: number): Promise<Sql> {
  const sql = postgres(url, { max, onnotice: () => {} });
  const [limit] = await sql`show statement_timeout`.catch(async (error) => {
    await sql.end();
    throw explainFailure(error);
  });
  if (limit?.statement_timeout === "0") return sql;
  await sql.end();
  return postgres(url, { max, onnotice: () => {}, connection: { statement_timeout: 0 } });
}
