import { join } from "node:path";
import { migrationFiles } from "./migration-files.ts";

const page = "docs/architecture.md";

/** Migrations whose chapter is not in the table of docs/architecture.md. */
export async function findUnlistedChapters(root: string): Promise<string[]> {
  const text = await Deno.readTextFile(join(root, page));
  return (await migrationFiles(root)).flatMap(({ path }) => {
    const chapter = /\d+_(\w+)\.sql$/.exec(path)?.[1] ?? path;
    return text.includes(`\`${chapter}\``) ? [] : [`${page} does not list the chapter ${chapter}`];
  });
}
