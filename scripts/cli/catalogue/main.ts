/** `npm run catalogue`: updates services and prices from a public list. */
import postgres from "postgres";
import { CommandError } from "../../common/command-error.ts";
import { runMain } from "../../common/run-main.ts";
import { databaseUrl } from "../../stack/folder/database-url.ts";
import { needsAttention, readReport, reportLines } from "./check.ts";
import { catalogueHelp, type CatalogueOptions, parseCatalogueOptions } from "./options.ts";
import { countChanges, planTable } from "./plan-table.ts";
import { ListRefused, runImport } from "./plan.ts";
import { readList } from "./read-list.ts";

await runMain({ help: catalogueHelp, parse: parseCatalogueOptions, run: catalogue });

async function catalogue(options: CatalogueOptions): Promise<number> {
  const sql = postgres(await databaseUrl("update the catalogue"), { max: 1, onnotice: () => {} });
  try {
    return options.mode === "check" ? await check(sql, options) : await update(sql, options);
  } finally {
    await sql.end();
  }
}

async function check(
  sql: postgres.Sql,
  { maxAge, within }: Extract<CatalogueOptions, { mode: "check" }>,
): Promise<number> {
  const report = await readReport(sql, maxAge, within);
  for (const line of reportLines(report)) console.log(line);
  return needsAttention(report) ? 3 : 0;
}

async function update(
  sql: postgres.Sql,
  options: Exclude<CatalogueOptions, { mode: "check" }>,
): Promise<number> {
  const list = await readList({ ...options, fetch });
  console.log(`${list.source} of ${list.as_of}: ${list.services.length} services.`);
  try {
    // The plan is printed first, so that it is seen even if a guard then stops it.
    const planned = await runImport(sql, "plan", list, options);
    for (const line of planTable(planned, options.allow, options.all)) console.log(line);
    console.log(countChanges(planned));
    const isStopped = planned.some(({ guard }) =>
      guard !== null && !options.allow.some((allowed) => allowed === guard)
    );
    if (options.mode === "apply") {
      await runImport(sql, "apply", list, options);
      console.log("Applied.");
      return 0;
    }
    const isSame = planned.every(({ change }) => ["verify", "keep", "unlisted"].includes(change));
    return isStopped ? 1 : isSame ? 0 : 3;
  } catch (error) {
    if (!(error instanceof ListRefused)) throw error;
    for (const problem of error.problems) console.error(`  ${problem}`);
    throw new CommandError(error.message);
  }
}
