import { join, relative } from "node:path";
import { walkFiles } from "../layout/walk-files.ts";
import { record, type Tally } from "../tally.ts";
import { type FileResult, runPgtapFile } from "./pgtap-file.ts";

export interface PgtapRun {
  /** Folder of the tests; its `_helpers` are loaded by others. */
  folder: string;
  /** The role that the files start as. */
  url: string;
  /** Run only files whose path contains this. */
  match: string | null;
  tally: Tally;
}

/** Files at a time: more only wait for each other on a small machine. */
const lanes = 3;

/** Runs every pgTAP file of a folder, several at a time, each in a transaction that is rolled back. */
export async function runPgtap({ folder, url, match, tally }: PgtapRun): Promise<void> {
  const files = (await walkFiles(folder))
    .map((path) => relative(folder, path))
    .filter((file) => file.endsWith(".sql") && !file.startsWith("_helpers/"))
    .filter((file) => match === null || file.includes(match));
  if (files.length === 0 && match === null) {
    record(tally, "pgTAP", ["There is no test in tests/database"]);
  }

  const queue = [...files];
  const again: string[] = [];
  const run = async (file: string) =>
    await runPgtapFile(url, await Deno.readTextFile(join(folder, file)));
  const work = async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const result = await run(file);
      if (result.deadlocked) again.push(file);
      else count(tally, file, result);
    }
  };
  await Promise.all(Array.from({ length: lanes }, work));

  // Two files whose locks crossed say nothing about the product; each gets the database to itself.
  for (const file of again) count(tally, file, await run(file));
  if (again.length > 0) tally.notes.push(`run again alone after a deadlock: ${again.join(", ")}`);
}

function count(tally: Tally, file: string, result: FileResult): void {
  for (const { passed, name, diagnostics } of result.assertions) {
    if (passed) tally.passed += 1;
    else tally.failures.push({ name: `${file}: ${name}`, detail: diagnostics.join("\n") });
  }
  if (result.problem !== null) tally.failures.push({ name: file, detail: result.problem });
}
