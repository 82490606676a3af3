import postgres, { type Sql } from "postgres";
import { CommandError } from "../../common/command-error.ts";
import { pathInProject } from "../../common/path-in-project.ts";
import type { Workspace } from "../../common/workspace.ts";
import { applyMigrations } from "../../stack/postgres/apply-migrations.ts";
import { startLoad, watchWaits } from "../../common/start-load.ts";
import {
  startTemporaryDatabase,
  type TemporaryDatabase,
} from "../../stack/postgres/temporary-database.ts";
import { readUsage } from "../common/process-usage.ts";
import { bareInserts, liveDatabase, oldDatabase, useLiveDatabase } from "./data.ts";
import type { BenchImportOptions } from "./options.ts";

/** What a run of the command took. */
export interface Run {
  seconds: number;
  /** Processor seconds of the command and of Postgres; null where the system does not say. */
  cpuSeconds: number | null;
  /** Most memory that its process held, in MiB; null where the system does not say. */
  mebibytes: number | null;
}

/** What an application noticed of an import that followed it, and of its revert. */
export interface Load {
  /** Messages of the old database before the first turn. */
  messages: number;
  turns: number;
  errors: number;
  /** Milliseconds that it waited for locks: of a hundredth of its turns more, and at most. */
  wait99: number;
  longestWait: number;
}

/** What an import took. */
export interface ImportFigures {
  tables: { name: string; rows: number; seconds: number }[];
  rows: number;
  apply: Run;
  verify: Run;
  revert: Run;
  /** The same rows as one "insert … select" for each table. */
  bare: Pick<Run, "seconds" | "cpuSeconds">;
  load: Load;
}

/** Generates an old database, imports it with the command, compares it and reverts it. */
export async function benchImport(
  { messages, workers }: BenchImportOptions,
  workspace: Workspace,
  note: (line: string) => void,
): Promise<ImportFigures> {
  const settings = {
    max_wal_size: "8GB",
    shared_buffers: "512MB",
    fsync: "on",
    synchronous_commit: "on",
    full_page_writes: "on",
  };
  const database = await startTemporaryDatabase({ settings });
  workspace.defer(database.stop);
  await applyMigrations({ url: database.url, signal: workspace.signal });
  const sql = postgres(database.url, { max: 1, onnotice: () => {} });
  const run = (...args: string[]) =>
    runImport(database.url, ["--from", "old", ...args, "--workers", `${workers}`]);
  try {
    note("  generating");
    for (const statement of oldDatabase(messages)) await sql.unsafe(statement);
    note("  importing");
    const apply = await run("--apply");
    const tables = await readTables(sql);
    note("  comparing");
    const verify = await run("--verify");
    note("  reverting");
    const revert = await run("--revert");
    note("  inserting the same rows");
    await sql`vacuum analyze`;
    const end = await startClock();
    for (const statement of bareInserts()) await sql.unsafe(statement);
    const bare = await end();
    note("  following an application");
    for (const statement of liveDatabase()) await sql.unsafe(statement);
    const load = await measureLoad(database, sql);
    const rows = tables.reduce((sum, table) => sum + table.rows, 0);
    return { tables, rows, apply, verify, revert, bare, load };
  } finally {
    await sql.end();
  }
}

/** Imports, cuts over and reverts while an application reads and writes the old tables. */
async function measureLoad({ url, adminUrl }: TemporaryDatabase, sql: Sql): Promise<Load> {
  const [live] = await sql<[{ messages: number; sessions: number }]>`
    select (select count(*) from live.chat_messages)::integer as messages,
      (select count(*) from live.chat_sessions)::integer as sessions`;
  await using watch = watchWaits(adminUrl);
  await using application = startLoad(
    url,
    "old_application",
    (own, turn) => useLiveDatabase(own, turn, live.sessions),
  );
  await application.advance(50);
  const steps = [["--apply", "--follow"], ["--cut-over"], ["--undo-cut-over"], [
    "--revert",
    "--discard",
  ]];
  for (const step of steps) {
    await runImport(url, ["--from", "live", ...step]);
    await application.advance(50);
  }
  const { turns, errors } = await application.stop();
  const waits = await watch.readWaits();
  return {
    messages: live.messages,
    turns,
    errors: errors.length,
    wait99: waits[Math.floor(turns / 100)] ?? 0,
    longestWait: waits[0] ?? 0,
  };
}

async function runImport(url: string, args: string[]): Promise<Run> {
  const end = await startClock();
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", pathInProject("scripts/cli/import/main.ts"), ...args],
    env: { DB_URL: url },
    stdout: "null",
    stderr: "inherit",
  }).spawn();
  let mebibytes: number | null = null;
  const timer = setInterval(async () => {
    const usage = await readUsage(process.pid, "process");
    if (usage !== null) mebibytes = usage.peakBytes / 1024 ** 2;
  }, 200);
  const { success } = await process.status;
  clearInterval(timer);
  if (!success) throw new CommandError(`Cannot measure the import: "${args.join(" ")}" failed.`);
  return { ...await end(), mebibytes };
}

/** Measures the time from now on, and the processor time of this process and its children. */
async function startClock(): Promise<() => Promise<Pick<Run, "seconds" | "cpuSeconds">>> {
  const used = await readUsage(Deno.pid, "family");
  const startedAt = performance.now();
  return async () => {
    const seconds = (performance.now() - startedAt) / 1000;
    const usage = await readUsage(Deno.pid, "family");
    if (usage === null || used === null) return { seconds, cpuSeconds: null };
    return { seconds, cpuSeconds: usage.cpuSeconds - used.cpuSeconds };
  };
}

/** Rows of each table, and the seconds from its first chunk to its last. */
async function readTables(sql: Sql): Promise<ImportFigures["tables"]> {
  return await sql<ImportFigures["tables"]>`
    select mapping as name, sum(rows_out)::float as rows,
      (extract(epoch from max(ended_at) - min(
        ended_at - milliseconds * interval '1 millisecond'
      )))::float as seconds
    from agentbase_import.chunks where state = 'done' group by mapping order by 2 desc`;
}
