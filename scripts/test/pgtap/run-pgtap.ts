import { join, relative } from "node:path";
import { walkFiles } from "../layout/walk-files.ts";
import { record, type Results } from "../results.ts";
import { type FileResult, runPgtapFile } from "./pgtap-file.ts";

export interface PgtapRun {
  /** Folder of the tests; its `_helpers` are loaded by others. */
  folder: string;
  /** The role that the files start as. */
  url: string;
  /** Run only files whose path contains this. */
  match: string | null;
  results: Results;
}

/**
 * Runs every pgTAP file of a folder, one after the other, each in a transaction that is rolled
 * back. In parallel they would wait for each other's locks on the same few users, and some would
 * time out.
 */
export async function runPgtap({ folder, url, match, results }: PgtapRun): Promise<void> {
  const files = (await walkFiles(folder))
    .map((path) => relative(folder, path))
    .filter((file) => file.endsWith(".sql") && !file.startsWith("_helpers/"))
    .filter((file) => match === null || file.includes(match));
  if (files.length === 0 && match === null) {
    record(results, "pgTAP", ["tests/database has no test"]);
  }
  for (const file of files) {
    count(results, file, await runPgtapFile(url, await Deno.readTextFile(join(folder, file))));
  }
}

function count(results: Results, file: string, result: FileResult): void {
  for (const { passed, name, diagnostics } of result.assertions) {
    if (passed) results.passed += 1;
    else results.failures.push({ name: `${file}: ${name}`, detail: diagnostics.join("\n") });
  }
  if (result.problem !== null) results.failures.push({ name: file, detail: result.problem });
}
