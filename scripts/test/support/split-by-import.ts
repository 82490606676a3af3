import { dirname, join, relative } from "node:path/posix";
import { walkFiles } from "../layout/walk-files.ts";

/**
 * Files of tests at or below some paths: those that import something of a module, themselves or by
 * their support files, and the others.
 *
 * @param module The path of the module, relative to the root.
 */
export async function splitByImport(
  root: string,
  paths: readonly string[],
  module: RegExp,
): Promise<{ importing: string[]; others: string[] }> {
  const [importing, others]: [string[], string[]] = [[], []];
  for (const given of paths) {
    const found = given.endsWith(".ts") ? [join(root, given)] : await walkFiles(join(root, given));
    for (const path of found) {
      if (!path.endsWith("_test.ts")) continue;
      const file = relative(root, path);
      (await imports(root, file, module) ? importing : others).push(file);
    }
  }
  return { importing, others };
}

/** Whether a file imports the module, and not only its types. */
async function imports(root: string, file: string, module: RegExp): Promise<boolean> {
  const source = await Deno.readTextFile(join(root, file));
  const values = source.matchAll(/^(?:import|export) (?!type\b)[^;]*?from "(\.[^"]+)"/gm);
  for (const [, specifier = ""] of values) {
    const imported = join(dirname(file), specifier);
    if (module.test(imported)) return true;
    const isSupport = imported.startsWith("tests/") && imported.includes("/support/");
    if (isSupport && await imports(root, imported, module)) return true;
  }
  return false;
}
