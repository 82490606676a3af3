/** `npm run export`: writes organizations, conversations and the ledger as JSON lines. */
import postgres from "postgres";
import { runMain } from "../../common/run-main.ts";
import { databaseUrl } from "../../stack/folder/database-url.ts";
import { exportHelp, type ExportOptions, parseExportOptions } from "./options.ts";
import { writeExport } from "./write-export.ts";

await runMain({ help: exportHelp, parse: parseExportOptions, run: main });

async function main(options: ExportOptions): Promise<void> {
  const sql = postgres(await databaseUrl("export"), { max: 1, onnotice: () => {} });
  try {
    await writeExport(sql, { ...options, report: console.log });
  } finally {
    await sql.end();
  }
}
