import { dirname, join, relative } from "node:path/posix";
import { walkFiles } from "./walk-files.ts";

/** Folders whose files may import each other, but not in a cycle. */
const FOLDERS: readonly string[] = ["functions", "scripts", "tests", "widget", "examples"];

/** An import or export of another file of the project; importing types alone counts too. */
const IMPORT = /^(?:import|export)\b[^;"']*?\bfrom "(\.[^"]+)"|^import "(\.[^"]+)"/gm;

/** Files that import themselves through others: one line for each cycle. */
export async function findImportCycles(root: string): Promise<string[]> {
  const imports = await readImports(root);
  const found = new Map<string, string>();
  for (const file of imports.keys()) {
    const way = wayBack(imports, file);
    const key = [...way].sort().join();
    if (way.length > 0 && !found.has(key)) found.set(key, [...way, file].join(" imports "));
  }
  return [...found.values()];
}

async function readImports(root: string): Promise<Map<string, string[]>> {
  const imports = new Map<string, string[]>();
  for (const folder of FOLDERS) {
    for (const path of await walkFiles(join(root, folder)).catch(() => [])) {
      if (!/\.tsx?$/.test(path) || path.includes("/node_modules/")) continue;
      const file = relative(root, path);
      const source = await Deno.readTextFile(path);
      const specifiers = [...source.matchAll(IMPORT)].map(([, from, whole]) => from ?? whole ?? "");
      imports.set(file, specifiers.map((specifier) => join(dirname(file), specifier)));
    }
  }
  return imports;
}

/** The files on the shortest way of imports from a file back to it; none if there is no way. */
function wayBack(imports: ReadonlyMap<string, readonly string[]>, start: string): string[] {
  const importers = new Map<string, string | null>([[start, null]]);
  for (const file of importers.keys()) {
    for (const imported of imports.get(file) ?? []) {
      if (imported === start) return chain(importers, file);
      if (!importers.has(imported)) importers.set(imported, file);
    }
  }
  return [];
}

function chain(importers: ReadonlyMap<string, string | null>, last: string): string[] {
  const way: string[] = [];
  for (let file: string | null = last; file !== null; file = importers.get(file) ?? null) {
    way.unshift(file);
  }
  return way;
}
