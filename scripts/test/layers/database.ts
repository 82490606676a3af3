import { join } from "node:path";
import { advisorExceptions, advisorPlanted, findWithAdvisors } from "../database/advisors.ts";
import type { MigratedDatabase, Version } from "../database/databases.ts";
import { evaluateFindings } from "../database/evaluate-findings.ts";
import {
  checkPlanted,
  findWithLint,
  findWithPlpgsqlCheck,
  installPlpgsqlCheck,
  lintPlanted,
} from "../database/lint-plpgsql.ts";
import { NotAvailable } from "../support/not-available.ts";
import { prepareTests } from "../pgtap/prepare-tests.ts";
import { runPgtap } from "../pgtap/run-pgtap.ts";
import { supabase } from "../database/supabase-cli.ts";
import { withPlantedViolations } from "../database/with-planted-violations.ts";
import type { Layer, LayerContext } from "../layer.ts";
import { attempt, describeError, record } from "../results.ts";

/** Migrations, lints and pgTAP on one version of Postgres. */
export function databaseLayer(version: Version, covers: string): Layer {
  return {
    name: `database-${version}`,
    covers,
    async run(context) {
      const database = await open(context, version);
      if (database === null) return;
      context.results.notes.push(`Postgres ${database.server}`);
      await judge(context, database);
      await runTests(context, database);
    },
  };
}

/** The migrated database; null when it failed, which has then been counted. */
async function open(context: LayerContext, version: Version): Promise<MigratedDatabase | null> {
  const { results, databases } = context;
  const name = "migrations and seed apply from empty";
  try {
    const database = await databases.migrated(version);
    record(results, name, []);
    return database;
  } catch (error) {
    if (error instanceof NotAvailable) throw error;
    record(results, name, [describeError(error)]);
    return null;
  }
}

async function judge(context: LayerContext, { url, adminUrl }: MigratedDatabase): Promise<void> {
  const { root, workspace, results } = context;
  await attempt(results, "a second push changes nothing", async () => {
    const args = ["db", "push", "--output-format", "json", "--remote", url];
    const answer = await supabase(root, args, workspace);
    if (!answer.includes('"upToDate":true')) throw new Error(answer);
  });
  await attempt(
    results,
    "the lints finish",
    () =>
      withPlantedViolations(url, async () => {
        const advice = await findWithAdvisors(root, url, workspace);
        evaluateFindings(results, "db advisors", advice, advisorPlanted, advisorExceptions);
        if (await installPlpgsqlCheck(adminUrl)) {
          evaluateFindings(
            results,
            "db lint",
            await findWithLint(root, url, workspace),
            lintPlanted,
          );
          evaluateFindings(results, "plpgsql_check", await findWithPlpgsqlCheck(url), checkPlanted);
        } else {
          results.notes.push("db lint runs on Postgres 15 only: this server has no plpgsql_check");
        }
      }),
  );
}

async function runTests(context: LayerContext, database: MigratedDatabase): Promise<void> {
  const { root, results, options } = context;
  const folder = join(root, "tests", "database");
  const isReady = await attempt(
    results,
    "pgTAP and its helpers load",
    () => prepareTests(database, root),
  );
  if (isReady) await runPgtap({ folder, url: database.url, match: options.match, results });
}
