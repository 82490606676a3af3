import { join } from "node:path";
import { pathInProject } from "../../common/path-in-project.ts";
import type { Workspace } from "../../testing/workspace.ts";
import { startChild } from "../child-process.ts";
import { closedLoop, type LoadResult, type Send } from "../load/closed-loop.ts";
import type { BenchOptions } from "../options.ts";
import { readUsage } from "../process-usage.ts";
import { isWhole, requestBody } from "../question.ts";
import { median, pairedRatio, percentile } from "../statistics.ts";
import { type DataApiReport, timeDataApi } from "./data-api.ts";
import { portkeyHeaders, portkeyVersion, startPortkey } from "./portkey.ts";
import { assertSettled, readLedger } from "./settled-turns.ts";
import { startBenchStack } from "./stack.ts";

/** Ways from a client to the model. */
export const ways = ["direct", "agentbase", "portkey"] as const;

/** A way from a client to the model. */
export type Way = typeof ways[number];

/** What was measured of one way with one number of clients. Times in milliseconds. */
export interface GatewayRow {
  way: Way;
  stream: boolean;
  clients: number;
  perSecond: number;
  firstByte: { p50: number; p99: number };
  lastByte: { p50: number; p99: number };
}

/** What this part of the benchmark found out. */
export interface GatewayReport {
  portkey: string;
  rows: GatewayRow[];
  /** Turns a second of this gateway beside Portkey's, by pairs, by number of clients. */
  ratioToPortkey: { stream: boolean; clients: number; ratio: number }[];
  /** Phases of a turn of ours as the function reports them, at one client: p50 in milliseconds. */
  phases: { name: string; p50: number; p99: number }[];
  /** Milliseconds of processor time per turn, and peak memory in bytes, by process. */
  processes: { name: string; cpuPerTurn: number | null; peakBytes: number | null }[];
  dataApi: DataApiReport;
  /** Turns of ours that were found in the ledger, each settled. */
  settledTurns: number;
}

const clientCounts = [1, 16, 64];

/** Sends the same requests each way in turn, and looks into the ledger after each slice of ours. */
export async function benchGateways(
  options: BenchOptions,
  context: { workspace: Workspace; installFolder: string; note: (line: string) => void },
): Promise<GatewayReport> {
  const { workspace, installFolder, note } = context;
  const upstream = startChild(workspace, {
    name: "the echo model",
    program: Deno.execPath(),
    args: ["run", "--allow-net", pathInProject("scripts/bench/load/echo-upstream.ts")],
  });
  const upstreamUrl = await upstream.line((line) => line.startsWith("http://"));
  const portkey = await startPortkey(workspace, installFolder, note);
  note("  starting a stack of its own");
  const stack = await startBenchStack(workspace, {
    folder: join(await workspace.folder("stack"), "data"),
    upstreamUrl,
    clients: Math.max(...clientCounts),
  });
  const { sql, environment, tokens, models } = stack;

  const senders: Record<Way, (stream: boolean) => Send> = {
    direct: (stream) =>
      sender(`${upstreamUrl}/chat/completions`, () => ({}), () => "echo-1", stream),
    portkey: (stream) =>
      sender(
        `${portkey.baseUrl}/chat/completions`,
        () => portkeyHeaders(upstreamUrl),
        () => "echo-1",
        stream,
      ),
    agentbase: (stream) =>
      sender(
        `${environment.FUNCTIONS_URL}/chat/completions`,
        (client) => ({ authorization: `Bearer ${tokens[client]}` }),
        (client) => models[client] ?? "",
        stream,
      ),
  };

  async function slice(way: Way, stream: boolean, clients: number): Promise<LoadResult> {
    const before = way === "agentbase" ? await readLedger(sql) : null;
    const result = await closedLoop({
      clients,
      seconds: options.seconds,
      send: senders[way](stream),
      isWhole: (text) => isWhole(text, stream),
    });
    const [failure] = result.failures;
    if (failure) throw new Error(`${way}: ${failure[1]} answers failed, first: ${failure[0]}`);
    if (before) await assertSettled(sql, before, result.timings.length);
    return result;
  }

  note("  warming up");
  for (const stream of [false, true]) for (const way of ways) await slice(way, stream, 4);
  stack.takeLog();

  const usage = createUsageMeter({
    "this gateway: functions and Data API": [
      "agentbase",
      stack.processes["functions and Data API"],
    ],
    "this gateway: Postgres": ["agentbase", stack.processes.Postgres],
    "this gateway: Redis": ["agentbase", stack.processes.Redis],
    "Portkey's gateway": ["portkey", portkey.pid],
  });
  const report: GatewayReport = {
    portkey: portkeyVersion,
    rows: [],
    ratioToPortkey: [],
    phases: [],
    processes: [],
    dataApi: await timeDataApi(environment, options.seconds),
    settledTurns: 0,
  };
  for (const clients of clientCounts) {
    for (const stream of [false, true]) {
      const results: Record<Way, LoadResult[]> = { direct: [], agentbase: [], portkey: [] };
      for (let round = 1; round <= options.rounds; round++) {
        for (const way of ways) {
          await usage.before(way);
          const result = await slice(way, stream, clients);
          await usage.after(way, result.timings.length);
          results[way].push(result);
        }
      }
      const rows = ways.map((way) => rowOf(way, stream, clients, results[way]));
      report.rows.push(...rows);
      const [ours, theirs] = [results.agentbase, results.portkey].map((series) =>
        series.map(perSecond)
      );
      report.ratioToPortkey.push({
        stream,
        clients,
        ratio: pairedRatio(ours ?? [], theirs ?? []),
      });
      if (clients === 1) {
        report.phases.push(...phasesOf(stack.takeLog(), results.agentbase, stream));
      }
      note(
        `  ${clients} ${clients === 1 ? "client" : "clients"}, ${stream ? "streamed" : "whole"}: ${
          rows.map(({ way, perSecond }) => `${way} ${perSecond.toFixed(0)}/s`).join("  ")
        }`,
      );
    }
  }
  report.processes = await usage.report();
  report.settledTurns = (await readLedger(sql)).turns;
  return report;
}

function sender(
  url: string,
  headers: (client: number) => Record<string, string>,
  model: (client: number) => string,
  stream: boolean,
): Send {
  return (client) =>
    fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers(client) },
      body: requestBody(model(client), stream),
    });
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

/** Adds up what processes use while the slices of their way run. */
function createUsageMeter(watched: Record<string, readonly [Way, number | null]>) {
  const spent = new Map<string, number>();
  const turns = new Map<Way, number>();
  let marks = new Map<string, number>();
  const of = (way: Way) =>
    Object.entries(watched).flatMap(([name, [of, processId]]) =>
      of === way && processId !== null ? [{ name, processId }] : []
    );
  return {
    async before(way: Way): Promise<void> {
      marks = new Map();
      for (const { name, processId } of of(way)) {
        const usage = await readUsage(processId);
        if (usage) marks.set(name, usage.cpuSeconds);
      }
    },
    async after(way: Way, count: number): Promise<void> {
      turns.set(way, (turns.get(way) ?? 0) + count);
      for (const { name, processId } of of(way)) {
        const usage = await readUsage(processId);
        const mark = marks.get(name);
        if (!usage || mark === undefined) continue;
        spent.set(name, (spent.get(name) ?? 0) + usage.cpuSeconds - mark);
      }
    },
    async report(): Promise<GatewayReport["processes"]> {
      const report: GatewayReport["processes"] = [];
      for (const [name, [way, processId]] of Object.entries(watched)) {
        if (processId === null) continue;
        const usage = await readUsage(processId);
        const cpu = spent.get(name);
        report.push({
          name,
          cpuPerTurn: cpu === undefined ? null : cpu * 1000 / (turns.get(way) ?? NaN),
          peakBytes: usage?.peakBytes ?? null,
        });
      }
      return report;
    },
  };
}
