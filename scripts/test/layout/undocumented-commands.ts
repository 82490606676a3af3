import { join } from "node:path";
import { z } from "zod";

const manifest = z.object({ scripts: z.record(z.string(), z.string()) });

/** Commands of package.json that the README's table lacks, and rows of it that are no command. */
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
  ];
}
