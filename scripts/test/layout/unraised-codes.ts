import { join } from "node:path";
import { migrationFiles } from "./migration-files.ts";
import { projectFiles } from "./project-files.ts";

const registry = /_errors\.sql$/;
const listed = /^functions\/(?:_shared\/core\/error_codes|[^_/]+\/operations)\.ts$/;

/**
 * Error codes of the registry that are raised nowhere: neither `private.refuse()` nor a function names
 * them. That a code which is raised is registered is checked by the compiler and in the database.
 */
export async function findUnraisedCodes(root: string): Promise<string[]> {
  const migrations = await migrationFiles(root);
  const chapter = migrations.find(({ path }) => registry.test(path));
  if (!chapter) return ["there is no registry of error codes in migrations/"];
  const codes = [...chapter.sql.matchAll(/^ {2}\('([a-z0-9_]+)', \d{3},/gm)]
    .flatMap(([, code]) => code ?? []);
  const raised = new Set<string>();
  for (const { path, sql } of migrations) {
    if (registry.test(path)) continue;
    for (const [, code = ""] of sql.matchAll(/private\.refuse\(\s*'([a-z0-9_]+)'/g)) {
      raised.add(code);
    }
  }
  for (const path of await projectFiles(root)) {
    if (!/^functions\/.*\.ts$/.test(path) || listed.test(path)) continue;
    const text = await Deno.readTextFile(join(root, path));
    for (const [, code = ""] of text.matchAll(/"([a-z0-9_]+)"/g)) raised.add(code);
  }
  return codes.filter((code) => !raised.has(code)).map((code) =>
    `${chapter.path} lists ${code}, which is raised nowhere`
  );
}
