import { join } from "node:path";
import { advisorCanaries, advisorExceptions, findWithAdvisors } from "../database/advisors.ts";
import type { MigratedDatabase, Version } from "../database/databases.ts";
import { judgeFindings } from "../database/judge-findings.ts";
import {
  checkCanaries,
  findWithLint,
  findWithPlpgsqlCheck,
  installPlpgsqlCheck,
  lintCanaries,
} from "../database/lint-plpgsql.ts";
import { NotAvailable } from "../support/not-available.ts";
import { prepareTests } from "../pgtap/prepare-tests.ts";
import { runPgtap } from "../pgtap/run-pgtap.ts";
import { supabase } from "../database/supabase-cli.ts";
import { withCanaries } from "../database/with-canaries.ts";
import type { Layer, LayerContext } from "../layer.ts";
import { attempt, describeError, record } from "../tally.ts";

/** Migrations, lints and pgTAP on one version of Postgres. */
export function databaseLayer(version: Version, covers: string): Layer {
  return {
    name: `database-${version}`,
    covers,
    async run(context) {
      const database = await open(context, version);
      if (database === null) return;
      context.tally.notes.push(`Postgres ${database.server}`);
      await judge(context, database);
      await runTests(context, database);
    },
  };
}

/** The migrated database; null when it failed, which has then been counted. */
async function open(context: LayerContext, version: Version): Promise<MigratedDatabase | null> {
  const { tally, databases } = context;
  const name = "migrations and seed apply from empty";
  try {
    const database = await databases.migrated(version);
    record(tally, name, []);
    return database;
  } catch (error) {
    if (error instanceof NotAvailable) throw error;
    record(tally, name, [describeError(error)]);
    return null;
  }
}

async function judge(context: LayerContext, { url, adminUrl }: MigratedDatabase): Promise<void> {
  const { root, workspace, tally } = context;
  await attempt(tally, "a second push changes nothing", async () => {
    const args = ["db", "push", "--output-format", "json", "--remote", url];
    const answer = await supabase(root, args, workspace);
    if (!answer.includes('"upToDate":true')) throw new Error(answer);
  });
  await attempt(tally, "the lints run to their end", () =>
    withCanaries(url, async () => {
      const advice = await findWithAdvisors(root, url, workspace);
      judgeFindings(tally, "db advisors", advice, advisorCanaries, advisorExceptions);
      if (await installPlpgsqlCheck(adminUrl)) {
        judgeFindings(tally, "db lint", await findWithLint(root, url, workspace), lintCanaries);
        judgeFindings(tally, "plpgsql_check", await findWithPlpgsqlCheck(url), checkCanaries);
      } else {
        tally.notes.push("db lint runs on Postgres 15 only: this server has no plpgsql_check");
      }
    }));
}

async function runTests(context: LayerContext, database: MigratedDatabase): Promise<void> {
  const { root, tally, options } = context;
  const folder = join(root, "tests", "database");
  const isReady = await attempt(
    tally,
    "pgTAP and its helpers load",
    () => prepareTests(database, root),
  );
  if (isReady) await runPgtap({ folder, url: database.url, match: options.match, tally });
}
