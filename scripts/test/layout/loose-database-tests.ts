import { join, relative } from "node:path";
import { walkFiles } from "./walk-files.ts";

/** SQL files in `tests/database` that are no helper and do not lie at `<area>/<subject>/<claim>.sql`. */
export async function findLooseDatabaseTests(root: string): Promise<string[]> {
  const folder = join(root, "tests", "database");
  const files = (await walkFiles(folder)).map((file) => relative(folder, file));
  return files
    .filter((file) => file.endsWith(".sql") && !file.startsWith("_helpers/"))
    .filter((file) => !/^([a-z0-9_]+\/){2}[a-z0-9_]+\.sql$/.test(file))
    .map((file) => `tests/database/${file} is never run. Move it to <area>/<subject>/<claim>.sql`);
}
