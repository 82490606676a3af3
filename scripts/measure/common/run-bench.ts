import { CommandError } from "../../common/command-error.ts";
import { pathInProject } from "../../common/path-in-project.ts";
import { inWorkspace, type Workspace } from "../../common/workspace.ts";
import { withNumbers } from "./page.ts";

/** One benchmark: where its results are written, and how it measures. */
export interface Bench {
  /** The part of docs/benchmarks.md that gets the numbers; null: they are only printed. */
  section: string | null;
  /** Measures, and returns the tables. */
  run(workspace: Workspace): Promise<string>;
}

const page = pathInProject("docs/benchmarks.md");

/** What every report states about its run. */
export interface Circumstances {
  day: string;
  machine: string;
  /** Load average of the minute before the run. */
  loadBefore: number;
}

/** The circumstances of a run that begins now. */
export function circumstances(): Circumstances {
  return {
    day: new Date().toISOString().slice(0, 10),
    machine: `${Deno.build.os}, ${navigator.hardwareConcurrency} processors`,
    loadBefore: Deno.loadavg()[0] ?? NaN,
  };
}

/** Runs a benchmark to its end, and prints its tables. */
export async function runBench({ section, run }: Bench): Promise<void> {
  const startedAt = performance.now();
  await inWorkspace(async (workspace) => {
    const numbers = await run(workspace);
    console.log(`\n${numbers}\n`);
    if (section !== null) await writePage(section, numbers);
    console.log(`Took ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
  });
}

/** Puts the numbers into the page and formats it as every file is. */
async function writePage(section: string, numbers: string): Promise<void> {
  await Deno.writeTextFile(page, withNumbers(await Deno.readTextFile(page), section, numbers));
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", page],
    cwd: pathInProject("."),
  }).output();
  if (!success) throw new CommandError(`Cannot format "docs/benchmarks.md": deno fmt failed.`);
}
