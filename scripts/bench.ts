/**
 * `npm run bench:chat`: measures chat beside its alternatives, in one run, and ends with the tables.
 * The exit code is 1 when something could not be measured, 130 after Ctrl-C.
 */
import { join } from "node:path";
import { benchDatabase } from "./bench/database/bench.ts";
import { benchFunction } from "./bench/function/bench.ts";
import { benchGateways } from "./bench/gateways/bench.ts";
import { benchHelp, type BenchOptions, parseBenchOptions } from "./bench/options.ts";
import { benchPartitions } from "./bench/partitions/bench.ts";
import { type BenchReport, markdown } from "./bench/report/markdown.ts";
import { withNumbers } from "./bench/report/page.ts";
import { explain } from "./stack/explain.ts";
import { pathFromHere } from "./stack/path-from-here.ts";
import { readSettings } from "./stack/settings.ts";
import { StackError } from "./stack/stack-error.ts";
import { openWorkspace, type Workspace } from "./testing/workspace.ts";

const page = pathFromHere("../../docs/benchmarks.md");

async function bench(options: BenchOptions, workspace: Workspace): Promise<BenchReport> {
  const note = (line: string) => console.log(line);
  const { folder } = readSettings(Deno.env.toObject());
  const report: BenchReport = {
    day: new Date().toISOString().slice(0, 10),
    seconds: options.seconds,
    rounds: options.rounds,
    machine: `${Deno.build.os}, ${navigator.hardwareConcurrency} processors`,
    loadBefore: Deno.loadavg()[0] ?? NaN,
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
  return report;
}

/** Puts the numbers into the page and formats it as every file is. */
async function writePage(numbers: string): Promise<void> {
  await Deno.writeTextFile(page, withNumbers(await Deno.readTextFile(page), numbers));
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", page],
    cwd: pathFromHere("../.."),
  }).output();
  if (!success) throw new StackError(`Cannot format "docs/benchmarks.md": deno fmt failed.`);
}

/** `npm run bench:partitions`: prints the table of docs/decisions/partitions.md. */
async function measurePartitions(): Promise<number> {
  const workspace = await openWorkspace();
  try {
    console.log(`\n${await benchPartitions(workspace, (line) => console.log(line))}`);
    return 0;
  } finally {
    await workspace.close();
  }
}

async function main(): Promise<number> {
  const [command, ...args] = Deno.args;
  if (command === "partitions") return await measurePartitions();
  if (command !== "chat") {
    throw new StackError(`Cannot measure "${command ?? ""}": "chat" and "partitions" are known.`);
  }
  const options = parseBenchOptions(args);
  if (options.help) {
    console.log(benchHelp);
    return 0;
  }
  const startedAt = performance.now();
  const workspace = await openWorkspace();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => void workspace.close().finally(() => Deno.exit(130)));
  }
  try {
    const numbers = markdown(await bench(options, workspace));
    console.log(`\n${numbers}\n`);
    if (options.write) await writePage(numbers);
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
