import { join } from "node:path";
import { z } from "zod";
import { projectFiles } from "./project-files.ts";

const manifest = z.object({ scripts: z.record(z.string(), z.string()) });

/** Pages about the past, and folders with commands of their own. */
const excepted = /^(?:CHANGELOG\.md|examples\/)/;

/**
 * Commands of package.json that the README's table lacks, rows of it that are no command, and
 * commands that pages name and that do not exist.
 */
export async function findUndocumentedCommands(root: string): Promise<string[]> {
  const { scripts } = manifest.parse(
    JSON.parse(await Deno.readTextFile(join(root, "package.json"))),
  );
  const readme = await Deno.readTextFile(join(root, "README.md"));
  const rows = [...readme.matchAll(/^\| `npm (?:run )?([\w:-]+)` /gm)].map(([, name = ""]) => name);
  return [
    ...Object.keys(scripts).filter((name) => !rows.includes(name))
      .map((name) => `README.md has no row for the command "${name}" of package.json`),
    ...rows.filter((name) => !Object.hasOwn(scripts, name))
      .map((name) => `README.md has a row for "${name}", which is no command of package.json`),
    ...await findUnknownCommands(root, scripts),
  ];
}

async function findUnknownCommands(
  root: string,
  scripts: Record<string, string>,
): Promise<string[]> {
  const problems: string[] = [];
  for (const page of await projectFiles(root)) {
    if (!page.endsWith(".md") || excepted.test(page)) continue;
    const text = await Deno.readTextFile(join(root, page));
    const named = new Set([...text.matchAll(/\bnpm run ([\w:-]+)/g)].map(([, name = ""]) => name));
    for (const name of named) {
      if (!Object.hasOwn(scripts, name)) {
        problems.push(`${page} names "npm run ${name}", which is no command of package.json`);
      }
    }
  }
  return problems;
}
