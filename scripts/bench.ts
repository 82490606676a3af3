/**
 * `npm run bench:chat` measures chat beside its alternatives, `npm run bench:analytics` the usage
 * analytics on a large ledger, `npm run bench:partitions` tables cut into months; each in one run,
 * which ends with the tables. The exit code is 1 when something could not be measured, 130 after
 * Ctrl-C.
 */
import { join } from "node:path";
import { benchAnalytics } from "./bench/analytics/bench.ts";
import { analyticsMarkdown } from "./bench/analytics/markdown.ts";
import {
  analyticsHelp,
  type AnalyticsOptions,
  dataFolder,
  parseAnalyticsOptions,
} from "./bench/analytics/options.ts";
import { benchDatabase } from "./bench/database/bench.ts";
import { benchFunction } from "./bench/function/bench.ts";
import { benchGateways } from "./bench/gateways/bench.ts";
import { benchHelp, type BenchOptions, parseBenchOptions } from "./bench/options.ts";
import { benchPartitions } from "./bench/partitions/bench.ts";
import { type BenchReport, markdown } from "./bench/report/markdown.ts";
import { withNumbers } from "./bench/report/page.ts";
import { CommandError } from "./common/command-error.ts";
import { explain } from "./common/explain.ts";
import { pathInProject } from "./common/path-in-project.ts";
import { readSettings } from "./stack/settings.ts";
import { openWorkspace, type Workspace } from "./testing/workspace.ts";

const page = pathInProject("docs/benchmarks.md");

/** What is measured, and how its report is made. */
interface Bench {
  help: string | null;
  /** Whether docs/benchmarks.md gets the numbers. */
  write: boolean;
  /** Measures, and returns the tables. */
  run(workspace: Workspace): Promise<string>;
}

const note = (line: string) => console.log(line);

/** What every report says of its run. */
function circumstances() {
  return {
    day: new Date().toISOString().slice(0, 10),
    machine: `${Deno.build.os}, ${navigator.hardwareConcurrency} processors`,
    loadBefore: Deno.loadavg()[0] ?? NaN,
  };
}

async function measureChat(options: BenchOptions, workspace: Workspace): Promise<string> {
  const { folder } = readSettings(Deno.env.toObject());
  const report: BenchReport = {
    ...circumstances(),
    seconds: options.seconds,
    rounds: options.rounds,
    database: null,
    function: null,
    gateways: null,
  };
  for (const part of options.parts) {
    note(`\n${part}`);
    if (part === "database") report.database = await benchDatabase(options, workspace, note);
    if (part === "function") report.function = await benchFunction(options, workspace, note);
    if (part === "gateways") {
      const installFolder = join(folder, "bench", "portkey");
      report.gateways = await benchGateways(options, { workspace, installFolder, note });
    }
  }
  return markdown(report);
}

async function measureAnalytics(options: AnalyticsOptions, workspace: Workspace): Promise<string> {
  const folder = dataFolder(options, readSettings(Deno.env.toObject()).folder);
  const report = {
    ...circumstances(),
    rounds: options.rounds,
    sizes: await benchAnalytics(options, folder, workspace, note),
  };
  if (options.json !== null) {
    await Deno.writeTextFile(options.json, JSON.stringify(report, null, 2));
  }
  return analyticsMarkdown(report);
}

function benchOf(command: string | undefined, args: readonly string[]): Bench {
  if (command === "chat") {
    const options = parseBenchOptions(args);
    return {
      help: options.help ? benchHelp : null,
      write: options.write,
      run: (workspace) => measureChat(options, workspace),
    };
  }
  if (command === "analytics") {
    const options = parseAnalyticsOptions(args);
    return {
      help: options.help ? analyticsHelp : null,
      write: options.write,
      run: (workspace) => measureAnalytics(options, workspace),
    };
  }
  if (command === "partitions") {
    // Its table is in docs/decisions/partitions.md.
    return { help: null, write: false, run: (workspace) => benchPartitions(workspace, note) };
  }
  throw new CommandError(
    `Cannot measure "${command ?? ""}": "chat", "analytics" and "partitions" are known.`,
  );
}

/** Puts the numbers into the page and formats it as every file is. */
async function writePage(command: string, numbers: string): Promise<void> {
  await Deno.writeTextFile(page, withNumbers(await Deno.readTextFile(page), command, numbers));
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", page],
    cwd: pathInProject("."),
  }).output();
  if (!success) throw new CommandError(`Cannot format "docs/benchmarks.md": deno fmt failed.`);
}

async function main(): Promise<number> {
  const [command, ...args] = Deno.args;
  const bench = benchOf(command, args);
  if (bench.help !== null) {
    console.log(bench.help);
    return 0;
  }
  const startedAt = performance.now();
  const workspace = await openWorkspace();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => void workspace.close().finally(() => Deno.exit(130)));
  }
  try {
    const numbers = await bench.run(workspace);
    console.log(`\n${numbers}\n`);
    if (bench.write) await writePage(command ?? "", numbers);
    console.log(`Took ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
    return 0;
  } finally {
    await workspace.close();
  }
}

try {
  Deno.exit(await main());
} catch (error) {
  console.error(explain(error));
  Deno.exit(1);
}
