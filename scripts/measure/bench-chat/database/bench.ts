import { join } from "node:path";
import postgres from "postgres";
import { applyMigrations } from "../../../stack/postgres/apply-migrations.ts";
import { startTemporaryDatabase } from "../../../stack/postgres/temporary-database.ts";
import type { Workspace } from "../../../common/workspace.ts";
import type { BenchOptions } from "../options.ts";
import { median, pairedRatio } from "../../common/statistics.ts";
import { pgbenchVersion, runPgbench } from "./pgbench.ts";
import { populate } from "./populate.ts";
import { copyTables, type Scripts, scripts } from "./scripts.ts";

/** What pgbench measured with one number of clients. */
export interface DatabaseRow {
  clients: number;
  /** Turns a second: the median of the rounds. */
  perSecond: Record<keyof Scripts, number>;
  /** A turn beside the same rows in the same tables, by pairs. */
  ratioToRows: number;
  /** A turn beside the same rows in copies without foreign keys and triggers, by pairs. */
  ratioToCopies: number;
}

/** The results of this part of the benchmark. */
export interface DatabaseReport {
  postgres: string;
  /** Version of pgbench; null: it is not installed, so nothing was measured. */
  pgbench: string | null;
  rows: DatabaseRow[];
}

const clientCounts = [1, 8];

/**
 * Measures begin and settle beside bare inserts of the same rows, all in one Postgres that waits for
 * the disk at each commit.
 */
export async function benchDatabase(
  options: BenchOptions,
  workspace: Workspace,
  note: (line: string) => void,
): Promise<DatabaseReport> {
  const pgbench = await pgbenchVersion();
  if (pgbench === null) {
    note("  pgbench is not installed (Debian: postgresql-contrib); this part is skipped");
    return { postgres: "", pgbench, rows: [] };
  }
  note("  a Postgres of its own, migrations, 16,000 sessions");
  const database = await startTemporaryDatabase({
    settings: { fsync: "on", synchronous_commit: "on", full_page_writes: "on" },
  });
  workspace.defer(database.stop);
  await applyMigrations({ url: database.url, signal: workspace.signal });
  await populate(database.url, "http://127.0.0.1:9/v1");
  const version = await prepare(database.url);

  const paths = await writeScripts(await workspace.folder("pgbench"));
  const rows: DatabaseRow[] = [];
  for (const clients of clientCounts) {
    const asked = { url: database.url, clients, signal: workspace.signal };
    rows.push(await measureClients(asked, paths, options, note));
  }
  await assertSettled(database.url);
  await database.stop();
  return { postgres: version, pgbench, rows };
}

/** Where the script of each kind of work lies. */
type ScriptPaths = ReadonlyMap<keyof Scripts, string>;

async function writeScripts(folder: string): Promise<ScriptPaths> {
  const paths = new Map<keyof Scripts, string>();
  for (const name of ["turn", "rows", "copies", "hotTurn"] as const) {
    const path = join(folder, `${name}.sql`);
    await Deno.writeTextFile(path, scripts[name]);
    paths.set(name, path);
  }
  return paths;
}

/** Runs all scripts in turn, round after round, with one number of clients. */
async function measureClients(
  asked: { url: string; clients: number; signal: AbortSignal },
  paths: ScriptPaths,
  { rounds, seconds }: Pick<BenchOptions, "rounds" | "seconds">,
  note: (line: string) => void,
): Promise<DatabaseRow> {
  const { clients } = asked;
  const series: Record<keyof Scripts, number[]> = { turn: [], rows: [], copies: [], hotTurn: [] };
  for (let round = 1; round <= rounds; round++) {
    for (const [name, script] of paths) {
      const { perSecond } = await runPgbench({ ...asked, script, seconds });
      series[name].push(perSecond);
    }
    note(
      `  ${clients} ${clients === 1 ? "client" : "clients"}, round ${round}: ${
        [...paths.keys()].map((name) => `${name} ${series[name].at(-1)?.toFixed(0)}/s`).join("  ")
      }`,
    );
  }
  return {
    clients,
    perSecond: {
      turn: median(series.turn),
      hotTurn: median(series.hotTurn),
      rows: median(series.rows),
      copies: median(series.copies),
    },
    ratioToRows: pairedRatio(series.turn, series.rows),
    ratioToCopies: pairedRatio(series.turn, series.copies),
  };
}

async function prepare(url: string): Promise<string> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await sql.unsafe(copyTables);
    const [row] = await sql<{ version: string }[]>`
      select current_setting('server_version') as version`;
    return row?.version ?? "";
  } finally {
    await sql.end();
  }
}

/** Verifies that no turn is running or failed. */
async function assertSettled(url: string): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    const [row] = await sql<{ wrong: number }[]>`
      select count(*)::int as wrong from public.ai_interactions
      where turn_state is distinct from 'succeeded'`;
    if (row?.wrong !== 0) throw new Error(`${row?.wrong} turns of pgbench did not succeed`);
  } finally {
    await sql.end();
  }
}
