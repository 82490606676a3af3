import { deepEqual, match, rejects } from "node:assert/strict";
import { join } from "node:path";
import postgres from "postgres";
import { z } from "zod";
import { printSchema, readSchema } from "../../generate/schema-snapshot.ts";
import { startTemporaryDatabase } from "../../stack/postgres/temporary-database.ts";
import { undisturbed, withCron } from "../database/databases.ts";
import { findDebianPostgres } from "../database/debian-postgres.ts";
import { prepareTests } from "../pgtap/prepare-tests.ts";
import { importDumps } from "../database/import-dumps.ts";
import { query, restoreProjects } from "../database/restore-project.ts";
import { runPgtap } from "../pgtap/run-pgtap.ts";
import { startReplica } from "../database/replica.ts";
import type { MigratedDatabase } from "../database/databases.ts";
import { differences } from "../support/differences.ts";
import type { Layer, LayerContext } from "../layer.ts";
import { runCommand } from "../../common/run-command.ts";
import { attempt, record } from "../results.ts";

/**
 * A database that was dumped and restored is the same and passes the same tests. On Postgres 15
 * only: the embedded 17 comes without pg_dump.
 */
export const restoreLayer: Layer = {
  name: "restore",
  covers:
    "Debian's Postgres 15: dump, restore, pgTAP once more, docs/backup.md, and imports of dumps",
  run: restore,
};

async function restore(context: LayerContext): Promise<void> {
  const { root, workspace, results, options, databases } = context;
  const source = await databases.migrated("15");
  await prepareTests(source, root);
  const binaryFolder = await findDebianPostgres(workspace.signal);
  const starting = startTemporaryDatabase({
    binaryFolder,
    settings: { ...undisturbed, ...withCron },
  });
  workspace.defer(() => starting.then((database) => database.stop(), () => {}));
  const target = await starting;
  await emptyDatabase(target.adminUrl);

  const file = join(await workspace.folder("restore"), "dump");
  const run = async (program: string, ...args: string[]) => {
    const { code, output } = await runCommand([join(binaryFolder, program), ...args], {
      signal: workspace.signal,
    });
    record(results, program, code === 0 ? [] : [output]);
    return code === 0;
  };
  const isRestored = await run("pg_dump", "--format=custom", `--file=${file}`, source.adminUrl) &&
    await run("pg_restore", "--exit-on-error", `--dbname=${target.adminUrl}`, file);
  if (!isRestored) return;
  // As docs/backup.md says: a dump leaves out what roles are set to.
  await query(
    target.url,
    "select private.repair_functions_role(), private.repair_platform_hooks()",
  );

  const [before, after] = [await snapshot(source.url), await snapshot(target.url)];
  record(results, "the restored schema is the same", differences(before, after));
  const [scheduled, restored] = [await cronJobs(source.url), await cronJobs(target.url)];
  const lost = restored === "" ? ["There is none"] : differences(scheduled, restored);
  record(results, "the restored jobs of pg_cron are the same", lost);
  const folder = join(root, "tests", "database");
  await runPgtap({ folder, url: target.url, match: options.match, results });
  await importDumps(context, target, binaryFolder);
  // Last: it leaves rows in the source.
  await restoreProjects(context, source, binaryFolder);
  await readReplica(context, source, binaryFolder);
}

/** READ_DATABASE_URL may name a replica: it can answer, and answers the same. */
async function readReplica(
  { root, workspace, results }: LayerContext,
  { url, adminUrl }: MigratedDatabase,
  binaryFolder: string,
): Promise<void> {
  await attempt(results, "the usage report of a replica is that of its primary", async () => {
    const replica = await startReplica(adminUrl, binaryFolder, workspace);
    const report = async (url: string) => {
      const command = ["node", join(root, "scripts/run.mjs"), "usage", "--json"] as const;
      const { stdout, stderr } = await runCommand(command, { env: { READ_DATABASE_URL: url } });
      if (stdout === "") throw new Error(stderr);
      return { ...z.looseObject({ total: z.unknown() }).parse(JSON.parse(stdout)), read_at: null };
    };
    const wanted = await report(url);
    deepEqual(await report(replica.url), wanted);
    match(JSON.stringify(wanted.total), /"interactions":[1-9]/);
    await rejects(query(replica.url, "delete from public.ai_interactions"), /read-only/);
  });
}

/** Recreates the database from nothing; the roles of the cluster stay. */
async function emptyDatabase(adminUrl: string): Promise<void> {
  const sql = postgres(adminUrl.replace(/\/postgres$/, "/template1"), {
    max: 1,
    onnotice: () => {},
  });
  try {
    await sql`drop database postgres with (force)`;
    await sql`create database postgres owner postgres template template0`;
    // A dump has no roles: docs/backup.md.
    await sql`create role agentbase_functions login noinherit`;
  } finally {
    await sql.end();
  }
}

/** The state of the schema, without parentheses: a restore leaves out some that change nothing. */
async function snapshot(url: string): Promise<string> {
  const sql = postgres(url, { max: 1 });
  try {
    return printSchema(await readSchema(sql)).replaceAll(/[()]/g, "");
  } finally {
    await sql.end();
  }
}

/** What pg_cron is to run, a job a line. */
async function cronJobs(url: string): Promise<string> {
  const sql = postgres(url, { max: 1 });
  try {
    const rows = await sql<{ line: string }[]>`
      select concat_ws(' ', jobname, schedule, command, database, username, active) as line
      from cron.job order by jobname`;
    return rows.map(({ line }) => `${line}\n`).join("");
  } finally {
    await sql.end();
  }
}
