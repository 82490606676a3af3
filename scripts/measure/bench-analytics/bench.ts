import postgres from "postgres";
import type { Workspace } from "../../common/workspace.ts";
import { type Data, openData } from "./data.ts";
import { type InsertResult, measureInserts } from "./measure-inserts.ts";
import { measureQuestions, type QuestionResult } from "./measure-questions.ts";
import { measureRefresh, type RefreshResult } from "./measure-refresh.ts";
import type { AnalyticsOptions, Part } from "./options.ts";

/** What was measured on a ledger of one size; parts that did not run are null. */
export interface SizeReport {
  rows: number;
  postgres: string;
  /** Bytes of the ledger with its indexes, and of the rollup. */
  ledgerBytes: number;
  countsBytes: number;
  /** Seconds that it took to load the data; null if they existed already. */
  loadSeconds: number | null;
  questions: QuestionResult[] | null;
  refresh: RefreshResult | null;
  inserts: InsertResult | null;
}

/** The results of one run. */
export interface AnalyticsReport {
  /** Day of the run, as YYYY-MM-DD. */
  day: string;
  machine: string;
  /** Tasks that ran or waited to run on the machine before the run, averaged over a minute. */
  loadBefore: number;
  rounds: number;
  /** The smallest size first. */
  sizes: SizeReport[];
}

/** Measures one size after the other, each on a Postgres of its own. */
export async function benchAnalytics(
  options: AnalyticsOptions,
  folder: string,
  workspace: Workspace,
  note: (line: string) => void,
): Promise<SizeReport[]> {
  const sizes: SizeReport[] = [];
  for (const rows of options.rows) {
    note(`\n${rows.toLocaleString("en-US")} interactions`);
    const data = await openData({ folder, rows, seed: options.seed }, workspace, note);
    sizes.push(await measure(data, options.parts, options.rounds, note));
    await data.stop();
  }
  return sizes;
}

async function measure(
  data: Data,
  parts: readonly Part[],
  rounds: number,
  note: (line: string) => void,
): Promise<SizeReport> {
  const report: SizeReport = {
    rows: data.dataset.rows,
    ...await describe(data.url),
    loadSeconds: data.seconds,
    questions: null,
    refresh: null,
    inserts: null,
  };
  for (const part of parts) {
    note(`  ${part}`);
    if (part === "questions") report.questions = await measureQuestions(data, rounds);
    if (part === "refresh") report.refresh = await measureRefresh(data, rounds);
    if (part === "inserts") report.inserts = await measureInserts(data, rounds);
  }
  return report;
}

async function describe(url: string) {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    const [row] = await sql<{ postgres: string; ledger: string; counts: string }[]>`
      select current_setting('server_version') as postgres,
        pg_total_relation_size('public.ai_interactions') as ledger,
        pg_total_relation_size('public.usage_daily_rollup') as counts`;
    return {
      postgres: row?.postgres ?? "",
      ledgerBytes: Number(row?.ledger),
      countsBytes: Number(row?.counts),
    };
  } finally {
    await sql.end();
  }
}
