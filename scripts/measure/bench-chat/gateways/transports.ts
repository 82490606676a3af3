import { join } from "node:path";
import { pathInProject } from "../../../common/path-in-project.ts";
import type { Workspace } from "../../../common/workspace.ts";
import { startChild } from "../../common/child-process.ts";
import { median, pairedRatio, percentile } from "../../common/statistics.ts";
import { closedLoop, type LoadResult } from "../load/closed-loop.ts";
import type { BenchOptions } from "../options.ts";
import { isWhole } from "../question.ts";
import { assertSettled, readLedger } from "./settled-turns.ts";
import { type BenchStack, startBenchStack } from "./stack.ts";
import { createUsageMeter, type ProcessUsage } from "./usage-meter.ts";
import { sendTo } from "./ways.ts";

/** How the functions reach the database: what DATABASE_ACCESS says. */
const transports = ["direct", "data-api"] as const;
type Transport = typeof transports[number];

/** Whole answers over both transports, at one number of clients. Times in milliseconds. */
export interface TransportRow {
  clients: number;
  perSecond: Record<Transport, number>;
  lastByte: Record<Transport, { p50: number; p99: number }>;
  /** Turns a second over direct connections beside the Data API, by pairs. */
  ratio: number;
}

/** What this part of the benchmark found out. */
export interface TransportReport {
  rows: TransportRow[];
  processes: ProcessUsage[];
}

const clientCounts = [1, 16, 64];

/** Sends the same requests to two stacks in turn, which differ in how their functions reach Postgres. */
export async function benchTransports(
  options: BenchOptions,
  { workspace, note }: { workspace: Workspace; note: (line: string) => void },
): Promise<TransportReport> {
  const upstream = startChild(workspace, {
    name: "the echo model",
    program: Deno.execPath(),
    args: ["run", "--allow-net", pathInProject("scripts/measure/bench-chat/load/echo-upstream.ts")],
  });
  const upstreamUrl = await upstream.line((line) => line.startsWith("http://"));
  const start = async (transport: Transport) =>
    await startBenchStack(workspace, {
      folder: join(await workspace.folder(`stack-${transport}`), "data"),
      upstreamUrl,
      clients: Math.max(...clientCounts),
      env: { DATABASE_ACCESS: transport },
    });
  const stacks = { direct: await start("direct"), "data-api": await start("data-api") };
  const usage = createUsageMeter({
    "direct: functions": [
      "direct",
      stacks.direct.processes["functions and Data API"],
      "process",
    ],
    "direct: Postgres": ["direct", stacks.direct.processes.Postgres, "family"],
    "Data API: functions and Data API": [
      "data-api",
      stacks["data-api"].processes["functions and Data API"],
      "process",
    ],
    "Data API: Postgres": ["data-api", stacks["data-api"].processes.Postgres, "family"],
  });
  for (const transport of transports) await takeSlice(stacks[transport], options.seconds, 4);

  const rows: TransportRow[] = [];
  for (const clients of clientCounts) {
    const results: Record<Transport, LoadResult[]> = { direct: [], "data-api": [] };
    for (let round = 1; round <= options.rounds; round++) {
      for (const transport of transports) {
        await usage.before(transport);
        const result = await takeSlice(stacks[transport], options.seconds, clients);
        await usage.after(transport, result.timings.length);
        results[transport].push(result);
      }
    }
    const row = rowOf(clients, results);
    rows.push(row);
    const { direct, "data-api": dataApi } = row.perSecond;
    note(`  ${clients} clients: direct ${direct.toFixed(0)}/s  Data API ${dataApi.toFixed(0)}/s`);
  }
  return { rows, processes: await usage.report() };
}

/** Keeps clients busy for the length of a slice; throws unless each answer is whole and each turn settled. */
async function takeSlice(
  { environment, tokens, models, sql }: BenchStack,
  seconds: number,
  clients: number,
): Promise<LoadResult> {
  const before = await readLedger(sql);
  const result = await closedLoop({
    clients,
    seconds,
    send: sendTo(
      `${environment.FUNCTIONS_URL}/chat/completions`,
      (client) => ({ authorization: `Bearer ${tokens[client]}` }),
      (client) => models[client] ?? "",
      false,
    ),
    isWhole: (text) => isWhole(text, false),
  });
  const [failure] = result.failures;
  if (failure) throw new Error(`${failure[1]} answers failed, first: ${failure[0]}`);
  await assertSettled(sql, before, result.timings.length);
  return result;
}

function rowOf(clients: number, results: Record<Transport, LoadResult[]>): TransportRow {
  const rates = (transport: Transport) =>
    results[transport].map(({ timings, seconds }) => timings.length / seconds);
  const times = (transport: Transport) => {
    const values = results[transport].flatMap(({ timings }) =>
      timings.map(({ lastByte }) => lastByte)
    );
    return { p50: percentile(values, 0.5), p99: percentile(values, 0.99) };
  };
  return {
    clients,
    perSecond: { direct: median(rates("direct")), "data-api": median(rates("data-api")) },
    lastByte: { direct: times("direct"), "data-api": times("data-api") },
    ratio: pairedRatio(rates("direct"), rates("data-api")),
  };
}
