import { join, relative } from "node:path";
import { walkFiles } from "../layout/walk-files.ts";
import type { Lane } from "./lane.ts";

/** A pgTAP file, and its result on the unchanged database. */
export interface TestFile {
  /** Path beneath `tests/database`. */
  path: string;
  text: string;
  milliseconds: number;
  /** What fails already without a mutant, and so proves nothing; empty for a sound file. */
  failures: string[];
}

/** Reads the pgTAP files whose path contains a text, and runs each once on the unchanged database. */
export async function readSuite(
  root: string,
  lanes: readonly Lane[],
  match: string,
): Promise<TestFile[]> {
  const folder = join(root, "tests", "database");
  const paths = (await walkFiles(folder))
    .map((path) => relative(folder, path))
    .filter((path) =>
      path.endsWith(".sql") && !path.startsWith("_helpers/") && path.includes(match)
    );
  const suite: TestFile[] = [];
  const queue = [...paths];
  await Promise.all(lanes.map(async (lane) => {
    for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
      const text = await Deno.readTextFile(join(folder, path));
      const started = performance.now();
      const failures = await lane.run(text, null);
      const milliseconds = performance.now() - started;
      suite.push({ path, text, milliseconds, failures });
    }
  }));
  return suite;
}
