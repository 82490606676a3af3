import { dirname, join, relative } from "node:path/posix";
import { z } from "zod";
import { walkFiles } from "./walk-files.ts";

const importMap = "functions/deno.json";

const importMapSchema = z.object({ imports: z.record(z.string(), z.string()) });
const packageSchema = z.object({ dependencies: z.record(z.string(), z.string()) });

/**
 * What functions import although a deployment does not send it: packages that functions/deno.json
 * does not name, files outside functions/, modules by URL. And packages there in another version
 * than in package.json, which is what the tests run with.
 */
export async function findUnshippedImports(root: string): Promise<string[]> {
  const read = async (file: string) => JSON.parse(await Deno.readTextFile(join(root, file)));
  const { imports } = importMapSchema.parse(await read(importMap));
  const { dependencies } = packageSchema.parse(await read("package.json"));
  const problems = differingVersions(imports, dependencies);
  for (const path of await walkFiles(join(root, "functions"))) {
    const file = relative(root, path);
    if (!file.endsWith(".ts")) continue;
    for (const specifier of specifiersOf(await Deno.readTextFile(path))) {
      if (!isShipped(file, specifier, imports)) {
        problems.push(`${file} imports "${specifier}", which is not deployed with it`);
      }
    }
  }
  return problems;
}

function differingVersions(
  imports: Record<string, string>,
  dependencies: Record<string, string>,
): string[] {
  const names = new Set([...Object.keys(imports), ...Object.keys(dependencies)]);
  return [...names].sort().flatMap((name) => {
    const [mapped, installed] = [imports[name], dependencies[name]];
    if (mapped === `npm:${name}@${installed}`) return [];
    return [`${importMap} has ${name} as ${mapped}, package.json as dependency ${installed}`];
  });
}

/** What a source file names after `from`, `import` and in `import("…")`. */
function specifiersOf(source: string): string[] {
  const statements = /(?:\bfrom|^import|\bimport\()\s*"([^"\n]+)"/gm;
  return [...source.matchAll(statements)].map(([, specifier = ""]) => specifier);
}

function isShipped(file: string, specifier: string, imports: Record<string, string>): boolean {
  if (specifier.startsWith("node:")) return true;
  if (specifier.startsWith(".")) return join(dirname(file), specifier).startsWith("functions/");
  return specifier in imports;
}
