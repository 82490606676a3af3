import { dirname, join, relative } from "node:path/posix";
import { walkFiles } from "./walk-files.ts";

/** The rooms of `scripts/`, with those that they import from. Tests of a room may import any. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  common: [],
  stack: ["common"],
  cli: ["common", "stack"],
  test: ["common", "stack", "generate"],
  generate: ["common", "stack", "test"],
  measure: ["common", "stack", "test"],
};

/** Imports between rooms of `scripts/` that are not allowed, and files that are in no room. */
export async function findScriptImports(root: string): Promise<string[]> {
  const problems: string[] = [];
  for (const path of await walkFiles(join(root, "scripts"))) {
    const file = relative(root, path);
    const [, room = ""] = file.split("/");
    if (!file.endsWith(".ts") || file.endsWith("_test.ts")) continue;
    const allowed = MAY_IMPORT[room];
    if (allowed === undefined) {
      problems.push(`${file} lies in no room of scripts/`);
      continue;
    }
    const source = await Deno.readTextFile(path);
    for (const [, specifier = ""] of source.matchAll(/\bfrom "(\.[^"]+)"/g)) {
      const imported = join(dirname(file), specifier);
      const [folder, other = ""] = imported.split("/");
      if (folder === "scripts" && other !== room && !allowed.includes(other)) {
        problems.push(`${file} imports ${imported}`);
      }
    }
  }
  return problems;
}
