import type { Workspace } from "../../../common/workspace.ts";
import { closedLoop, type LoadResult } from "../load/closed-loop.ts";
import type { BenchOptions } from "../options.ts";
import { isWhole } from "../question.ts";
import { median, pairedRatio, percentile } from "../../common/statistics.ts";
import { type DataApiReport, timeDataApi } from "./data-api.ts";
import { portkeyVersion } from "./portkey.ts";
import { assertSettled, readLedger } from "./settled-turns.ts";
import type { BenchStack } from "./stack.ts";
import { createUsageMeter, type ProcessUsage, type UsageMeter } from "./usage-meter.ts";
import { openWays, type Way, type Ways, ways } from "./ways.ts";

/** Results of one way with one number of clients. Times in milliseconds. */
export interface GatewayRow {
  way: Way;
  stream: boolean;
  clients: number;
  perSecond: number;
  firstByte: { p50: number; p99: number };
  lastByte: { p50: number; p99: number };
}

/** The results of this part of the benchmark. */
export interface GatewayReport {
  portkey: string;
  rows: GatewayRow[];
  /** Turns a second of this gateway beside others, by pairs, by number of clients. */
  ratios: { stream: boolean; clients: number; portkey: number; naive: number }[];
  /** Milliseconds that this gateway adds to a whole answer at one client, at the median. */
  addedMs: number;
  /** ServerTiming of a turn of ours as the function reports them, at one client: p50 in milliseconds. */
  phases: { name: string; p50: number; p99: number }[];
  /** Milliseconds of processor time per turn, and peak memory in bytes, by process. */
  processes: ProcessUsage[];
  dataApi: DataApiReport;
  /** Turns of ours that were found in the ledger, each settled. */
  settledTurns: number;
}

const clientCounts = [1, 16, 64];

/** Sends the same requests each way in turn, and checks the ledger after each of our slices. */
export async function benchGateways(
  options: BenchOptions,
  context: { workspace: Workspace; installFolder: string; note: (line: string) => void },
): Promise<GatewayReport> {
  const { note } = context;
  const { stack, portkey, naivePid, senders } = await openWays(Math.max(...clientCounts), context);
  const bench: Bench = {
    options,
    stack,
    senders,
    usage: createUsageMeter({
      "this gateway: functions": [
        "agentbase",
        stack.processes["functions and Data API"],
        "process",
      ],
      "this gateway: Postgres": ["agentbase", stack.processes.Postgres, "family"],
      "this gateway: Redis": ["agentbase", stack.processes.Redis, "family"],
      "the naive gateway": ["naive", naivePid, "family"],
      "the naive gateway: Postgres": ["naive", stack.processes.Postgres, "family"],
      "Portkey's gateway": ["portkey", portkey.pid, "family"],
    }),
  };

  note("  warming up");
  for (const stream of [false, true]) {
    for (const way of ways) await takeSlice(bench, { way, stream, clients: 4 });
  }
  stack.takeLog();

  const report: GatewayReport = {
    portkey: portkeyVersion,
    rows: [],
    ratios: [],
    addedMs: NaN,
    phases: [],
    processes: [],
    dataApi: await timeDataApi(stack.environment, options.seconds),
    settledTurns: 0,
  };
  for (const clients of clientCounts) {
    for (const stream of [false, true]) {
      const results = await takeRounds(bench, stream, clients);
      report.settledTurns += results.agentbase.reduce(
        (sum, { timings }) => sum + timings.length,
        0,
      );
      const rows = ways.map((way) => rowOf(way, stream, clients, results[way]));
      report.rows.push(...rows);
      report.ratios.push({ stream, clients, ...ratiosOf(results) });
      if (clients === 1 && !stream) report.addedMs = addedTime(rows);
      if (clients === 1) {
        report.phases.push(...phasesOf(stack.takeLog(), results.agentbase, stream));
      }
      note(`  ${describeRows(rows)}`);
    }
  }
  report.processes = await bench.usage.report();
  return report;
}

/** What slices are measured with. */
interface Bench {
  options: BenchOptions;
  stack: BenchStack;
  senders: Ways["senders"];
  usage: UsageMeter;
}

/** Keeps clients busy for the length of a slice; throws unless each answer is whole and each turn settled. */
async function takeSlice(
  { options, stack, senders }: Bench,
  { way, stream, clients }: { way: Way; stream: boolean; clients: number },
): Promise<LoadResult> {
  const before = way === "agentbase" ? await readLedger(stack.sql) : null;
  const result = await closedLoop({
    clients,
    seconds: options.seconds,
    send: senders[way](stream),
    isWhole: (text) => isWhole(text, stream),
  });
  const [failure] = result.failures;
  if (failure) throw new Error(`${way}: ${failure[1]} answers failed, first: ${failure[0]}`);
  if (before) await assertSettled(stack.sql, before, result.timings.length);
  return result;
}

/** Takes a slice of each way, round by round, so that a slow moment of the machine meets all of them. */
async function takeRounds(
  bench: Bench,
  stream: boolean,
  clients: number,
): Promise<Record<Way, LoadResult[]>> {
  const results: Record<Way, LoadResult[]> = { direct: [], agentbase: [], naive: [], portkey: [] };
  for (let round = 1; round <= bench.options.rounds; round++) {
    for (const way of ways) {
      await bench.usage.before(way);
      const result = await takeSlice(bench, { way, stream, clients });
      await bench.usage.after(way, result.timings.length);
      results[way].push(result);
    }
  }
  return results;
}

/** Turns a second of ours beside the others, by the pairs of the rounds. */
function ratiosOf(results: Record<Way, LoadResult[]>): { portkey: number; naive: number } {
  const ours = results.agentbase.map(perSecond);
  return {
    portkey: pairedRatio(ours, results.portkey.map(perSecond)),
    naive: pairedRatio(ours, results.naive.map(perSecond)),
  };
}

function addedTime(rows: readonly GatewayRow[]): number {
  const median = (way: Way) => rows.find((row) => row.way === way)?.lastByte.p50 ?? NaN;
  return median("agentbase") - median("direct");
}

/** The results of one number of clients in one line, for the terminal. */
function describeRows(rows: readonly GatewayRow[]): string {
  const [row] = rows;
  if (!row) return "";
  const { clients, stream } = row;
  const figures = rows.map(({ way, perSecond }) => `${way} ${perSecond.toFixed(0)}/s`).join("  ");
  return `${clients} ${clients === 1 ? "client" : "clients"}, ${
    stream ? "streamed" : "whole"
  }: ${figures}`;
}

function perSecond({ timings, seconds }: LoadResult): number {
  return timings.length / seconds;
}

function rowOf(way: Way, stream: boolean, clients: number, results: LoadResult[]): GatewayRow {
  const timings = results.flatMap((result) => result.timings);
  const quantiles = (values: number[]) => ({
    p50: percentile(values, 0.5),
    p99: percentile(values, 0.99),
  });
  return {
    way,
    stream,
    clients,
    perSecond: median(results.map(perSecond)),
    firstByte: quantiles(timings.map(({ firstByte }) => firstByte)),
    lastByte: quantiles(timings.map(({ lastByte }) => lastByte)),
  };
}

/** The phases by the log, which also knows what came after the answer; by the header where it says more. */
function phasesOf(
  log: Map<string, number[]>,
  results: LoadResult[],
  stream: boolean,
): GatewayReport["phases"] {
  const phases = new Map<string, number[]>();
  for (const [name, values] of log) phases.set(name.replace(/_ms$/, ""), values);
  for (const [name, values] of results.flatMap((result) => [...result.phases])) {
    if (log.has(`${name}_ms`)) continue;
    phases.set(name, [...phases.get(name) ?? [], ...values]);
  }
  return [...phases].map(([name, values]) => ({
    name: `${name}, ${stream ? "streamed" : "whole"}`,
    p50: percentile(values, 0.5),
    p99: percentile(values, 0.99),
  }));
}
