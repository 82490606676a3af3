/**
 * `npm run import`: imports the data of an old database, and reverts the import.
 */
import { runMain } from "../../common/run-main.ts";
import { databaseUrl } from "../../stack/folder/database-url.ts";
import { liftLimits, withConnections } from "./connections.ts";
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
  const connection = await withConnections(url, { max: 1 }, liftLimits).catch((error) => {
    throw explainFailure(error);
  });
  return await withConnections(
    url,
    { max: options.workers + 2, connection },
    (sql) =>
      runImport(sql, { ...options, url, environment: Deno.env.toObject(), report: console.log }),
  );
}
